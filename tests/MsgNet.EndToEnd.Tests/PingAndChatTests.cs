namespace MsgNet.EndToEnd;

public sealed class PingAndChatTests
{
    [Fact]
    [Covers("CLI-051", "CLI-052")]
    public async Task Every_host_answers_pings()
    {
        await using var listener = Msgnet.Start("listen", "--protocol", "/t/1", "--listen", "/ip4/127.0.0.1/udp/0", "--json");
        var address = listener.ReadAddress();

        var result = (await Msgnet.Run("ping", address, "-c", "3", "-i", "0.01", "--size", "1k", "--json")).Expect(0);

        Assert.Equal(["pong", "pong", "pong", "summary"], result.Events.Select(line => line.Text("event")));
        Assert.Equal([0, 1, 2], result.Events.Take(3).Select(line => line.Number("sequence")));
        Assert.All(result.Events.Take(3), line => Assert.Equal(["event", "sequence", "rttMicroseconds"], line.Names()));
        var summary = result.Events[3];
        Assert.Equal(["event", "sent", "received", "minMicroseconds", "medianMicroseconds", "p99Microseconds"], summary.Names());
        Assert.Equal((3, 3), (summary.Number("sent"), summary.Number("received")));
        var times = result.Events.Take(3).Select(line => line.Number("rttMicroseconds")).Order().ToArray();
        long[] summarised = [summary.Number("minMicroseconds"), summary.Number("medianMicroseconds"), summary.Number("p99Microseconds")];
        Assert.Equal(times, summarised);
    }

    [Fact]
    [Covers("CLI-051", "CLI-052", "CLI-004")]
    public async Task A_ping_nobody_answers_is_a_failure()
    {
        string address;
        await using (var listener = Msgnet.Start("listen", "--protocol", "/t/1", "--listen", "/ip4/127.0.0.1/udp/0", "--json"))
            address = listener.ReadAddress();

        var result = (await Msgnet.Run("ping", address, "-c", "1", "--json")).Expect(1);

        Assert.Equal("""{"event":"summary","sent":1,"received":0}""", Assert.Single(result.Lines));
        Assert.Contains("cannot be reached", Assert.Single(result.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    [Covers("CLI-053")]
    public async Task Two_terminals_talk()
    {
        await using var alice = Msgnet.Start("chat", "--listen", "/ip4/127.0.0.1/udp/0", "--json");
        var address = alice.ReadAddress();
        await using var bob = Msgnet.Start("chat", address, "--json");

        await bob.Input.WriteLineAsync("hello alice");
        await bob.Input.FlushAsync();
        var heard = alice.ReadEvent();
        await alice.Input.WriteLineAsync("hello bob");
        await alice.Input.FlushAsync();
        var answer = bob.ReadEvent();

        Assert.Equal(["event", "from", "text"], heard.Names());
        Assert.Equal(("line", "hello alice"), (heard.Text("event"), heard.Text("text")));
        Assert.Equal((address.Split('/')[^1], "hello bob"), (answer.Text("from"), answer.Text("text")));

        alice.Input.Close();
        bob.Input.Close();
        (await alice.End()).Expect(0);
        (await bob.End()).Expect(0);
    }
}
