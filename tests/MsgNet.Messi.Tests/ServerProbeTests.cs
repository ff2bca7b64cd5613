namespace MsgNet.Messi.Tests;

/// <summary>What was sent to the original's chat server, sent to ours: the same reply, and the same fate of the connection.</summary>
public sealed class ServerProbeTests
{
    private const string Ping = "03000000";
    private const string Pong = "04000000";

    /// <summary>Where Google's parser, and the choice of two formats, make ours do otherwise (messi.md section 8 and 3).</summary>
    private static readonly Dictionary<string, (string Reply, bool StaysOpen)> Ours = new()
    {
        ["server.wrong_wire_type_for_submessage"] = ("", true), // an unknown field
        ["server.wrong_wire_type_for_string"] = ("020000020a00", true), // the same within a member, which is there
        ["server.group_wire_type"] = ("", true), // an unknown field
        ["server.oneof_same_member_twice"] = ("0200000e" + "120c0a044572696b120474657874", true), // merged
        ["server.embedded_nul"] = ("0200000a" + "12080a03610062120178", true), // strings may hold NUL
        ["server.invalid_utf8"] = ("0200000d" + "120b0a06efbfbdefbfbd120178", true), // replaced by U+FFFD
    };

    public static TheoryData<string> Names => VectorFile.NamesOf("server_probe");

    [Theory]
    [MemberData(nameof(Names))]
    [Covers("MESSI-014", "MESSI-015", "MESSI-016", "MESSI-021", "MESSI-040", "MESSI-072")]
    public async Task It_answers_as_the_original_does(string name)
    {
        var vector = VectorFile.Get("server_probe", name);
        var parsed = vector.GetProperty("parsed");
        var reply = parsed.GetProperty("reply").GetString()!;
        var staysOpen = parsed.GetProperty("outcome").GetString() == "connection stays open";
        var isTimeout = !staysOpen && parsed.GetProperty("closed_after_s").GetDouble() > 2;
        if (Ours.TryGetValue(name, out var ours))
            (reply, staysOpen) = ours;
        // A first byte of 0 is a documented frame whose rest is missing.
        if (name == "server.unknown_type_0_empty")
            isTimeout = true;

        await using var room = await Room.Open(options => options.MessageSizeMax = 124);
        var (peer, connection) = await room.Join();
        var sent = vector.GetProperty("hex").GetString()!;
        await peer.Send(sent);
        await peer.Expect(reply);
        if (isTimeout)
        {
            // While bytes stand unread the timer judges nobody.
            while (connection.Client.Link.BytesReceived < sent.Length / 2)
                await Task.Yield();
            await connection.Client.Link.Idle();
            room.Time.Advance(3);
        }

        if (staysOpen)
        {
            await peer.Send(Ping);
            await peer.Expect(Pong);
            Assert.Contains(connection, room.Server.Connections);
        }
        else
        {
            Assert.Equal("", await peer.ReadToEnd());
            var reason = (await room.Disconnected.Next()).Reason;
            Assert.Equal(ReasonOf(name, isTimeout), reason);
        }

        peer.Dispose();
    }

    [Fact]
    public void What_differs_is_in_the_file()
        => Assert.Empty(Ours.Keys.Except(VectorFile.Of("server_probe").Select(vector => vector.GetProperty("name").GetString()!)));

    private static MessiDisconnectReason ReasonOf(string name, bool isTimeout) => name switch
    {
        _ when isTimeout => MessiDisconnectReason.KeepAliveTimeout,
        "server.payload_125" or "server.payload_255" or "server.header_only_max_size" => MessiDisconnectReason.MessageTooBig,
        _ when name.Contains("type", StringComparison.Ordinal) => MessiDisconnectReason.UnexpectedMessage,
        _ => MessiDisconnectReason.MessageDecodeError,
    };
}
