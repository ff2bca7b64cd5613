namespace MsgNet.EndToEnd;

public sealed class ListenAndSendTests
{
    [Fact]
    [Covers("CLI-031", "CLI-032", "CLI-034", "CLI-041", "CLI-042", "CLI-001", "CLI-002", "CLI-009")]
    public async Task A_message_goes_from_one_process_to_another()
    {
        await using var listener = Listen("--count", "1");
        var address = listener.ReadAddress();

        var sent = (await Msgnet.Run("send", address, "/t/1", "--message", "grüß dich", "--json")).Expect(0);
        var heard = (await listener.End()).Expect(0);

        var message = heard.Single("message");
        Assert.Equal(["event", "from", "protocol", "delivery", "bytes", "text", "early"], message.Names());
        Assert.True(PeerId.TryParse(message.Text("from"), out _));
        Assert.Equal(("/t/1", "unreliable"), (message.Text("protocol"), message.Text("delivery")));
        Assert.Equal((11, "grüß dich"), (message.Number("bytes"), message.Text("text")));
        var expected = $$"""{"event":"sent","count":1,"bytes":11,"delivery":"unreliable","address":"{{address}}"}""";
        Assert.Equal(expected, Assert.Single(sent.Lines));
        Assert.Equal("", heard.Errors + sent.Errors);
    }

    [Fact]
    [Covers("CLI-031", "CLI-034")]
    public async Task Without_an_address_it_listens_everywhere()
    {
        var result = (await Msgnet.Run("listen", "--protocol", "/t/1", "--timeout", "100ms", "--json")).Expect(0);

        var addresses = result.Events.Select(line => line.Text("address")).ToArray();
        Assert.Contains(addresses, address => address.StartsWith("/ip4/127.0.0.1/udp/", StringComparison.Ordinal));
        Assert.All(addresses, address => Assert.True(Multiaddress.Parse(address).TryGetPeerId(out _)));
        Assert.DoesNotContain(addresses, address => address.Contains("/udp/0/", StringComparison.Ordinal));
        Assert.Equal(addresses.Distinct(), addresses);
        Assert.True(
            addresses.Any(address => address.StartsWith("/ip6/", StringComparison.Ordinal))
                || result.Errors.Contains("note:", StringComparison.Ordinal),
            "IPv6 is listened on, or a note says why not");
    }

    [Fact]
    [Covers("CLI-034", "CLI-003")]
    public async Task A_count_that_is_not_reached_in_time_is_a_failure()
    {
        await using var listener = Listen("--count", "1", "--timeout", "100ms");

        var result = (await listener.End()).Expect(1);

        Assert.Contains("only 0 of 1", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("CLI-033", "CLI-044", "CLI-011")]
    public async Task Requests_are_echoed_as_replies()
    {
        await using var listener = Listen("--echo", "--count", "2");
        var address = listener.ReadAddress();

        var text = (await Msgnet.Run("send", address, "/t/1", "--message", "@hello", "--request", "--json")).Expect(0);
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.PathOf("bytes"), [0xFF, 0x00, 0x1B]);
        var bytes = (await Msgnet.Run("send", address, "/t/1", "--file", folder.PathOf("bytes"), "--request", "--json")).Expect(0);
        (await listener.End()).Expect(0);

        var reply = text.Single("reply");
        Assert.Equal(["event", "bytes", "text", "rttMicroseconds"], reply.Names());
        Assert.Equal("@hello", reply.Text("text"));
        Assert.InRange(reply.Number("rttMicroseconds"), 1, long.MaxValue);
        Assert.Equal(["event", "bytes", "base64", "rttMicroseconds"], bytes.Single("reply").Names());
        Assert.Equal("/wAb", bytes.Single("reply").Text("base64"));
    }

    [Fact]
    [Covers("CLI-033")]
    public async Task Messages_are_echoed_as_messages()
    {
        await using var listener = Msgnet.Start(
            "listen", "--protocol", "/chat/1.0.0", "--echo", "--listen", "/ip4/127.0.0.1/udp/0", "--json");
        var address = listener.ReadAddress();
        await using var caller = Msgnet.Start("chat", address, "--json");

        await caller.Input.WriteLineAsync("anybody?");
        await caller.Input.FlushAsync();

        Assert.Equal("anybody?", caller.ReadEvent("line").Text("text"));
    }

    [Fact]
    [Covers("CLI-044", "CLI-003", "CLI-004")]
    public async Task A_request_nobody_answers_is_a_failure_with_its_reason()
    {
        await using var listener = Listen();
        var address = listener.ReadAddress();

        var unanswered = (await Msgnet.Run("send", address, "/t/1", "--message", "hello", "--request", "--json")).Expect(1);
        var unsupported = (await Msgnet.Run("send", address, "/t/2", "--message", "hello", "--request", "--json")).Expect(1);

        Assert.Contains("without a reply", unanswered.Single("failed").Text("error"), StringComparison.Ordinal);
        Assert.Contains("no handler", unsupported.Single("failed").Text("error"), StringComparison.Ordinal);
    }

    [Fact]
    [Covers("CLI-041")]
    public async Task A_file_is_one_message()
    {
        using var folder = new TemporaryFolder();
        var content = Enumerable.Range(0, 20_000).Select(index => (byte)(index * 31)).ToArray();
        await File.WriteAllBytesAsync(folder.PathOf("file"), content);
        await using var listener = Listen("--echo");
        var address = listener.ReadAddress();

        var sent = (await Msgnet.Run("send", address, "/t/1", "--file", folder.PathOf("file"), "--request", "--json")).Expect(0);

        Assert.Equal(content, Convert.FromBase64String(sent.Single("reply").Text("base64")));
        Assert.Equal((1, 20_000), (sent.Single("sent").Number("count"), sent.Single("sent").Number("bytes")));
    }

    [Fact]
    [Covers("CLI-041")]
    public async Task Each_line_of_standard_input_is_a_message()
    {
        await using var listener = Listen("--echo", "--count", "6");
        var address = listener.ReadAddress();

        string[] arguments = ["send", address, "/t/1", "-", "--count", "2", "--request", "--json"];
        var sent = (await Msgnet.RunWithInput("one\ntwo\nthree", arguments)).Expect(0);
        var heard = (await listener.End()).Expect(0);

        string[] expected = ["one", "one", "two", "two", "three", "three"];
        Assert.Equal(expected, Texts(heard, "message"));
        Assert.Equal(expected, Texts(sent, "reply"));
        Assert.Equal(6, sent.Single("sent").Number("count"));
    }

    [Fact]
    [Covers("CLI-041", "CLI-042")]
    public async Task Many_messages_go_through_one_channel()
    {
        await using var listener = Listen("--count", "100");
        var address = listener.ReadAddress();

        var sent = (await Msgnet.Run("send", address, "/t/1", "--message", "again", "--count", "100", "--json")).Expect(0);
        var heard = (await listener.End()).Expect(0);

        Assert.Equal((100, 500), (sent.Single("sent").Number("count"), sent.Single("sent").Number("bytes")));
        Assert.Single(heard.Events.Where(line => line.Text("event") == "message").Select(line => line.Text("from")).Distinct());
        Assert.Equal(100, Texts(heard, "message").Count(text => text == "again"));
    }

    [Fact]
    [Covers("CLI-043", "CLI-003", "CLI-004")]
    public async Task Nobody_there_is_a_failure_with_every_address()
    {
        var address = await AddressOfNobody();

        foreach (var extra in new string[][] { [], ["--request"] })
        {
            string[] arguments = ["send", address, "/t/1", "--message", "hello", "--timeout", "500ms", "--json", .. extra];
            var result = (await Msgnet.Run(arguments)).Expect(1);

            var failed = Assert.Single(result.Events);
            Assert.Equal(["event", "error", "attempts"], failed.Names());
            var attempt = Assert.Single(failed.GetProperty("attempts").EnumerateArray());
            Assert.StartsWith(attempt.Text("address"), address, StringComparison.Ordinal);
            Assert.NotEqual("", attempt.Text("error"));
            Assert.Contains(attempt.Text("address"), Assert.Single(result.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
        }
    }

    [Fact]
    [Covers("CLI-003", "CLI-004")]
    public async Task A_port_in_use_is_the_environments_fault()
    {
        await using var listener = Listen();
        var port = listener.ReadAddress().Split('/')[4];

        var result = (await Msgnet.Run("listen", "--protocol", "/t/1", "--listen", $"/ip4/127.0.0.1/udp/{port}", "--json")).Expect(2);

        Assert.Contains("in use", Assert.Single(result.Errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Empty(result.Lines);
    }

    [Fact]
    [Covers("CLI-001", "CLI-006")]
    public async Task With_v_the_talk_is_on_standard_error()
    {
        await using var listener = Listen("-v");
        var address = listener.ReadAddress();

        // The answer to the second ping comes over a channel that both ends have confirmed.
        var pinged = (await Msgnet.Run("ping", address, "-c", "2", "-i", "0.01", "--json", "-v")).Expect(0);
        listener.Interrupt();
        var heard = (await listener.End()).Expect(0);

        Assert.Equal(["listening"], heard.Events.Select(line => line.Text("event")));
        Assert.Equal(["pong", "pong", "summary"], pinged.Events.Select(line => line.Text("event")));
        Assert.Contains(" Connected at ", heard.Errors, StringComparison.Ordinal);
        Assert.Contains($"{address.Split('/')[^1]} Connected at ", pinged.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("CLI-006")]
    public async Task An_identity_stays_the_same_across_runs()
    {
        using var folder = new TemporaryFolder();
        var file = folder.PathOf("listener.key");
        string[] arguments =
        [
            "listen", "--protocol", "/t/1", "--listen", "/ip4/127.0.0.1/udp/0", "--identity", file, "--timeout", "50ms", "--json",
        ];

        var first = (await Msgnet.Run(arguments)).Expect(0);
        var second = (await Msgnet.Run(arguments)).Expect(0);

        Assert.Equal(PeerOf(first), PeerOf(second));
        Assert.Single(second.Events);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    private static Msgnet Listen(params string[] arguments) =>
        Msgnet.Start(["listen", "--protocol", "/t/1", "--listen", "/ip4/127.0.0.1/udp/0", "--json", .. arguments]);

    private static string[] Texts(Msgnet.Result result, string name) =>
        [.. result.Events.Where(line => line.Text("event") == name).Select(line => line.Text("text"))];

    private static string PeerOf(Msgnet.Result result) => Assert.Single(result.Events).Text("address").Split('/')[^1];

    // An address that was somebody's, so that the port is free and the peer well-formed.
    private static async Task<string> AddressOfNobody()
    {
        await using var listener = Listen();
        var address = listener.ReadAddress();
        listener.Interrupt();
        (await listener.End()).Expect(0);
        return address;
    }
}
