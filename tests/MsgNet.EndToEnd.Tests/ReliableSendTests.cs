namespace MsgNet.EndToEnd;

public sealed class ReliableSendTests
{
    private static readonly ProtocolId Protocol = "/t/1";

    [Theory]
    [Covers("CLI-045", "CLI-009")]
    [InlineData("reliable")]
    [InlineData("ordered")]
    public async Task It_ends_when_the_handler_is_done_with_the_last_message(string delivery)
    {
        await using var host = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        var (done, deliveries) = (0, new HashSet<Delivery>());
        host.SetMessageHandler(Protocol, async message =>
        {
            deliveries.Add(message.Delivery);
            await Task.Yield();
            done++;
        });

        var sent = (await Send(host, delivery, "--message", "hello", "--count", "500")).Expect(0);

        Assert.Equal(500, done);
        Assert.Equal([delivery == "ordered" ? Delivery.ReliableOrdered : Delivery.Reliable], deliveries);
        Assert.Equal((500, 2_500), (sent.Single("sent").Number("count"), sent.Single("sent").Number("bytes")));
        Assert.Equal(delivery, sent.Single("sent").Text("delivery"));
        Assert.Equal("", sent.Errors);
    }

    [Fact]
    [Covers("CLI-045", "CLI-003", "CLI-004")]
    public async Task A_handler_that_does_not_get_done_is_a_failure_that_says_what_to_do()
    {
        await using var host = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        var release = new TaskCompletionSource();
        host.SetMessageHandler(Protocol, _ => new ValueTask(release.Task));

        var result = (await Send(host, "ordered", "--message", "hello", "--timeout", "1s")).Expect(1);
        release.SetResult();

        const string told = "did not confirm a message within 1 s: its handler is still at work, or the peer is gone";
        Assert.Contains(told, result.Single("failed").Text("error"), StringComparison.Ordinal);
        Assert.Contains("longer --timeout", Assert.Single(result.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    [Covers("CLI-045")]
    public async Task Ordered_lines_arrive_in_order()
    {
        await using var listener = Msgnet.Start(
            "listen", "--protocol", Protocol.ToString(), "--listen", "/ip4/127.0.0.1/udp/0", "--count", "1000", "--json");
        var lines = Enumerable.Range(1, 1_000).Select(number => $"line {number}").ToArray();

        string[] arguments = ["send", listener.ReadAddress(), Protocol.ToString(), "-", "--delivery", "ordered", "--json"];
        (await Msgnet.RunWithInput(string.Join('\n', lines), arguments)).Expect(0);

        var heard = (await listener.End()).Expect(0).Events.Where(line => line.Text("event") == "message").ToArray();
        Assert.Equal(lines, heard.Select(line => line.Text("text")));
        Assert.All(heard, line => Assert.Equal("ordered", line.Text("delivery")));
    }

    [Fact]
    [Covers("CLI-045", "CLI-041")]
    public async Task A_file_larger_than_any_unreliable_message_arrives()
    {
        using var folder = new TemporaryFolder();
        var content = Enumerable.Range(0, 1 << 20).Select(index => (byte)(index * 31 >> 3)).ToArray();
        await File.WriteAllBytesAsync(folder.PathOf("file"), content);
        await using var host = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        byte[] received = [];
        host.SetMessageHandler(Protocol, message => received = message.Data.ToArray());

        (await Send(host, "reliable", "--file", folder.PathOf("file"))).Expect(0);

        Assert.Equal(content, received);
    }

    [Fact]
    [Covers("CLI-046")]
    public async Task A_larger_message_arrives_when_both_ends_allow_it()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.PathOf("file"), new byte[(2 << 20) + 1]);
        await using var listener = Msgnet.Start(
            "listen", "--protocol", $"{Protocol}", "--listen", "/ip4/127.0.0.1/udp/0", "--message-size-max", "4M", "--count", "1",
            "--json");
        string[] arguments =
            ["send", listener.ReadAddress(), $"{Protocol}", "--file", folder.PathOf("file"), "--delivery", "reliable", "--json"];

        // The sender's own limit comes first.
        var failed = (await Msgnet.Run(arguments)).Expect(1).Single("failed").Text("error");
        Assert.Contains("raise --message-size-max at both ends", failed, StringComparison.Ordinal);

        (await Msgnet.Run([.. arguments, "--message-size-max", "3M"])).Expect(0);
        var heard = (await listener.End()).Expect(0).Events.Single(line => line.Text("event") == "message");
        Assert.Equal((2 << 20) + 1, heard.Number("bytes"));
    }

    [Fact]
    [Covers("CLI-046")]
    public async Task A_message_larger_than_the_peer_takes_is_a_failure_that_says_where_to_raise_it()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.PathOf("file"), new byte[(1 << 20) + 1]);
        await using var host = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        host.SetMessageHandler(Protocol, _ => { });

        var failed = (await Send(host, "reliable", "--file", folder.PathOf("file"), "--message-size-max", "2M")).Expect(1);

        var error = failed.Single("failed").Text("error");
        Assert.Contains($"larger than {host.Id} takes; raise --message-size-max there", error, StringComparison.Ordinal);
    }

    [SkippableFact]
    [Covers("CLI-046")]
    public async Task A_file_without_end_is_read_no_further_than_the_largest_message()
    {
        Skip.IfNot(File.Exists("/dev/zero"), "There is no /dev/zero here.");
        await using var host = await MessageHost.Start("/ip4/127.0.0.1/udp/0");

        var failed = (await Send(host, "reliable", "--file", "/dev/zero")).Expect(1);

        Assert.Equal("msgnet: '/dev/zero' holds more than 16M, the largest message there is: send it in parts.", failed.Errors.TrimEnd());
    }

    [Fact]
    [Covers("CLI-045", "CLI-003")]
    public async Task A_protocol_that_nobody_handles_is_a_failure_that_says_so()
    {
        await using var host = await MessageHost.Start("/ip4/127.0.0.1/udp/0");

        var result = (await Send(host, "ordered", "--message", "hello")).Expect(1);

        Assert.Contains("does not", result.Single("failed").Text("error"), StringComparison.Ordinal);
    }

    [Theory]
    [Covers("CLI-045", "CLI-004")]
    [InlineData("reliable", "limit of 1048576 bytes for reliable delivery; send it in parts")]
    [InlineData("unreliable", "limit of 65535 bytes for unreliable delivery; send it with --delivery reliable")]
    public async Task A_message_above_the_limit_fails_with_its_size_and_what_to_do(string delivery, string advice)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.PathOf("file"), new byte[2_000_000]);
        await using var host = await MessageHost.Start("/ip4/127.0.0.1/udp/0");

        var result = (await Send(host, delivery, "--file", folder.PathOf("file"))).Expect(1);

        var error = result.Single("failed").Text("error");
        Assert.Contains("A message of 2000000 bytes is above the " + advice, error, StringComparison.Ordinal);
    }

    private static Task<Msgnet.Result> Send(MessageHost host, string delivery, params string[] arguments) => Msgnet.Run(
        ["send", host.Addresses[0].ToString(), Protocol.ToString(), "--delivery", delivery, "--json", .. arguments]);
}
