using System.Globalization;
using System.Net;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Identity;

public class MultiaddressTests
{
    private const string A = "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5";
    private const string B = "12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq";

    [Fact]
    public void Components_show_protocol_text_and_bytes()
    {
        var components = Multiaddress.Parse("/ip4/192.0.2.1/udp/4001/msp").Components;
        Assert.Equal([MultiaddressProtocols.Ip4, MultiaddressProtocols.Udp, MultiaddressProtocols.Msp], components.Select(c => c.Protocol));
        Assert.Equal(["192.0.2.1", "4001", ""], components.Select(c => c.Value));
        Assert.Equal(["/ip4/192.0.2.1", "/udp/4001", "/msp"], components.Select(c => c.ToString()));
        Assert.Equal([0x0F, 0xA1], components[1].ValueBytes.ToArray());
        Assert.True(components[2].ValueBytes.IsEmpty);
        Assert.Equal(components[1], Multiaddress.Parse("/udp/4001").Components[0]);
        Assert.Equal(components[1].GetHashCode(), Multiaddress.Parse("/udp/4001").Components[0].GetHashCode());
        Assert.True(components[1] != Multiaddress.Parse("/tcp/4001").Components[0]);
        Assert.Equal("", default(MultiaddressComponent).ToString());
        Assert.Throws<InvalidOperationException>(() => default(MultiaddressComponent).Protocol);
        Assert.IsNotType<MultiaddressComponent[]>(components);
    }

    [Fact]
    [Covers("MA-005")]
    public void Strings_convert_and_equal_addresses_are_equal()
    {
        Multiaddress left = "/ip4/192.0.2.1/udp/4001";
        Multiaddress right = "/ip4/192.0.2.1/udp/4001/";
        Assert.True(left == right && left.Equals((object)right) && left.GetHashCode() == right.GetHashCode());
        Assert.True(left != "/ip4/192.0.2.1/udp/4002");
        Assert.False(left == null);
        Assert.Equal(2, Count("/udp/1", "/udp/2"));
        Assert.Throws<ArgumentNullException>(() => Multiaddress.Parse(null!));
        Assert.False(Multiaddress.TryParse((string?)null, out _));
    }

    [Fact]
    public void Encapsulate_puts_behind()
    {
        Multiaddress relay = $"/ip4/1.2.3.4/tcp/4001/p2p/{B}";
        Assert.Equal($"/ip4/1.2.3.4/tcp/4001/p2p/{B}/p2p-circuit/p2p/{A}", relay.Encapsulate($"/p2p-circuit/p2p/{A}").ToString());
        Assert.Throws<ArgumentException>(() => Multiaddress.Parse("/unix/tmp/s").Encapsulate("/ws"));
        Multiaddress big = "/dns/" + new string('a', 4000);
        Assert.Throws<ArgumentException>(() => big.Encapsulate(big));
        Multiaddress many = string.Concat(Enumerable.Repeat("/ws", 20));
        var error = Assert.Throws<ArgumentException>(() => many.Encapsulate(many));
        Assert.Contains("more than 32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decapsulate_cuts_at_the_last_occurrence()
    {
        Multiaddress address = "/ip4/1.2.3.4/tcp/1/ws/ip4/1.2.3.4/tcp/2/ws";
        Assert.Equal("/ip4/1.2.3.4/tcp/1/ws", address.Decapsulate("/ip4/1.2.3.4")?.ToString());
        Assert.Equal("/ip4/1.2.3.4", address.Decapsulate("/tcp/1/ws")?.ToString());
        Assert.Equal("/ip4/1.2.3.4/tcp/1/ws/ip4/1.2.3.4/tcp/2", address.Decapsulate(MultiaddressProtocols.Ws)?.ToString());
        Assert.Same(address, address.Decapsulate("/udp/1"));
        Assert.Same(address, address.Decapsulate(MultiaddressProtocols.Udp));
        Assert.Null(address.Decapsulate(address));
        Assert.Null(Multiaddress.Parse("/udp/1").Decapsulate(MultiaddressProtocols.Udp));
    }

    [Fact]
    public void Decapsulate_cuts_only_where_a_component_starts()
    {
        // The bytes of /tcp/1 (06 00 01) stand inside the IPv4 address.
        Multiaddress address = "/ip4/6.0.1.9/udp/1";
        Assert.Same(address, address.Decapsulate("/tcp/1"));
    }

    [Fact]
    public void Decapsulate_leaves_no_zone_behind()
    {
        Multiaddress address = "/dns/a/ip6zone/eth0/ip6/fe80::1/udp/1";
        Assert.Equal("/dns/a", address.Decapsulate(MultiaddressProtocols.Ip6)?.ToString());
        Assert.Null(Multiaddress.Parse("/ip6zone/eth0/ip6/fe80::1/udp/1").Decapsulate("/ip6/fe80::1"));
    }

    [Fact]
    public void StartsWith_compares_whole_components()
    {
        Multiaddress address = "/ip4/1.2.3.4/udp/4001/msp";
        Assert.True(address.StartsWith("/ip4/1.2.3.4"));
        Assert.True(address.StartsWith(address));
        Assert.False(address.StartsWith("/ip4/1.2.3.4/udp/400"));
        Assert.False(Multiaddress.Parse("/ip4/1.2.3.4").StartsWith(address));
    }

    [Fact]
    public void The_peer_is_the_last_component()
    {
        var a = PeerId.Parse(A);
        Multiaddress bare = "/ip4/1.2.3.4/udp/4001";
        var named = bare.WithPeerId(a);
        Assert.Equal($"/ip4/1.2.3.4/udp/4001/p2p/{A}", named.ToString());
        Assert.True(named.TryGetPeerId(out var found));
        Assert.Equal(a, found);
        Assert.Equal(bare, named.WithoutPeerId());
        Assert.Same(bare, bare.WithoutPeerId());
        Assert.Equal($"/ip4/1.2.3.4/udp/4001/p2p/{B}", named.WithPeerId(PeerId.Parse(B)).ToString());
        Assert.Equal(named, named.WithPeerId(a));
        Assert.False(bare.TryGetPeerId(out found));
        Assert.True(found.IsEmpty);

        Multiaddress relayed = $"/ip4/1.2.3.4/tcp/1/p2p/{B}/p2p-circuit";
        Assert.False(relayed.TryGetPeerId(out _));
        Assert.Same(relayed, relayed.WithoutPeerId());
        Assert.Null(Multiaddress.Parse($"/p2p/{A}").WithoutPeerId());
        Assert.Throws<ArgumentException>(() => bare.WithPeerId(default));
        Assert.Throws<ArgumentException>(() => Multiaddress.Parse("/unix/tmp/s").WithPeerId(a));
    }

    [Theory]
    [InlineData("/ip4/192.0.2.1/udp/4001", "192.0.2.1", 4001)]
    [InlineData("/ip4/192.0.2.1/udp/65535/quic-v1", "192.0.2.1", 65535)]
    [InlineData("/ip6/2001:db8::1/udp/0/msp", "2001:db8::1", 0)]
    [InlineData("/ip6zone/7/ip6/fe80::1/udp/9", "fe80::1%7", 9)]
    public void Udp_end_points_are_found(string text, string address, int port)
    {
        Multiaddress multiaddress = text;
        Assert.True(multiaddress.TryGetUdpEndPoint(out var found, out var foundPort));
        Assert.Equal((IPAddress.Parse(address), port), (found, foundPort));
        Assert.True(multiaddress.StartsWith(Multiaddress.FromUdpEndPoint(found, foundPort)));
    }

    [Theory]
    [InlineData("/ip4/192.0.2.1")]
    [InlineData("/ip4/192.0.2.1/tcp/1")]
    [InlineData("/udp/1")]
    [InlineData("/dns/example.com/udp/1")]
    [InlineData("/ip6zone/eth0/ip6/fe80::1/udp/9")]
    [InlineData("/ws/ip4/192.0.2.1/udp/1")]
    public void Other_addresses_have_no_udp_end_point(string text)
    {
        Assert.False(Multiaddress.Parse(text).TryGetUdpEndPoint(out var address, out var port));
        Assert.Null(address);
        Assert.Equal(0, port);
    }

    [Fact]
    public void Mapped_addresses_become_ipv4()
    {
        Assert.Equal("/ip4/192.0.2.1/udp/1", Multiaddress.FromUdpEndPoint(IPAddress.Parse("::ffff:192.0.2.1"), 1).ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => Multiaddress.FromUdpEndPoint(IPAddress.Any, 65536));
        Assert.Throws<ArgumentOutOfRangeException>(() => Multiaddress.FromUdpEndPoint(IPAddress.Any, -1));
    }

    [Fact]
    public void Names_are_found_and_resolved()
    {
        Multiaddress address = "/dns4/example.com/udp/4001/msp";
        Assert.True(address.TryGetDns(out var name, out var protocol));
        Assert.Equal("example.com", name);
        Assert.Same(MultiaddressProtocols.Dns4, protocol);
        Assert.Equal("/ip4/192.0.2.1/udp/4001/msp", address.WithResolved(IPAddress.Parse("192.0.2.1")).ToString());
        Assert.Equal("/ip4/192.0.2.1", Multiaddress.Parse("/dns/a").WithResolved(IPAddress.Parse("192.0.2.1")).ToString());

        Multiaddress numeric = "/ip4/192.0.2.1/udp/1";
        Assert.False(numeric.TryGetDns(out name, out protocol));
        Assert.True(name is null && protocol is null);
        Assert.Throws<InvalidOperationException>(() => numeric.WithResolved(IPAddress.Any));
        Assert.Throws<InvalidOperationException>(() => Multiaddress.Parse("/dnsaddr/a").WithResolved(IPAddress.Any));
    }

    [Fact]
    public void A_component_is_found_by_protocol()
    {
        Multiaddress address = "/mdp/8A88E3DD7409F195FD52DB2D3CBA5D72CA6709BF1D94121BF3748801B40F6F5C/mdpport/7/msp";
        Assert.True(address.TryGet(MultiaddressProtocols.MdpPort, out var port));
        Assert.Equal([0, 0, 0, 7], port.ValueBytes.ToArray());
        Assert.True(address.TryGet(MultiaddressProtocols.Msp, out _));
        Assert.False(address.TryGet(MultiaddressProtocols.Plain, out _));
    }

    [Fact]
    public void Writing_fills_a_span_or_nothing()
    {
        Multiaddress address = "/ip4/127.0.0.1/tcp/4001";
        Span<byte> bytes = stackalloc byte[address.Length];
        Assert.Equal(8, address.WriteTo(bytes));
        Assert.Equal(address.ToBytes(), bytes.ToArray());
        Assert.Equal(0, address.WriteTo(bytes[1..]));
        Assert.True(address.AsSpan().SequenceEqual(bytes));

        Span<char> chars = stackalloc char[address.ToString().Length];
        Assert.True(address.TryFormat(chars, out var written));
        Assert.Equal(address.ToString(), chars[..written].ToString());
        Assert.False(address.TryFormat(chars[1..], out written));
        Assert.Equal(0, written);
        Assert.Equal("</udp/1>", string.Create(CultureInfo.InvariantCulture, $"<{Multiaddress.Parse("/udp/1")}>"));
    }

    private static int Count(params ReadOnlySpan<Multiaddress> addresses) => addresses.Length;
}
