using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Tests.Network;

/// <summary>Which way to a peer is chosen, and what is said when there is none.</summary>
public class NetworkMachineTests
{
    private static readonly Instant Start = Instant.FromMicroseconds(1_000_000);
    private static readonly PeerId Peer = PeerId.FromEd25519(Enumerable.Repeat((byte)1, 32).ToArray());
    private static readonly PeerId Other = PeerId.FromEd25519(Enumerable.Repeat((byte)2, 32).ToArray());
    private static readonly StubTransport Udp = Stub("udp", Delivery.Unreliable, datagram: 1163, "/udp/");
    private static readonly StubTransport Msp = Stub("msp", Delivery.ReliableOrdered, datagram: 1163, "/udp/");
    private static readonly StubTransport Memory = Stub("memory", Delivery.ReliableOrdered, datagram: 0, "/memory/");
    private static readonly StubTransport Loose = Stub("loose", Delivery.Reliable, datagram: 0, "/memory/");
    private readonly NetworkMachine machine = new([Memory, Udp, Msp, Loose]);

    [Covers("API-081")]
    [Theory]
    [InlineData(Delivery.Unreliable, "udp msp")]
    [InlineData(Delivery.Reliable, "msp")]
    [InlineData(Delivery.ReliableOrdered, "msp")]
    public void The_least_delivery_that_satisfies_comes_first(Delivery wanted, string expected) =>
        Assert.Equal(expected, Names(Choose(wanted, "/ip4/1.2.3.4/udp/5")));

    [Fact]
    public void Among_equals_packets_come_before_streams() =>
        Assert.Equal("msp memory", Names(Choose(Delivery.ReliableOrdered, "/memory/5", "/ip4/1.2.3.4/udp/5")));

    [Fact]
    public void Less_delivery_than_wanted_is_never_chosen() =>
        Assert.Equal("loose msp memory", Names(Choose(Delivery.Reliable, "/memory/5", "/ip4/1.2.3.4/udp/5")));

    [Fact]
    public void Each_way_has_only_the_addresses_its_transport_dials_without_peer_id_and_once()
    {
        var named = ((Multiaddress)"/memory/5").WithPeerId(Peer);
        var choice = Choose(Delivery.ReliableOrdered, named, "/memory/5", "/ip4/1.2.3.4/udp/5");

        Assert.Equal([(Multiaddress)"/ip4/1.2.3.4/udp/5"], choice.Routes[0].Addresses);
        Assert.Equal([(Multiaddress)"/memory/5"], choice.Routes[1].Addresses);
    }

    [Fact]
    public void A_live_channel_needs_no_address()
    {
        var choice = machine.Choose(Start, Peer, Delivery.Unreliable, [], [true, false, false, false]);

        Assert.Equal("memory", Names(choice));
        Assert.True(choice.Routes[0].HasChannel);
        Assert.Empty(choice.Routes[0].Addresses);
    }

    [Fact]
    public void A_peer_without_any_address_is_unreachable_without_attempts()
    {
        var choice = Choose(Delivery.Reliable);

        Assert.Equal(RouteFailure.NoAddress, choice.Failure);
        Assert.Empty(choice.Attempts);
        Assert.Empty(choice.Routes);
    }

    [Covers("API-085")]
    [Fact]
    public void Plain_addresses_are_refused_with_the_reason()
    {
        var choice = Choose(Delivery.Unreliable, "/ip4/1.2.3.4/udp/5/plain");

        Assert.Equal(RouteFailure.NoAddress, choice.Failure);
        var attempt = Assert.Single(choice.Attempts);
        Assert.Equal("/ip4/1.2.3.4/udp/5/plain", attempt.Target);
        Assert.Contains("not sealed", attempt.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Peer_id_without_key_is_refused_where_the_channel_needs_one()
    {
        var hashed = PeerId.Parse("QmVMT29id3TUASyfZZ6k9hmNyc2nYabCo4uMSpDw4zrgDk");
        var choice = machine.Choose(Start, hashed, Delivery.Unreliable, ["/ip4/1.2.3.4/udp/5"], new bool[4]);
        Assert.Equal(RouteFailure.NoAddress, choice.Failure);
        Assert.Contains("Ed25519", Assert.Single(choice.Attempts).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Addresses_of_other_peers_and_of_no_transport_are_refused_with_the_reason()
    {
        var choice = Choose(Delivery.Unreliable, ((Multiaddress)"/memory/5").WithPeerId(Other), "/ip4/1.2.3.4/tcp/5");

        Assert.Equal(RouteFailure.NoAddress, choice.Failure);
        Assert.Contains(Other.ToString(), choice.Attempts[0].Error, StringComparison.Ordinal);
        Assert.Contains("registered: memory, udp, msp, loose", choice.Attempts[1].Error, StringComparison.Ordinal);
    }

    [Covers("API-082")]
    [Fact]
    public void A_reachable_peer_without_the_delivery_lists_what_each_transport_lacks()
    {
        var small = new NetworkMachine([Udp, Memory]);
        var choice = small.Choose(Start, Peer, Delivery.Reliable, ["/ip4/1.2.3.4/udp/5"], [false, false]);

        Assert.Equal(RouteFailure.NoDelivery, choice.Failure);
        Assert.Equal(
            [
                new DialAttempt("udp", "it gives Unreliable, not Reliable"),
                new DialAttempt("memory", "it dials no known address of the peer"),
            ],
            choice.Attempts);
    }

    [Fact]
    public void A_network_whose_transports_never_give_the_delivery_says_so_even_without_address()
    {
        var choice = new NetworkMachine([Udp]).Choose(Start, Peer, Delivery.Reliable, [], [false]);

        Assert.Equal(RouteFailure.NoDelivery, choice.Failure);
        Assert.Equal("udp", Assert.Single(choice.Attempts).Target);
    }

    [Fact]
    public void Unproven_peers_are_never_sent_to()
    {
        var open = Memory with { Name = "open", Guarantees = Memory.Guarantees with { Authenticated = false } };
        var choice = new NetworkMachine([open]).Choose(Start, Peer, Delivery.Unreliable, ["/memory/5"], [true]);

        Assert.Equal(RouteFailure.NoDelivery, choice.Failure);
        Assert.Contains("prove", Assert.Single(choice.Attempts).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_way_that_failed_stands_behind_the_others_for_a_while()
    {
        Multiaddress[] addresses = ["/ip4/1.2.3.4/udp/5"];
        machine.OnFailed(Start, Peer, transport: 1);

        Assert.Equal("msp udp", Names(machine.Choose(Start, Peer, Delivery.Unreliable, addresses, stackalloc bool[4])));
        Assert.Equal("udp msp", Names(machine.Choose(Start, Other, Delivery.Unreliable, addresses, stackalloc bool[4])));
        var later = Start + Limits.RouteFailureLifetime;
        Assert.Equal("udp msp", Names(machine.Choose(later, Peer, Delivery.Unreliable, addresses, stackalloc bool[4])));
    }

    [Fact]
    public void Failures_are_remembered_up_to_a_bound_and_the_oldest_goes()
    {
        Multiaddress[] addresses = ["/ip4/1.2.3.4/udp/5"];
        machine.OnFailed(Start, Peer, transport: 1);
        var key = new byte[32];
        for (var i = 0; i < Limits.RouteFailuresMax; i++)
        {
            BitConverter.TryWriteBytes(key, i + 1000);
            machine.OnFailed(Start, PeerId.FromEd25519(key), transport: 1);
        }

        Assert.Equal("udp msp", Names(machine.Choose(Start, Peer, Delivery.Unreliable, addresses, stackalloc bool[4])));
        Assert.Equal("msp udp", Names(machine.Choose(Start, PeerId.FromEd25519(key), Delivery.Unreliable, addresses, stackalloc bool[4])));
    }

    private static StubTransport Stub(string name, Delivery delivery, int datagram, string form) => new(
        name,
        new TransportGuarantees(delivery, Authenticated: true, Encrypted: true, 1 << 20, datagram),
        address => address.ToString().Contains(form, StringComparison.Ordinal));

    private RouteChoice Choose(Delivery wanted, params Multiaddress[] addresses) =>
        machine.Choose(Start, Peer, wanted, addresses, stackalloc bool[4]);

    private string Names(RouteChoice choice)
    {
        Assert.Equal(choice.Routes.Count == 0, choice.Failure != RouteFailure.None);
        IMessageTransport[] all = [Memory, Udp, Msp, Loose];
        return string.Join(' ', choice.Routes.Select(route => all[route.Transport].Name));
    }
}
