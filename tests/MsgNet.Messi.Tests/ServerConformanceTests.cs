using System.Net.Sockets;
using MsgNet.Messi.Tests.Proto;

namespace MsgNet.Messi.Tests;

/// <summary>What the original's own tests of its server check, under their names, over real sockets.</summary>
public sealed class ServerConformanceTests
{
    private const string Req = "010000080a060a044572696b";
    private const string Rsp = "020000020a00";
    private const string Ping = "03000000";
    private const string Pong = "04000000";
    private const string Ind = "01000005" + "12030a0178";
    private const string IndToAll = "02000005" + "12030a0178";

    [Fact]
    [Covers("MESSI-045")]
    public async Task Connect_and_disconnect_clients()
    {
        await using var room = await Room.Open(options => options.ClientsMax = 2);
        var (first, one) = await room.Join();
        var (second, two) = await room.Join();
        Assert.Equal([two, one], room.Server.Connections);

        first.Dispose();
        await room.AssertEnds(one, MessiDisconnectReason.ConnectionClosed);
        var (third, three) = await room.Join();
        Assert.Equal([three, two], room.Server.Connections);

        var stopped = room.Server.Stop();
        Assert.Equal("", await second.ReadToEnd());
        Assert.Equal("", await third.ReadToEnd());
        second.Dispose();
        third.Dispose();
        await stopped.Soon();
        Assert.Empty(room.Server.Connections);
        Assert.Equal(MessiDisconnectReason.Stopped, (await three.Completion).Reason);
        Assert.Equal(MessiDisconnectReason.Stopped, (await two.Completion).Reason);
    }

    [Fact]
    public async Task Broadcast_message()
    {
        await using var room = await Room.Open();
        var (first, _) = await room.JoinCompact();
        var (second, _) = await room.JoinCompact();
        await first.Send(Ind);
        await second.Expect(IndToAll);
        await first.Expect(IndToAll);
        Assert.Equal(2, room.Server.Broadcast(new MessageInd { User = "x" }));
        await second.Expect(IndToAll);
        await first.Expect(IndToAll);
    }

    [Fact]
    [Covers("MESSI-044")]
    public async Task Broadcast_message_one_client_fails()
    {
        await using var room = await Room.Open(options => options.SendQueueMax = 4096);
        var (stuck, connection) = await room.JoinCompact();
        var (good, _) = await room.JoinCompact();
        var text = new MessageInd { Text = new string('x', 4000) };
        var sent = 0;
        while (sent < 20_000 && room.Server.Broadcast(text) == 2)
        {
            await good.Read(4 + 3 + 3 + 4000);
            sent++;
        }

        Assert.InRange(sent, 1, 19_999);
        await room.AssertEnds(connection, MessiDisconnectReason.SendQueueFull);
        await good.Read(4 + 3 + 3 + 4000);
        Assert.Equal(1, room.Server.Broadcast(new MessageInd { User = "x" }));
        await good.Expect(IndToAll);
        stuck.Dispose();
    }

    [Fact]
    [Covers("MESSI-035")]
    public async Task Keep_alive()
    {
        await using var room = await Room.Open();
        var (peer, connection) = await room.Join();
        for (var i = 0; i < 3; i++)
        {
            await connection.Client.Link.Idle();
            room.Time.Advance(2.5);
            await peer.Send(Ping);
            await peer.Expect(Pong);
        }

        await connection.Client.Link.Idle();
        room.Time.Advance(2.9);
        await peer.Send(Req);
        await peer.Expect(Rsp);
        await connection.Client.Link.Idle();
        room.Time.Advance(0.1);
        Assert.Equal("", await peer.ReadToEnd());
        await room.AssertEnds(connection, MessiDisconnectReason.KeepAliveTimeout);
    }

    [Fact]
    public async Task Too_many_clients()
    {
        await using var room = await Room.Open(options => options.ClientsMax = 10);
        var peers = new List<RawPeer>();
        for (var i = 0; i < 10; i++)
            peers.Add((await room.JoinCompact()).Peer);
        using var eleventh = await RawPeer.Connect(room.Server.Address);
        Assert.Equal("", await eleventh.ReadToEnd());
        room.Connected.AssertEmpty();

        foreach (var peer in peers)
        {
            await peer.Send(Req);
            await peer.Expect(Rsp);
        }

        peers[0].Dispose();
        await room.Disconnected.Next();
        await room.JoinCompact();
        peers.ForEach(peer => peer.Dispose());
    }

    [Fact]
    public async Task Listener_bind_error()
    {
        await using var room = await Room.Open();
        await using var second = new ChatServer(room.Server.Address!);
        await Assert.ThrowsAsync<SocketException>(() => second.Start().AsTask());
        Assert.Null(second.Address);

        await room.Server.Stop();
        await second.Start();
        Assert.NotNull(second.Address);
    }

    [Fact]
    public async Task Partial_message_read_from_multiple_clients_and_send()
    {
        await using var room = await Room.Open();
        var (first, one) = await room.JoinCompact();
        var (second, two) = await room.JoinCompact();
        await first.Send("010000080a06");
        await second.Send("01");
        await one.Send(new MessageInd { User = "x" });
        await two.Send(new MessageInd { User = "x" });
        await first.Expect(IndToAll);
        await second.Expect(IndToAll);
        await second.Send("0000080a060a044572696b");
        await second.Expect(Rsp);
        await first.Send("0a044572696b");
        await first.Expect(Rsp);
    }

    [Fact]
    public async Task Send_message()
    {
        await using var room = await Room.Open();
        var (first, one) = await room.JoinCompact();
        var (second, _) = await room.JoinCompact();
        await one.Send(new MessageInd { User = "x" });
        await first.Expect(IndToAll);
        await second.Send(Ping);
        await second.Expect(Pong);
    }

    [Fact]
    public async Task Send_another_message_after_first_failed()
    {
        await using var room = await Room.Open();
        var (peer, connection) = await room.JoinCompact();
        peer.Reset();
        await room.AssertEnds(connection, MessiDisconnectReason.ConnectionClosed);
        for (var i = 0; i < 2; i++)
        {
            var exception = Assert.Throws<MessiException>(() => { _ = connection.Send(new MessageInd()); });
            Assert.Equal(MessiDisconnectReason.ConnectionClosed, exception.Reason);
            Assert.False(connection.TrySend(new MessageInd()));
        }

        room.Disconnected.AssertEmpty();
    }

    [Fact]
    [Covers("API-200")]
    public async Task Reply_with_no_current_client()
    {
        await using var room = await Room.Open();
        var (peer, connection) = await room.JoinCompact();
        await connection.Client.Link.Idle();
        Assert.Throws<InvalidOperationException>(() => { _ = connection.Reply(new ConnectRsp()); });
        await peer.Send(Ping);
        await peer.Expect(Pong);
    }

    [Fact]
    public async Task Disconnect_client_from_outside()
    {
        await using var room = await Room.Open();
        var (peer, connection) = await room.JoinCompact();
        await connection.Send(new MessageInd { User = "x" });
        connection.Disconnect();
        Assert.Equal(IndToAll, await peer.ReadToEnd());
        peer.Dispose();
        await room.AssertEnds(connection, MessiDisconnectReason.Disconnected);
        Assert.Empty(room.Server.Connections);
    }

    [Fact]
    public async Task Disconnect_current_client()
    {
        await using var room = await Room.Open();
        room.Server.OnConnectReq = async (connection, _, _) =>
        {
            await connection.Reply(new ConnectRsp());
            connection.Disconnect();
        };
        var (peer, connection) = await room.JoinCompact();
        await peer.Send(Req + Req);
        Assert.Equal(Rsp, await peer.ReadToEnd());
        peer.Dispose();
        await room.AssertEnds(connection, MessiDisconnectReason.Disconnected);
    }

    [Fact]
    public async Task Received_message_too_big()
    {
        await using var room = await Room.Open(options => options.MessageSizeMax = 124);
        var (peer, connection) = await room.JoinCompact();
        await peer.Send("0100007d");
        Assert.Equal("", await peer.ReadToEnd());
        await room.AssertEnds(connection, MessiDisconnectReason.MessageTooBig);
    }

    [Fact]
    public async Task Output_buffering()
    {
        await using var room = await Room.Open();
        var (peer, connection) = await room.JoinCompact();
        var message = new MessageInd { Text = new string('x', 60_000) };
        var accepted = 0;
        while (connection.TrySend(message))
            accepted++;
        Assert.InRange(connection.Client.Link.Output.Waiting, 900_000, 1 << 20);

        var waiting = connection.Send(message).AsTask();
        Assert.False(waiting.IsCompleted);
        for (var i = 0; i <= accepted; i++)
            Assert.StartsWith("0200ea68" + "12e4d403" + "12e0d403" + "78", await peer.Read(4 + 4 + 4 + 60_000), StringComparison.Ordinal);
        await waiting.Soon();
        await peer.Send(Ping);
        await peer.Expect(Pong);
    }
}
