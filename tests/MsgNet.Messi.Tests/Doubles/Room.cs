using MsgNet.Messi.Tests.Proto;

namespace MsgNet.Messi.Tests;

/// <summary>The original's chat server: answers ConnectReq with ConnectRsp, and gives each MessageInd to all.</summary>
internal sealed class Room : IAsyncDisposable
{
    public Room(Action<MessiServerOptions>? configure = null)
    {
        var options = new MessiServerOptions { TimeProvider = Time, StopTimeout = TimeSpan.FromMinutes(1) };
        configure?.Invoke(options);
        Server = new ChatServer("tcp://127.0.0.1:0", options)
        {
            OnConnected = (connection, _) => Connected.AddNow(connection),
            OnDisconnected = (connection, disconnect) => Disconnected.AddNow((connection, disconnect.Reason)),
            OnConnectReq = (connection, _, cancellationToken) => connection.Reply(new ConnectRsp(), cancellationToken),
        };
        Server.OnMessageInd = (_, message, _) =>
        {
            Server.Broadcast(message);
            return default;
        };
    }

    public FakeTime Time { get; } = new();

    public ChatServer Server { get; }

    public Log<ChatConnection> Connected { get; } = new();

    public Log<(ChatConnection Connection, MessiDisconnectReason Reason)> Disconnected { get; } = new();

    public static async Task<Room> Open(Action<MessiServerOptions>? configure = null)
    {
        var room = new Room(configure);
        await room.Server.Start();
        return room;
    }

    /// <summary>A client that the server knows of.</summary>
    public async Task<(RawPeer Peer, ChatConnection Connection)> Join()
    {
        var peer = await RawPeer.Connect(Server.Address);
        return (peer, await Connected.Next());
    }

    /// <summary>A client that speaks the compact format, as the server knows.</summary>
    public async Task<(RawPeer Peer, ChatConnection Connection)> JoinCompact()
    {
        var (peer, connection) = await Join();
        await peer.Send("03000000");
        await peer.Expect("04000000");
        return (peer, connection);
    }

    public async Task AssertEnds(ChatConnection connection, MessiDisconnectReason reason)
        => Assert.Equal((connection, reason), await Disconnected.Next());

    public ValueTask DisposeAsync() => Time.RunUntil(Server.DisposeAsync().AsTask());
}
