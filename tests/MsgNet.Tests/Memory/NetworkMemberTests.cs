using MsgNet.Platform;
using MsgNet.Testing;
using static MsgNet.Tests.MemoryHosts;

namespace MsgNet.Tests.Memory;

/// <summary>Every member of the network and its transports, over the memory transport.</summary>
public class NetworkMemberTests
{
    private static readonly ProtocolId Chat = "/chat/1.0";

    [Fact]
    public void LocalPeer_Peerstore_and_Transports_are_the_hosts_own()
    {
        Pair(out var a, out var b);

        Assert.Equal(a.Id, a.Network.LocalPeer);
        Assert.Equal([b.Id], a.Network.Peerstore.Peers());
        var transport = Assert.Single(a.Network.Transports());
        Assert.Equal("memory", transport.Name);
        Assert.Equal(new TransportGuarantees(Delivery.ReliableOrdered, true, true, 1 << 20, 0), transport.Guarantees);
        Assert.True(transport.CanDial("/memory/5"));
        Assert.False(transport.CanDial("/memory/0"));
        Assert.True(transport.CanListen("/memory/0"));
        Assert.False(transport.CanListen("/ip4/127.0.0.1/udp/1"));
    }

    [Fact]
    public async Task SendMessage_Set_and_RemoveMessageHandler_work_on_the_network()
    {
        Pair(out var a, out var b);
        var got = new TaskCompletionSource();
        b.Network.SetMessageHandler(
            Chat,
            (_, _) =>
            {
                got.TrySetResult();
                return ValueTask.CompletedTask;
            },
            HandlerOptions.Default);

        await Soon(a.Network.SendMessage(b.Id, Chat, new byte[1], SendOptions.Reliable));

        await Soon(got.Task);
        Assert.True(b.Network.RemoveMessageHandler(Chat));
        await Soon(a.DisposeAsync());
        await Soon(b.DisposeAsync());
    }

    [Fact]
    public async Task Listen_takes_its_own_peer_id_attaches_twice_and_names_the_transports_otherwise()
    {
        var hosts = new MemoryHosts();
        var host = hosts.Silent();
        var other = hosts.Silent();

        await Soon(host.Network.Listen(((Multiaddress)"/memory/7").WithPeerId(host.Id)));
        await Soon(host.Network.Listen("/memory/7"));

        Assert.Equal([((Multiaddress)"/memory/7").WithPeerId(host.Id)], host.Addresses);
        await Assert.ThrowsAsync<MsgNetException>(() => Soon(other.Network.Listen("/memory/7")));
        var error = Assert.Throws<ArgumentException>(() => { _ = host.Network.Listen("/ip4/127.0.0.1/udp/1").AsTask(); });
        Assert.Contains("memory", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => { _ = host.Network.Listen(((Multiaddress)"/memory/8").WithPeerId(other.Id)).AsTask(); });
    }

    [Covers("API-084")]
    [Covers("API-091")]
    [Fact]
    public void HasSession_Peers_and_Sessions_follow_the_channel()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, (_, _) => ValueTask.CompletedTask);
        Assert.False(a.Network.HasSession(b.Id));
        Assert.Empty(a.Network.Sessions(b.Id));

        Assert.True(a.SendMessage(b.Id, Chat, new byte[1]).IsCompletedSuccessfully);
        platform.Manual.Run();

        Assert.True(a.Network.HasSession(b.Id));
        Assert.True(b.Network.HasSession(a.Id));
        Assert.Equal([b.Id], a.Network.Peers());
        Assert.Equal([a.Id], b.Network.Peers());
        var session = Assert.Single(a.Network.Sessions(b.Id));
        Assert.Equal(Chat, session.Protocol);

        // The same send shares the session; other options open another.
        Assert.True(a.SendMessage(b.Id, Chat, new byte[1]).IsCompletedSuccessfully);
        Assert.Single(a.Network.Sessions(b.Id));
        Assert.True(a.SendMessage(b.Id, Chat, new byte[1], SendOptions.Ordered).IsCompletedSuccessfully);
        Assert.Equal(2, a.Network.Sessions(b.Id).Count);
    }

    [Covers("API-092")]
    [Fact]
    public void ClosePeer_ends_the_sessions_of_both_sides_and_the_next_send_opens_anew()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, (_, _) => ValueTask.CompletedTask);
        a.SetMessageHandler(Chat, (_, _) => ValueTask.CompletedTask);
        Assert.True(a.SendMessage(b.Id, Chat, new byte[1]).IsCompletedSuccessfully);
        platform.Manual.Run();
        Assert.True(b.SendMessage(a.Id, Chat, new byte[1]).IsCompletedSuccessfully);
        platform.Manual.Run();
        var near = Assert.Single(a.Network.Sessions(b.Id));
        var far = Assert.Single(b.Network.Sessions(a.Id));

        var closed = a.Network.ClosePeer(b.Id);
        platform.Manual.Run();

        Assert.True(closed.IsCompletedSuccessfully);
        Assert.True(near.Completion.IsCompletedSuccessfully);
        var lost = Assert.IsType<SessionLostException>(far.Completion.Exception!.InnerException);
        Assert.Equal(PeerLoss.ClosedByPeer, lost.Reason);
        Assert.False(a.Network.HasSession(b.Id));
        Assert.False(b.Network.HasSession(a.Id));
        Assert.Empty(a.Network.Sessions(b.Id));
        Assert.Empty(b.Network.Sessions(a.Id));

        Assert.True(a.SendMessage(b.Id, Chat, new byte[1]).IsCompletedSuccessfully);
        platform.Manual.Run();
        Assert.True(b.Network.HasSession(a.Id));
    }

    [Fact]
    [Covers("API-092")]
    public async Task ClosePeer_closes_each_channel_once()
    {
        var shared = new object();
        CountedTransport[] transports = [new(shared), new(shared), new(new object())];
        var host = await MessageHost.Start(
            SystemPlatform.Instance,
            new MsgNetOptions(),
            [.. transports.Select(transport => (Func<TransportContext, ICarrierTransport>)(_ => transport))],
            loggers: null,
            CancellationToken.None);
        using var peer = Identity.Generate();

        await Soon(host.Network.ClosePeer(peer.Id));

        Assert.Equal([1, 0, 1], transports.Select(transport => transport.CallsOf(nameof(ICarrier.ClosePeer))));
        await host.DisposeAsync();
    }

    [Fact]
    public void Sockets_shows_the_carrier_and_what_users_open()
    {
        Pair(out var a, out _);
        var carrier = Assert.Single(a.Network.Sockets());

        var opened = a.Network.Transports()[0].Open();

        Assert.Equal([carrier, opened], a.Network.Sockets());
        Assert.True(opened.DisposeAsync().IsCompletedSuccessfully);
        Assert.Equal([carrier], a.Network.Sockets());
    }

    [Covers("API-093")]
    [Fact]
    public void PeerEvents_tell_of_peers_that_come_and_go_on_both_sides()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, (_, _) => ValueTask.CompletedTask);
        var near = a.Network.PeerEvents().GetAsyncEnumerator();
        var far = b.Network.PeerEvents().GetAsyncEnumerator();
        var pending = near.MoveNextAsync();
        Assert.False(pending.IsCompleted);

        Assert.True(a.SendMessage(b.Id, Chat, new byte[1]).IsCompletedSuccessfully);
        platform.Manual.Run();
        Assert.True(Now(pending));
        Assert.Equal(new PeerEvent(PeerEventKind.Connected, b.Id, b.Addresses[0].WithoutPeerId(), ""), near.Current);

        _ = a.Network.ClosePeer(b.Id).AsTask();
        platform.Manual.Run();
        Assert.True(Now(near.MoveNextAsync()));
        Assert.Equal(PeerEventKind.Disconnected, near.Current.Kind);
        Assert.True(Now(far.MoveNextAsync()));
        Assert.Equal((PeerEventKind.Connected, a.Id), (far.Current.Kind, far.Current.Peer));
        Assert.True(Now(far.MoveNextAsync()));
        Assert.Equal((PeerEventKind.Disconnected, a.Id), (far.Current.Kind, far.Current.Peer));
    }

    [Covers("API-019")]
    [Fact]
    public async Task Close_ends_everything_and_only_once()
    {
        Pair(out var a, out var b);
        var events = a.Network.PeerEvents().GetAsyncEnumerator();

        await Soon(Task.WhenAll(a.Network.Close().AsTask(), a.Network.Close().AsTask(), a.DisposeAsync().AsTask()));

        Assert.False(await Soon(events.MoveNextAsync()));
        Assert.Empty(a.Network.Sockets());
        Assert.Throws<ObjectDisposedException>(() => { _ = a.SendMessage(b.Id, Chat, new byte[1]).AsTask(); });
        Assert.Throws<ObjectDisposedException>(() => { _ = a.Request(b.Id, Chat, new byte[1]).AsTask(); });
        Assert.Throws<ObjectDisposedException>(() => a.OpenSession(b.Id, Chat, SendOptions.Ordered));
        await Soon(b.DisposeAsync());
    }
}
