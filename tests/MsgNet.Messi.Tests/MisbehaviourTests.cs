using MsgNet.Messi.Tests.Proto;

namespace MsgNet.Messi.Tests;

/// <summary>Peers that do wrong: a clear reason, that connection alone is closed, and nothing is left of it.</summary>
public sealed class MisbehaviourTests
{
    private const string Documented = "00000001" + "00000008" + "0a060a044572696b";
    private const string DocumentedRsp = "00000001" + "00000002" + "0a00";
    private const string DocumentedPing = "00000002" + "00000000";
    private const string DocumentedPong = "00000003" + "00000000";

    [Theory]
    [Covers("MESSI-001", "MESSI-002")]
    [InlineData("an oversized size field", "00000001" + "7fffffff" + "00", MessiDisconnectReason.MessageTooBig)]
    [InlineData("a size field of all ones", "00000001" + "ffffffff", MessiDisconnectReason.MessageTooBig)]
    [InlineData("an unknown type", "00000009" + "00000000", MessiDisconnectReason.UnexpectedMessage)]
    [InlineData("a pong", DocumentedPong, MessiDisconnectReason.UnexpectedMessage)]
    [InlineData("a truncated message", "00000001" + "00000004" + "0a060a04", MessiDisconnectReason.MessageDecodeError)]
    public async Task It_is_closed_with_a_reason_and_the_others_stay(string what, string hex, MessiDisconnectReason reason)
    {
        await using var room = await Room.Open();
        var (good, other) = await room.Join();
        var (bad, connection) = await room.Join();
        await bad.Send(Documented + hex);
        Assert.Equal(DocumentedRsp, await bad.ReadToEnd());
        await room.AssertEnds(connection, reason);
        var disconnect = await connection.Completion;
        Assert.Equal(reason == MessiDisconnectReason.KeepAliveTimeout, disconnect.Exception is null);
        Assert.NotEmpty(what);

        await good.Send(Documented);
        await good.Expect(DocumentedRsp);
        Assert.Equal([other], room.Server.Connections);
        // The timer of what bounds the end goes a moment after the end.
        await Task.Run(() => SpinWait.SpinUntil(() => room.Time.Timers == 1)).Soon();
    }

    [Fact]
    public async Task Frames_in_single_bytes_arrive_whole()
    {
        await using var room = await Room.Open();
        var (peer, _) = await room.Join();
        for (var i = 0; i < Documented.Length; i += 2)
            await peer.Send(Documented.Substring(i, 2));
        await peer.Expect(DocumentedRsp);
    }

    [Fact]
    [Covers("MESSI-017")]
    public async Task A_slow_sender_is_closed_when_it_forgets_to_ping()
    {
        await using var room = await Room.Open();
        var (peer, connection) = await room.Join();
        await peer.Send(DocumentedPing + "00000001" + "00ffffff");
        await peer.Expect(DocumentedPong);
        await peer.Send(new byte[100_000]);
        while (connection.Client.Link.BytesReceived < 100_016)
            await Task.Yield();
        await connection.Client.Link.Idle();
        // Not the 16 MiB that were announced.
        Assert.InRange(connection.Client.Link.BufferLength, 100_000, (2 * 100_016) + (64 * 1024));
        room.Time.Advance(3);
        await peer.ReadToEnd();
        await room.AssertEnds(connection, MessiDisconnectReason.KeepAliveTimeout);
    }

    [Fact]
    public async Task A_buffer_that_a_large_message_made_large_is_given_back_when_it_was_too_large_for_a_while()
    {
        await using var room = await Room.Open(options => options.KeepAliveTimeout = TimeSpan.FromMinutes(5));
        var (peer, connection) = await room.Join();
        // Field 15, which nobody knows, of 100,000 bytes.
        await peer.Send("00000001" + "000186a4" + "7aa08d06");
        await peer.Send(new byte[100_000]);
        for (var i = 0; i < 20; i++)
            await Ping();
        Assert.InRange(connection.Client.Link.BufferLength, 100_000, 256 * 1024);
        room.Time.Advance(10);
        await Ping();
        Assert.InRange(connection.Client.Link.BufferLength, 100_000, 256 * 1024);
        room.Time.Advance(9);
        await Ping();
        Assert.InRange(connection.Client.Link.BufferLength, 100_000, 256 * 1024);
        room.Time.Advance(1);
        await Ping();
        Assert.Equal(4096, connection.Client.Link.BufferLength);

        async Task Ping()
        {
            await peer.Send(DocumentedPing);
            await peer.Expect(DocumentedPong);
            await connection.Client.Link.Idle();
        }
    }

    [Fact]
    public async Task A_flood_of_pings_from_a_peer_that_never_reads_fills_no_queue()
    {
        await using var room = await Room.Open();
        var (peer, connection) = await room.Join();
        var pings = Convert.FromHexString(string.Concat(Enumerable.Repeat(DocumentedPing, 8192)));
        for (var i = 0; i < 200; i++)
            await peer.Send(pings);
        Assert.InRange(connection.Client.Link.Output.Waiting, 0, 128 * 1024);
        await connection.Send(new MessageInd());
        peer.Dispose();
        await room.AssertEnds(connection, MessiDisconnectReason.ConnectionClosed);
    }

    [Fact]
    public async Task A_flood_of_messages_is_handled_and_harms_nobody()
    {
        await using var room = await Room.Open();
        var count = 0;
        room.Server.OnConnectReq = (_, _, _) =>
        {
            count++;
            return default;
        };
        var (flood, connection) = await room.Join();
        var (good, _) = await room.Join();
        var messages = Convert.FromHexString(string.Concat(Enumerable.Repeat(Documented, 4096)));
        for (var i = 0; i < 50; i++)
            await flood.Send(messages);
        await good.Send(DocumentedPing);
        await good.Expect(DocumentedPong);
        flood.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Assert.Equal("", await flood.ReadToEnd());
        await room.AssertEnds(connection, MessiDisconnectReason.ConnectionClosed);
        Assert.Equal(50 * 4096, count);
    }

    [Fact]
    [Covers("MESSI-022", "MESSI-024")]
    public async Task What_is_sent_before_the_format_is_known_waits_for_it()
    {
        await using var room = await Room.Open(options => options.KeepAliveTimeout = TimeSpan.FromSeconds(10));
        var (compact, one) = await room.Join();
        var (documented, two) = await room.Join();
        var (silent, three) = await room.Join();
        foreach (var connection in new[] { one, two, three })
        {
            await connection.Send(new MessageInd { User = "x" });
            await connection.Send(new ConnectRsp());
            Assert.NotEqual(0, connection.Client.Link.Output.Waiting);
        }

        await compact.Send("03000000");
        await compact.Expect("02000005" + "12030a0178" + "020000020a00" + "04000000");
        await documented.Send(DocumentedPing);
        await documented.Expect("00000001" + "00000005" + "12030a0178" + DocumentedRsp + DocumentedPong);
        room.Time.Advance(3);
        await silent.Expect("00000001" + "00000005" + "12030a0178" + DocumentedRsp);
    }

    [Fact]
    public async Task A_server_can_be_told_to_speak_compact_to_the_silent()
    {
        await using var room = await Room.Open(options =>
        {
            options.KeepAliveTimeout = TimeSpan.FromSeconds(10);
            options.WireFormat = MessiWireFormat.Compact;
        });
        var (silent, connection) = await room.Join();
        await connection.Send(new ConnectRsp());
        room.Time.Advance(3);
        await silent.Expect("020000020a00");
    }

    [Fact]
    [Covers("MESSI-036", "API-196")]
    public async Task Messages_wait_for_a_slow_handler_in_a_bounded_buffer_and_silence_counts_for_nothing()
    {
        await using var room = await Room.Open(options => options.ReceiveQueueMax = 8192);
        var gate = new TaskCompletionSource();
        var handled = 0;
        room.Server.OnConnectReq = async (_, _, _) =>
        {
            await gate.Task;
            handled++;
        };
        var (peer, connection) = await room.Join();
        var link = connection.Client.Link;
        var messages = Convert.FromHexString(string.Concat(Enumerable.Repeat(Documented, 4096)));
        await peer.Send(messages);
        while (!((IMessiLinkOwner)connection.Client).IsPaused && link.BytesReceived < messages.Length)
            await Task.Yield();
        Assert.True(((IMessiLinkOwner)connection.Client).IsPaused);
        // The bound, and what one read brings beyond it.
        Assert.InRange(link.BytesReceived, 4096, 8192 + Core.Limits.MessiReadBufferMax);
        room.Time.Advance(60);
        Assert.Contains(connection, room.Server.Connections);

        gate.SetResult();
        await peer.Send(DocumentedPing);
        await peer.Expect(DocumentedPong);
        while (link.BytesReceived < messages.Length + 8)
            await Task.Yield();
        await link.Idle();
        room.Time.Advance(2.9);
        Assert.Contains(connection, room.Server.Connections);
        room.Time.Advance(0.1);
        await room.AssertEnds(connection, MessiDisconnectReason.KeepAliveTimeout);
        Assert.Equal(4096, handled);
    }

    [Fact]
    [Covers("API-195", "API-196")]
    public async Task Pings_are_answered_while_a_handler_takes_its_time_and_what_came_before_the_end_is_handled()
    {
        await using var room = await Room.Open();
        var gate = new TaskCompletionSource();
        var users = new List<string>();
        room.Server.OnMessageInd = async (_, message, _) =>
        {
            await gate.Task;
            users.Add(message.User);
        };
        var (peer, connection) = await room.Join();
        await peer.Send("00000001" + "00000005" + "12030a0161" + "00000001" + "00000005" + "12030a0162" + DocumentedPing);
        await peer.Expect(DocumentedPong);
        peer.Dispose();
        while (room.Server.Connections.Count > 0)
            await Task.Yield();
        room.Disconnected.AssertEmpty();

        gate.SetResult();
        await room.AssertEnds(connection, MessiDisconnectReason.ConnectionClosed);
        Assert.Equal(["a", "b"], users);
    }

    [Theory]
    [Covers("API-197")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handler_that_throws_ends_its_connection_only_if_it_is_told_to(bool disconnects)
    {
        await using var room = await Room.Open(options => options.DisconnectOnHandlerFailure = disconnects);
        room.Server.OnMessageInd = (_, message, _) => message.User == "x"
            ? throw new InvalidOperationException("the handler's own")
            : ValueTask.FromException(new InvalidOperationException("the handler's own, later"));
        var (peer, connection) = await room.Join();
        await peer.Send("00000001" + "00000005" + "12030a0178" + "00000001" + "00000005" + "12030a0179" + Documented);
        if (disconnects)
        {
            Assert.Equal("", await peer.ReadToEnd());
            await room.AssertEnds(connection, MessiDisconnectReason.HandlerFailed);
            Assert.Equal("the handler's own", (await connection.Completion).Exception?.Message);
        }
        else
        {
            await peer.Expect(DocumentedRsp);
        }
    }
}
