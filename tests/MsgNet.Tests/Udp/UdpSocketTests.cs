using System.Text;
using MsgNet.Testing;

namespace MsgNet.Tests.Udp;

/// <summary>The layers below the host over UDP: transport, socket, session.</summary>
public sealed class UdpSocketTests : IAsyncLifetime
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);
    private MessageHost server = null!;
    private MessageHost client = null!;

    public async Task InitializeAsync()
    {
        server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        client = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
    }

    public async Task DisposeAsync()
    {
        await client.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    [Covers("API-086", "MA-017", "MA-022", "MA-024")]
    public void Transport_says_what_it_gives_and_where_it_goes()
    {
        var udp = Transport(client);
        Assert.Equal("udp", udp.Name);
        Assert.Equal(new TransportGuarantees(Delivery.Unreliable, true, true, 65_535, 1_163), udp.Guarantees);
        Assert.True(udp.CanDial("/ip4/192.0.2.1/udp/4001"));
        Assert.True(udp.CanDial("/dns/example.org/udp/4001"));
        Assert.True(udp.CanListen("/ip6/::/udp/0"));
        Assert.False(udp.CanListen("/dns/example.org/udp/4001"));
        Multiaddress[] others =
            ["/ip4/192.0.2.1/tcp/4001", "/ip4/192.0.2.1/udp/4001/quic-v1", "/memory/1", "/ip4/192.0.2.1/udp/4001/plain"];
        foreach (var other in others)
            Assert.False(udp.CanDial(other), other.ToString());
    }

    [Fact]
    public async Task Session_of_a_socket_has_a_handler_of_its_own()
    {
        await using var clientSocket = Transport(client).Open();
        await using var serverSocket = Transport(server).Open();
        await serverSocket.Listen("/ip4/127.0.0.1/udp/0");
        var got = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var there = new PeerInfo(server.Id, serverSocket.Addresses);

        await using var back = serverSocket.NewSession("/session/1", new PeerInfo(client.Id), (message, _) => Set(got, message));
        await using var session = clientSocket.NewSession("/session/1", there, (message, _) => Set(answer, message));
        await session.SendMessage("ping"u8.ToArray());
        Assert.Equal("ping", await got.Task.WaitAsync(Guard));
        await back.SendMessage("pong"u8.ToArray());
        Assert.Equal("pong", await answer.Task.WaitAsync(Guard));
        Assert.Equal((1, 1), (client.Diagnostics.Readings!.Handlers.Taken, server.Diagnostics.Readings!.Handlers.Taken));

        Assert.Equal(new ProtocolId("/session/1"), session.Protocol);
        Assert.Equal(server.Id, session.Remote.Id);
        Assert.Same(clientSocket, session.Socket);
        Assert.Equal(32, session.Binding.Length);

        // The server's keys are proven by the first packet of the client, which may be on its way behind its answer.
        Assert.True(SpinWait.SpinUntil(() => back.Binding.Length == 32, Guard));
        Assert.Equal(session.Binding.ToArray(), back.Binding.ToArray());
        await session.DisposeAsync();
        await session.Completion.WaitAsync(Guard);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => session.SendMessage(new byte[1]).AsTask());
    }

    [Fact]
    public async Task Socket_reads_and_writes_messages_outside_protocols()
    {
        await using var reading = Transport(server).Open();
        await reading.Listen("/ip4/127.0.0.1/udp/0");
        var buffer = new byte[100];
        var read = reading.ReadMessage(buffer).AsTask();
        await using var writing = Transport(client).Open();
        await writing.WriteMessage("raw"u8.ToArray(), reading.Addresses[0].WithPeerId(server.Id));

        var (from, bytes) = await read.WaitAsync(Guard);
        Assert.Equal("raw", Encoding.UTF8.GetString(buffer, 0, bytes));
        Assert.True(from.TryGetPeerId(out var sender));
        Assert.Equal(client.Id, sender);
    }

    [Fact]
    public async Task Messages_outside_protocols_that_share_a_datagram_are_read_one_by_one()
    {
        await using var reading = Transport(server).Open();
        await reading.Listen("/ip4/127.0.0.1/udp/0");
        var address = reading.Addresses[0].WithPeerId(server.Id);
        client.Network.Peerstore.AddAddress(server.Id, address);
        var buffer = new byte[100];
        var read = reading.ReadMessage(buffer).AsTask();
        await using var writing = Transport(client).Open();
        await writing.WriteMessage("named"u8.ToArray(), address);
        await read.WaitAsync(Guard);

        // The answer comes after the acknowledgement of the name: from here on messages need no more than its number.
        await client.Request(server.Id, MessageHost.PingProtocol, new byte[1]).AsTask().WaitAsync(Guard);
        ReadOnlyMemory<byte>[] messages = ["one"u8.ToArray(), "two"u8.ToArray(), "three"u8.ToArray()];
        await client.SendMessages(server.Id, UdpSocket.RawProtocol, messages, SendOptions.Unreliable);
        foreach (var message in messages)
        {
            var (_, bytes) = await reading.ReadMessage(buffer).AsTask().WaitAsync(Guard);
            Assert.Equal(message.ToArray(), buffer[..bytes]);
        }
    }

    [Fact]
    [Covers("API-103")]
    public async Task Plain_sockets_exchange_bare_datagrams()
    {
        await using var reading = Transport(server).Open();
        await using var writing = Transport(client).Open();
        await reading.Listen("/ip4/127.0.0.1/udp/0/plain");
        await writing.Listen("/ip4/127.0.0.1/udp/0/plain");
        var buffer = new byte[100];
        var read = reading.ReadMessage(buffer).AsTask();
        await writing.WriteMessage("bare"u8.ToArray(), reading.Addresses[0]);

        var (from, bytes) = await read.WaitAsync(Guard);
        Assert.Equal("bare", Encoding.UTF8.GetString(buffer, 0, bytes));
        Assert.Equal(writing.Addresses[0], from);

        // Each message is read once, and what does not fit the reader's buffer is cut off.
        await writing.WriteMessage("first"u8.ToArray(), reading.Addresses[0]);
        await writing.WriteMessage("second"u8.ToArray(), reading.Addresses[0]);
        Assert.Equal(3, (await reading.ReadMessage(buffer.AsMemory(0, 3)).AsTask().WaitAsync(Guard)).Bytes);
        Assert.Equal(6, (await reading.ReadMessage(buffer).AsTask().WaitAsync(Guard)).Bytes);
        await Assert.ThrowsAsync<MessageTooLargeException>(() => writing.WriteMessage(new byte[65_508], reading.Addresses[0]).AsTask());
    }

    [Fact]
    [Covers("API-015")]
    public async Task Listening_again_on_an_open_port_attaches_to_it()
    {
        await using var first = Transport(server).Open();
        await first.Listen("/ip4/127.0.0.1/udp/0");
        var address = first.Addresses[0];
        await using (var second = Transport(server).Open())
        {
            await second.Listen(address);
            Assert.Equal(address, second.Addresses[0]);
        }

        // The second is closed; the port is still the first one's.
        client.Network.Peerstore.AddAddress(server.Id, address);
        Assert.Equal(3, (await client.Request(server.Id, MessageHost.PingProtocol, new byte[3]).AsTask().WaitAsync(Guard)).Data.Length);
    }

    [Fact]
    public async Task Taken_port_says_what_to_do()
    {
        var taken = server.Addresses[0].WithoutPeerId()!;
        var error = await Assert.ThrowsAsync<MsgNetException>(() => client.Network.Listen(taken).AsTask());
        Assert.Contains("port", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closed_peer_is_told_and_both_ends_know()
    {
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        await using var session = client.OpenSession(server.Id, MessageHost.PingProtocol, SendOptions.Unreliable);
        await client.Request(server.Id, MessageHost.PingProtocol, new byte[1]).AsTask().WaitAsync(Guard);
        Assert.True(client.Network.HasSession(server.Id));
        Assert.True(SpinWait.SpinUntil(() => server.Network.HasSession(client.Id), Guard)); // the answer may be faster than the proof
        Assert.Equal([client.Id], server.Network.Peers());

        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = Watch(server, gone);
        await client.Network.ClosePeer(server.Id);
        Assert.False(client.Network.HasSession(server.Id));
        await gone.Task.WaitAsync(Guard);
        Assert.False(server.Network.HasSession(client.Id));

        // And a new one opens by itself.
        await client.Request(server.Id, MessageHost.PingProtocol, new byte[1]).AsTask().WaitAsync(Guard);
    }

    [Fact]
    public async Task Protocol_without_handler_ends_the_session_with_its_reason()
    {
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        var session = client.OpenSession(server.Id, "/nobody/1", SendOptions.Unreliable);
        await session.SendMessage(new byte[1]);
        var error = await Assert.ThrowsAsync<ProtocolNotSupportedException>(() => session.Completion.WaitAsync(Guard));
        Assert.Equal(new ProtocolId("/nobody/1"), error.Protocol);
    }

    [Fact]
    public async Task Large_messages_travel_in_fragments_both_ways()
    {
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        foreach (var size in new[] { 0, 1_163, 1_164, 20_000, 60_000 })
        {
            var data = new byte[size];
            Random.Shared.NextBytes(data);
            var reply = await client.Request(server.Id, MessageHost.PingProtocol, data).AsTask().WaitAsync(Guard);
            Assert.Equal(data, reply.Data.ToArray());
        }

        var error = await Assert.ThrowsAsync<MessageTooLargeException>(() =>
            client.SendMessage(server.Id, "/x", new byte[65_536]).AsTask());
        Assert.Contains("SendOptions.Reliable", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("API-065", "SEC-037")]
    public async Task Stranger_at_the_address_cannot_answer_for_the_peer()
    {
        using var expected = Identity.Generate();
        var options = new MsgNetOptions { DialTimeout = TimeSpan.FromMilliseconds(700) };
        await using var careful = await MessageHost.Start(options);
        careful.Network.Peerstore.AddAddress(expected.Id, server.Addresses[0].WithoutPeerId()!);
        await Assert.ThrowsAsync<PeerUnreachableException>(() =>
            careful.Request(expected.Id, MessageHost.PingProtocol, new byte[1]).AsTask().WaitAsync(Guard));
        Assert.Empty(server.Network.Peers());
    }

    private static IMessageTransport Transport(MessageHost host) => host.Network.Transports().Single(transport => transport.Name == "udp");

    private static ValueTask Set(TaskCompletionSource<string> source, Message message)
    {
        source.TrySetResult(Encoding.UTF8.GetString(message.Data.Span));
        return ValueTask.CompletedTask;
    }

    private static async Task Watch(MessageHost host, TaskCompletionSource gone)
    {
        await foreach (var happened in host.Network.PeerEvents())
        {
            if (happened.Kind == PeerEventKind.Disconnected)
                gone.TrySetResult();
        }
    }
}
