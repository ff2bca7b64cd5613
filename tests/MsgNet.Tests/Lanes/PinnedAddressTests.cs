using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Tests.Lanes;

/// <summary>Addresses with <c>/msp</c>: the same port, sent to by lanes only.</summary>
[Covers("MA-023")]
public sealed class PinnedAddressTests : IAsyncLifetime
{
    private static readonly PeerId Peer = PeerId.FromEd25519(Enumerable.Repeat((byte)1, 32).ToArray());
    private MessageHost host = null!;

    public async Task InitializeAsync() => host = await MessageHost.Start();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Theory]
    [InlineData("/ip4/127.0.0.1/udp/4001", true, true)]
    [InlineData("/ip4/127.0.0.1/udp/4001/msp", false, true)]
    [InlineData("/ip6/::1/udp/4001/msp", false, true)]
    [InlineData("/ip4/127.0.0.1/udp/4001/plain", false, false)]
    [InlineData("/ip4/127.0.0.1/udp/4001/msp/msp", false, false)]
    [InlineData("/ip4/127.0.0.1/udp/4001/plain/msp", false, false)]
    [InlineData("/ip4/127.0.0.1/tcp/4001/msp", false, false)]
    [InlineData("/msp", false, false)]
    public void Msp_takes_what_udp_takes_and_the_same_with_a_pin(string address, bool udp, bool msp)
    {
        var transports = host.Network.Transports();
        foreach (var whole in new[] { (Multiaddress)address, ((Multiaddress)address).WithPeerId(Peer) })
            Assert.Equal((udp, msp), (transports[0].CanDial(whole), transports[1].CanDial(whole)));
        Assert.Equal((udp, msp), (transports[0].CanListen(address), transports[1].CanListen(address)));
    }

    [Fact]
    public void A_name_can_be_pinned_and_not_listened_on()
    {
        var msp = host.Network.Transports()[1];
        Assert.True(msp.CanDial("/dns4/example.org/udp/4001/msp"));
        Assert.False(msp.CanListen("/dns4/example.org/udp/4001/msp"));
        Assert.False(msp.CanDial("/dnsaddr/example.org/udp/4001/msp"));
    }

    [Fact]
    public void Unreliable_messages_travel_by_lanes_to_pinned_addresses_alone()
    {
        var machine = new NetworkMachine(host.Network.Transports());
        Assert.Equal(["msp"], Ways(machine, "/ip4/192.0.2.1/udp/5/msp"));
        Assert.Equal(["udp", "msp"], Ways(machine, "/ip4/192.0.2.1/udp/5/msp", "/ip4/192.0.2.1/udp/6"));
    }

    [Theory]
    [Covers("API-015")]
    [InlineData("", "/msp")]
    [InlineData("/msp", "")]
    [InlineData("/msp", "/msp")]
    public async Task Listening_on_the_port_with_a_pin_attaches_to_it(string first, string second)
    {
        await host.Network.Listen($"/ip4/127.0.0.1/udp/0{first}");
        Assert.True(host.Addresses[0].TryGetUdpEndPoint(out _, out var port));
        await host.Network.Listen($"/ip4/127.0.0.1/udp/{port}{second}");

        var expected = new[] { first, second }.Distinct().Select(pin =>
            Multiaddress.Parse($"/ip4/127.0.0.1/udp/{port}{pin}").WithPeerId(host.Id));
        Assert.Equal(expected.ToHashSet(), [.. host.Addresses]);
        Assert.Single(((UdpTransport)host.Network.Transports()[0]).Context.Udp.Ports);
    }

    [Fact]
    public async Task A_port_is_asked_who_it_is_with_or_without_a_pin()
    {
        await using var server = await MessageHost.Start(
            new MsgNetOptions { AnswerWho = true, Listen = { "/ip4/127.0.0.1/udp/0/msp" } });
        var pinned = server.Addresses[0].WithoutPeerId()!;
        Assert.EndsWith("/msp", pinned.ToString(), StringComparison.Ordinal);

        Assert.Equal(server.Id, await host.Network.Resolve(pinned));
        Assert.Equal(server.Id, await host.Network.Resolve(UdpAddress.WithoutPin(pinned)));
    }

    private static IEnumerable<string> Ways(NetworkMachine machine, params Multiaddress[] addresses) => machine
        .Choose(Instant.Zero, Peer, Delivery.Unreliable, addresses, stackalloc bool[3])
        .Routes.Select(route => new[] { "udp", "msp", "memory" }[route.Transport]);
}
