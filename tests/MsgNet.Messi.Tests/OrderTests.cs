using MsgNet.Messi.Tests.Proto;

namespace MsgNet.Messi.Tests;

/// <summary>What runs after what, what leaves before what, and what does not hold up what.</summary>
public sealed class OrderTests
{
    private const string Ind = "00000001" + "00000005" + "12030a0178";
    private const string Ping = "00000002" + "00000000";
    private const string Pong = "00000003" + "00000000";

    [Fact]
    [Covers("MESSI-063")]
    public async Task Both_ends_send_small_segments_at_once()
    {
        await using var room = await Room.Open();
        await using var guest = Guest.Start(room.Server.Address!);
        var connection = await room.Connected.Next();
        await guest.Expect("Connected to the server.");
        Assert.True(guest.Client.Link!.Carrier.NoDelay);
        Assert.True(connection.Client.Link.Carrier.NoDelay);
    }

    [Fact]
    [Covers("MESSI-065")]
    public async Task A_pong_leaves_ahead_of_messages_that_wait()
    {
        var stream = new SlowWrites();
        var output = new MessiOutput(stream, Core.MessiRole.Server, MessiWireFormat.Compact, 1 << 20, 1 << 20, new Owner());
        var message = new MessageInd { Text = new string('x', 30_000) };
        for (var i = 0; i < 3; i++)
            await output.Send(2, message, default);
        output.SendControl();
        output.SendControl();
        Assert.Equal(30_012, await stream.Complete());
        Assert.Equal(8, await stream.Complete());
        Assert.Equal(2 * 30_012, await stream.Complete());
        while (output.Waiting > 0)
            await Task.Yield();
    }

    [Fact]
    public async Task A_pong_stands_in_line_behind_little()
    {
        await using var room = await Room.Open();
        var (peer, _) = await room.Join();
        await peer.Send(Ping + Ind + Ping);
        await peer.Expect(Pong + Ind + Pong);
    }

    [Fact]
    public async Task A_handler_that_blocks_its_thread_is_not_held_against_the_client()
    {
        await using var room = await Room.Open();
        using var entered = new SemaphoreSlim(0);
        using var release = new SemaphoreSlim(0);
        room.Server.OnMessageInd = (_, _, _) =>
        {
            entered.Release();
            release.Wait();
            return default;
        };
        var (peer, connection) = await room.Join();
        await peer.Send(Ind);
        await entered.WaitAsync().Soon();
        room.Time.Advance(30);
        Assert.Contains(connection, room.Server.Connections);
        release.Release();
        await peer.Send(Ping);
        await peer.Expect(Pong);

        await connection.Client.Link.Idle();
        room.Time.Advance(3);
        await room.AssertEnds(connection, MessiDisconnectReason.KeepAliveTimeout);
    }

    [Fact]
    public async Task A_client_does_not_give_a_server_up_while_its_own_handler_blocks()
    {
        using var server = new RawServer();
        await using var guest = Guest.Start(server.Address);
        using var entered = new SemaphoreSlim(0);
        using var release = new SemaphoreSlim(0);
        guest.Client.OnMessageInd = (_, _) =>
        {
            entered.Release();
            release.Wait();
            return default;
        };
        using var peer = await server.Accept();
        await peer.Expect(Ping + "00000001" + "00000008" + "0a060a044572696b");
        await peer.Send(Ind);
        await entered.WaitAsync().Soon();
        for (var second = 2; second <= 10; second += 2)
        {
            guest.Time.Advance(2);
            await peer.Expect(Ping);
        }

        Assert.Equal(MessiClientState.Connected, guest.Client.State);
        release.Release();
        await guest.Advance(2);
        await peer.Expect(Ping);
        await guest.Advance(2);
        Assert.Equal("", await peer.ReadToEnd());
        await guest.Expect("Keep alive timeout.");
    }

    [Fact]
    [Covers("API-195")]
    public async Task The_next_connection_begins_when_the_last_handler_of_the_one_before_has_ended()
    {
        using var server = new RawServer();
        await using var guest = Guest.Start(server.Address);
        var gate = new TaskCompletionSource();
        var log = new Log<string>();
        guest.Client.OnConnected = _ => log.AddNow("connected");
        guest.Client.OnDisconnected = _ => log.AddNow("disconnected");
        guest.Client.OnMessageInd = async (_, _) =>
        {
            await gate.Task;
            log.Add("handled");
        };
        using (var peer = await server.Accept())
        {
            await peer.Expect(Ping);
            await peer.Send(Ind + Ind);
            while (guest.Client.Link is not { BytesReceived: 26 })
                await Task.Yield();
        }

        while (guest.Client.State != MessiClientState.WaitReconnect)
            await Task.Yield();
        guest.Time.Advance(1);
        Assert.Equal(MessiClientState.Connecting, guest.Client.State);
        gate.SetResult();
        using var next = await server.Accept();
        foreach (var entry in new[] { "connected", "handled", "handled", "disconnected", "connected" })
            Assert.Equal(entry, await log.Next());
    }

    [Fact]
    public async Task A_broadcast_in_one_handler_may_be_more_than_a_queue_holds()
    {
        await using var room = await Room.Open(options => options.SendQueueMax = 64 * 1024);
        var message = new MessageInd { Text = new string('x', 20_000) };
        var (peer, connection) = await room.Join();
        var sent = 0;
        room.Server.OnConnectReq = (client, _, _) =>
        {
            // The socket takes them, so that the queue never fills.
            for (; sent < 5; sent++)
                Assert.True(client.TrySend(message));
            return default;
        };
        await peer.Send(Ping + "00000001" + "00000008" + "0a060a044572696b");
        await peer.Expect(Pong);
        await peer.Read(5 * (8 + 4 + 4 + 20_000));
        Assert.Contains(connection, room.Server.Connections);
    }

    [Fact]
    public async Task A_handler_may_block_on_a_call_to_another_server()
    {
        await using var inner = await Room.Open();
        await using var outer = await Room.Open();
        await using var guest = Guest.Start(inner.Server.Address!);
        await guest.Expect("Connected to the server.");
        outer.Server.OnConnectReq = (connection, request, _) =>
        {
            guest.Client.Connect(request).AsTask().Wait(RawPeer.Patience);
            return connection.Reply(new ConnectRsp());
        };
        var (peer, _) = await outer.Join();
        await peer.Send("00000001" + "00000008" + "0a060a044572696b");
        await peer.Expect("00000001" + "00000002" + "0a00");
    }

    [Fact]
    [Covers("API-199")]
    public async Task A_stop_from_a_handler_ends_after_its_time()
    {
        await using var room = await Room.Open();
        var stopped = new TaskCompletionSource();
        room.Server.OnConnectReq = async (_, _, cancellationToken) =>
        {
            await room.Server.Stop(cancellationToken);
            stopped.SetResult();
        };
        var (peer, connection) = await room.Join();
        await peer.Send("00000001" + "00000008" + "0a060a044572696b");
        Assert.Equal("", await peer.ReadToEnd());
        await stopped.Task.Soon();
        await room.AssertEnds(connection, MessiDisconnectReason.Stopped);
    }

    [Fact]
    [Covers("API-199")]
    public async Task What_was_sent_before_a_stop_arrives()
    {
        await using var room = await Room.Open();
        var last = new Log<string>();
        room.Server.OnMessageInd = (_, message, _) => last.AddNow(message.User);
        await using var guest = Guest.Start(room.Server.Address!);
        await guest.Expect("Connected to the server.");
        for (var number = 0; number < 1000; number++)
            await guest.Client.Send(new MessageInd { User = $"{number}", Text = new string('x', 1000) });
        await guest.Client.Stop().Soon();
        for (var number = 0; number < 1000; number++)
            Assert.Equal($"{number}", await last.Next());
    }

    /// <summary>A carrier whose writes take as long as the test wants.</summary>
    private sealed class SlowWrites : MemoryStream
    {
        private readonly Log<(int Length, TaskCompletionSource Done)> writes = new();

        public async Task<int> Complete()
        {
            var (length, done) = await writes.Next();
            done.SetResult();
            return length;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var done = new TaskCompletionSource();
            writes.Add((buffer.Length, done));
            return new ValueTask(done.Task);
        }
    }

    private sealed class Owner : IMessiOutputOwner
    {
        public void OnControlsSent()
        {
        }

        public void OnSent(long messages, long bytes)
        {
        }

        public void OnWriteFailed(Exception exception, bool wasControl) => throw exception;
    }
}
