using System.Globalization;

namespace MsgNet.Messi.Tests;

/// <summary>
/// What a fake server did to the original's clients, done to ours: what the C client on Linux said and sent, and when. Ours pings at once
/// when it is connected, besides.
/// </summary>
public sealed class ClientScenarioTests
{
    private const string Hello = "020000020a0002000010120e0a044572696b120648656c6c6f2e";

    /// <summary>Those where the C client's defects, or Google's parser, make ours do otherwise; each has a test of its own below.</summary>
    private static readonly string[] Others =
        ["client.oversize_then_flood", "client.partial_then_close", "client.invalid_utf8", "client.refused"];

    public static TheoryData<string> Names => [.. VectorFile.Of("client_scenario")
        .Select(vector => vector.GetProperty("name").GetString()!).Where(name => !Others.Contains(name))];

    [Theory]
    [MemberData(nameof(Names))]
    [Covers("MESSI-013", "MESSI-033", "MESSI-038")]
    public async Task It_does_what_the_original_does(string name)
    {
        var parsed = VectorFile.Get("client_scenario", name).GetProperty("parsed").GetProperty("c_linux");
        var said = parsed.GetProperty("client_stdout").EnumerateArray().Select(line => line[1].GetString()!).ToList();
        // The last that it says is the end of the scenario, when the fake server is ended.
        said.RemoveAt(said.Count - 1);
        if (name is "client.close_at_once" or "client.late_pong")
            said = [.. parsed.GetProperty("client_stdout").EnumerateArray().Select(line => line[1].GetString()!)];

        using var server = new RawServer();
        await using var guest = Guest.Start(server.Compact, options =>
        {
            options.MessageSizeMax = 124;
            options.ReconnectDelayMax = options.ReconnectDelay;
        });
        var play = new Play(server, guest, said);
        foreach (var step in parsed.GetProperty("server_side").EnumerateArray())
            await play.Do(step[0].GetDouble(), step[1].GetString()!);
        await play.ExpectAll();
        play.Dispose();
    }

    [Fact]
    public void Those_that_differ_are_in_the_file()
        => Assert.Empty(Others.Except(VectorFile.Of("client_scenario").Select(vector => vector.GetProperty("name").GetString()!)));

    [Fact]
    [Covers("MESSI-018")]
    public async Task Oversize_then_flood()
    {
        using var server = new RawServer();
        await using var guest = Guest.Start(server.Compact, options => options.MessageSizeMax = 124);
        using (var peer = await Guest.Meet(server))
        {
            await peer.Send("02ffffff");
            Assert.Equal("", await peer.ReadToEnd());
        }

        await guest.Expect("Message too big.");
        guest.Time.Advance(1);
        using var next = await Guest.Meet(server);
        await next.Send(string.Concat(Enumerable.Repeat("41", 4000)));
        Assert.Equal("", await next.ReadToEnd());
        await guest.Expect("Message too big.");
    }

    [Fact]
    public async Task Partial_then_close()
    {
        using var server = new RawServer();
        await using var guest = Guest.Start(server.Compact);
        using (var peer = await Guest.Meet(server))
            await peer.Send("020000020a0002000010120e0a0445");
        await guest.Expect("Connected to the server.");
        await guest.Expect("Connection closed.");

        guest.Time.Advance(1);
        using var next = await Guest.Meet(server);
        await next.Send(Hello);
        await guest.Expect("Connected to the server.");
        await guest.Expect("<Erik> Hello.");
    }

    [Fact]
    public async Task Invalid_utf8()
    {
        using var server = new RawServer();
        await using var guest = Guest.Start(server.Compact);
        using var peer = await Guest.Meet(server);
        await peer.Send("020000020a000200000912070a02fffe120178");
        await guest.Expect("Connected to the server.");
        await guest.Expect("<\ufffd\ufffd> x");
    }

    [Fact]
    public async Task Refused()
    {
        var reserved = new RawServer();
        var port = reserved.Port;
        reserved.Dispose();
        await using var guest = Guest.Start($"tcp://127.0.0.1:{port}?wire=compact", options =>
            options.ReconnectDelayMax = options.ReconnectDelay);
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal(i, (await guest.Failures.Next()).Attempts);
            while (guest.Client.State != MessiClientState.WaitReconnect)
                await Task.Yield();
            if (i < 3)
                guest.Time.Advance(1);
        }

        using var server = new RawServer(port);
        guest.Time.Advance(1);
        using var peer = await Guest.Meet(server);
    }

    /// <summary>The fake server, step by step; the clock of the client follows that of the recording.</summary>
    private sealed class Play(RawServer server, Guest guest, List<string> said) : IDisposable
    {
        private RawPeer? peer;
        private double clock;
        private bool hasMet;
        private int sent;

        public async Task Do(double time, string step)
        {
            await MoveTo(time);
            var word = step.Split(' ');
            switch (word[0])
            {
                case "accept":
                    peer?.Dispose();
                    peer = await Guest.Meet(server);
                    hasMet = true;
                    sent = 0;
                    break;
                case "rx" when hasMet:
                    hasMet = false; // Its ConnectReq, which was read with the ping before it.
                    break;
                case "rx":
                    await peer!.Expect(word[1]);
                    break;
                case "tx":
                    await peer!.Send(word[1]);
                    sent += word[1].Length / 2;
                    break;
                case "reset":
                    await End(peer!.Reset);
                    break;
                case "closed":
                    await End(peer!.Dispose);
                    break;
                case "shutdown(WR)":
                    peer!.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
                    break;
                case "EOF":
                    Assert.Equal("", await peer!.ReadToEnd());
                    await End(peer.Dispose);
                    break;
                default:
                    Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"A step that nobody knows: {step}"));
                    break;
            }
        }

        public async Task ExpectAll()
        {
            foreach (var line in said)
                await guest.Expect(Short(line));
            said.Clear();
        }

        public void Dispose() => peer?.Dispose();

        private async Task End(Action close)
        {
            close();
            while (guest.Client.Link is not null)
                await Task.Yield();
        }

        // What was said until a second began has to be said before the clock goes on; pings and delays are on whole seconds.
        private async Task MoveTo(double time)
        {
            var target = Math.Floor(time);
            while (clock < target)
            {
                while (guest.Client.Link is { } link && (link.BytesReceived < sent || !link.IsWaitingForBytes))
                    await Task.Yield();
                if (guest.Client.Link is null)
                    await ExpectNext();
                guest.Time.Advance(1);
                clock++;
            }
        }

        private async Task ExpectNext()
        {
            while (said.Count > 0 && !said[0].StartsWith("Disconnected", StringComparison.Ordinal))
                await Take();
            if (said.Count > 0)
                await Take();
        }

        private async Task Take()
        {
            await guest.Expect(Short(said[0]));
            said.RemoveAt(0);
        }

        private static string Short(string line)
            => line.StartsWith("Disconnected", StringComparison.Ordinal) ? line.Split("(reason: ")[1][..^2] : line;
    }
}
