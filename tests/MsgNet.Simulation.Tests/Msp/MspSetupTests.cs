using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

/// <summary>Bind, connect, listen: what they need and what they refuse.</summary>
public sealed class MspSetupTests
{
    [Fact]
    [Covers("MSP-110")]
    public void Only_a_new_socket_is_bound_connected_or_set_to_listen()
    {
        using var world = new MspWorld();
        var listener = world.Listen(null);
        var connection = world.Connect(null);
        foreach (var socket in new[] { listener, connection })
        {
            Assert.Throws<InvalidOperationException>(() => socket.Bind("/ip4/0.0.0.0/udp/1"));
            Assert.Throws<InvalidOperationException>(() => socket.Connect(world.AtB));
            Assert.Throws<InvalidOperationException>(socket.Listen);
        }

        Assert.True(listener.IsListening);
        Assert.True(connection.IsData);
    }

    [Theory]
    [InlineData("/ip4/1.2.3.4/tcp/80")]
    [InlineData("/ip4/1.2.3.4/udp/80/plain")]
    [InlineData("/dns/example.org/udp/80")]
    [InlineData("/memory/1")]
    [Covers("MSP-110", "MSP-170")]
    public void Addresses_of_another_kind_are_refused_and_leave_the_socket_as_it_was(string address)
    {
        using var world = new MspWorld();
        var socket = world.A.Create();
        Assert.Contains("/udp/N", Assert.Throws<ArgumentException>(() => socket.Bind(address)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => socket.Connect(address));
        Assert.Throws<ArgumentException>(() => world.A.Listen(address));
        Assert.Throws<ArgumentException>(() => { _ = world.A.Connect(address); });
        Assert.True(socket.IsInitialising);
        Assert.Equal(1, world.A.Count);
    }

    [Fact]
    [Covers("MSP-112")]
    public void A_listener_needs_an_address()
    {
        using var world = new MspWorld();
        var socket = world.A.Create();
        Assert.Contains("Bind", Assert.Throws<InvalidOperationException>(socket.Listen).Message, StringComparison.Ordinal);
        Assert.True(socket.IsInitialising);
        socket.Bind("/ip4/0.0.0.0/udp/77");
        socket.Listen();
        Assert.True(socket.IsListening);
    }

    [Fact]
    [Covers("MSP-112")]
    public void A_port_in_use_ends_the_socket_with_an_error()
    {
        using var world = new MspWorld();
        world.Listen(null);
        var second = world.B.Create();
        second.Bind(MspWorld.ListenAddress);
        Assert.Throws<MsgNetException>(second.Listen);
        Assert.Equal(MspStates.Error | MspStates.Closed, second.States);
        Assert.True(second.IsClosed);

        using var others = MspWorld.Open(world.HostB);
        var third = others.Create();
        third.Bind(MspWorld.ListenAddress);
        Assert.Throws<MsgNetException>(third.Listen);
        Assert.Equal(MspStates.Error | MspStates.Closed, third.States);
        Assert.Equal(0, others.Count);
        Assert.Equal(1, world.B.Count);
    }

    [Fact]
    [Covers("MSP-111")]
    public void Connecting_sends_nothing_for_ten_milliseconds_and_then_asks()
    {
        using var world = new MspWorld();
        world.Connect(null);
        Assert.Equal(0, world.Simulation.Network.Statistics.Sent);
        world.Run(TimeSpan.FromMilliseconds(9));
        Assert.Equal(0, world.Simulation.Network.Statistics.Sent);
        world.Run(TimeSpan.FromMilliseconds(2));
        Assert.Equal(1, world.Simulation.Network.Statistics.Sent);
    }

    [Fact]
    [Covers("MSP-111")]
    public void A_message_sent_at_once_travels_in_the_first_packet()
    {
        using var world = new MspWorld();
        var seen = new MspRecorder(world);
        world.Listen(seen.Handle);
        world.Connect(null).TrySend("early"u8);
        world.Run(TimeSpan.FromMilliseconds(21)); // one way is 20 ms
        Assert.Equal("early"u8.ToArray(), Assert.Single(seen.Messages));
    }

    [Fact]
    [Covers("MSP-108", "MSP-122")]
    public void Sockets_share_a_port_and_only_the_pair_of_addresses_tells_them_apart()
    {
        using var world = new MspWorld();
        var peers = new HashSet<Multiaddress>();
        world.Listen((socket, _, message) =>
        {
            Assert.Equal(MspWorld.ListenAddress, socket.LocalAddress);
            if (message.Length > 0)
                peers.Add(socket.RemoteAddress!);
            return message.Length;
        });
        var sockets = Enumerable.Range(0, 10).Select(_ => world.Connect(null)).ToArray();
        foreach (var socket in sockets)
            Assert.True(socket.TrySend("x"u8));
        Assert.True(world.RunUntil(() => peers.Count == 10));
        Assert.Equal(10, sockets.Select(socket => socket.LocalAddress).Distinct().Count());

        // Towards another address the first of those ports is as good as new.
        var elsewhere = world.A.Create();
        elsewhere.Connect(Multiaddress.FromUdpEndPoint(world.HostB.LocalAddresses[0], 9));
        Assert.Equal(sockets[0].LocalAddress, elsewhere.LocalAddress);
    }

    [Fact]
    [Covers("MSP-108")]
    public void Two_connections_between_the_same_two_addresses_are_refused()
    {
        using var world = new MspWorld();
        var first = world.A.Create();
        first.Bind("/ip4/0.0.0.0/udp/700");
        first.Connect(world.AtB);
        var second = world.A.Create();
        second.Bind("/ip4/0.0.0.0/udp/700");
        Assert.Throws<MsgNetException>(() => second.Connect(world.AtB));
        Assert.Equal(MspStates.Error | MspStates.Closed, second.States);
        Assert.True(first.IsData);
    }

    [Fact]
    [Covers("MSP-108")]
    public void An_address_is_free_again_when_its_connection_is_over()
    {
        using var world = new MspWorld();
        world.Listen(null);
        for (var i = 0; i < 3; i++)
        {
            var socket = world.A.Create();
            socket.Bind("/ip4/0.0.0.0/udp/700");
            socket.Connect(world.AtB);
            Assert.True(world.RunUntil(() => socket.IsConnected));
            socket.Stop();
            world.Run(TimeSpan.FromMilliseconds(100));
        }
    }

    [Fact]
    [Covers("MSP-113")]
    public void Connections_of_either_IP_version_take_a_port_of_theirs()
    {
        using var world = new MspWorld();
        var six = world.A.Create();
        six.Connect(Multiaddress.FromUdpEndPoint(world.HostB.LocalAddresses[1], 4110));
        Assert.StartsWith("/ip6/::/udp/", six.LocalAddress!.ToString(), StringComparison.Ordinal);
        var mixed = world.A.Create();
        mixed.Bind("/ip4/0.0.0.0/udp/0");
        Assert.Throws<ArgumentException>(() => mixed.Connect(six.RemoteAddress!));
    }
}
