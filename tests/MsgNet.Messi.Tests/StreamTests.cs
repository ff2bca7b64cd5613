using MsgNet.Messi.Tests.Proto;

namespace MsgNet.Messi.Tests;

/// <summary>The same classes over streams of MsgNet.</summary>
public sealed class StreamTests
{
    public static TheoryData<string> Transports => ["/memory/771001", "/ip4/127.0.0.1/udp/0"];

    [Theory]
    [MemberData(nameof(Transports))]
    [Covers("MESSI-056", "MESSI-061", "MESSI-062")]
    public async Task Messages_go_both_ways_to_a_peer(string listen)
    {
        await using var serverHost = await MessageHost.Start(listen);
        await using var clientHost = await MessageHost.Start();
        await using var server = new ChatServer(serverHost);
        var connected = new TaskCompletionSource<ChatConnection>();
        server.OnConnected = (connection, _) =>
        {
            connected.SetResult(connection);
            return default;
        };
        server.OnConnectReq = (connection, _, cancellationToken) => connection.Reply(new ConnectRsp(), cancellationToken);
        server.OnMessageInd = (_, message, _) =>
        {
            server.Broadcast(message);
            return default;
        };
        await server.Start();
        Assert.Equal("/messi/chat/1.0.0", server.Address);

        var address = serverHost.Addresses[0];
        Assert.True(address.TryGetPeerId(out var peer));
        await using var byAddress = new ChatClient(address.ToString(), new MessiClientOptions { Host = clientHost });
        await Talk(byAddress);
        var connection = await connected.Task.Soon();
        Assert.Equal(clientHost.Id, connection.RemotePeer);
        await byAddress.Stop();
        Assert.Equal(MessiDisconnectReason.ConnectionClosed, (await connection.Completion.Soon()).Reason);

        connected = new TaskCompletionSource<ChatConnection>();
        await using var byPeer = new ChatClient(clientHost, peer);
        await Talk(byPeer);
        (await connected.Task.Soon()).Disconnect();
    }

    [Fact]
    public async Task A_large_message_passes_and_no_ping_is_sent()
    {
        await using var serverHost = await MessageHost.Start("/memory/771002");
        await using var clientHost = await MessageHost.Start();
        await using var server = new ChatServer(serverHost) { OnMessageInd = (connection, message, _) => connection.Reply(message) };
        await server.Start();
        var time = new FakeTime();
        await using var client = new ChatClient(
            serverHost.Addresses[0].ToString(), new MessiClientOptions { Host = clientHost, TimeProvider = time });
        var got = new Log<MessageInd>();
        client.OnMessageInd = (message, _) => got.AddNow(message);
        client.Start();
        await client.WaitForConnection().Soon();
        time.Advance(600);
        var message = new MessageInd { Text = new string('m', 3_000_000) };
        await client.Send(message).Soon();
        Assert.Equal(message, await got.Next());
        Assert.Equal(MessiClientState.Connected, client.State);
        // One frame: header, member of 4 + 4 bytes and text; no pong.
        Assert.Equal(8 + 5 + 5 + 3_000_000, client.Link!.BytesReceived);
    }

    [Fact]
    public async Task A_multiaddress_without_a_host_is_refused()
    {
        await using var host = await MessageHost.Start("/memory/771003");
        var exception = Assert.Throws<ArgumentException>(() => new ChatClient(host.Addresses[0].ToString()));
        Assert.Contains("Host", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_above_the_bound_is_turned_away()
    {
        await using var serverHost = await MessageHost.Start("/memory/771004");
        await using var clientHost = await MessageHost.Start();
        await using var server = new ChatServer(serverHost, new MessiServerOptions { ClientsMax = 1 });
        await server.Start();
        await using var first = new ChatClient(serverHost.Addresses[0].ToString(), new MessiClientOptions { Host = clientHost });
        first.Start();
        await first.WaitForConnection().Soon();
        while (server.Connections.Count == 0)
            await Task.Yield();
        var ended = new TaskCompletionSource<MessiDisconnectReason>();
        await using var second = new ChatClient(clientHost, serverHost.Id)
        {
            OnDisconnected = disconnect =>
            {
                ended.TrySetResult(disconnect.Reason);
                return default;
            },
        };
        second.Start();
        Assert.Equal(MessiDisconnectReason.ConnectionClosed, await ended.Task.Soon());
        Assert.Single(server.Connections);
    }

    private static async Task Talk(ChatClient client)
    {
        var got = new Log<string>();
        client.OnMessageInd = (message, _) => got.AddNow(message.Text);
        client.Start();
        await client.WaitForConnection().Soon();
        await client.Connect(new ConnectReq { User = "Erik" }).Soon();
        await client.Send(new MessageInd { Text = "Hello!" });
        Assert.Equal("Hello!", await got.Next());
    }
}
