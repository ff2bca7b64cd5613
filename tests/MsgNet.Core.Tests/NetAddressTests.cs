using System.Net;

namespace MsgNet.Core.Tests;

public class NetAddressTests
{
    [Theory]
    [InlineData("192.0.2.1", 4001, "192.0.2.1:4001", "00000000000000000000ffffc00002010fa1")]
    [InlineData("::ffff:192.0.2.1", 4001, "192.0.2.1:4001", "00000000000000000000ffffc00002010fa1")]
    [InlineData("0.0.0.0", 0, "0.0.0.0:0", "00000000000000000000ffff000000000000")]
    [InlineData("2001:db8::1", 65535, "[2001:db8::1]:65535", "20010db8000000000000000000000001ffff")]
    [InlineData("::1", 1, "[::1]:1", "000000000000000000000000000000010001")]
    [InlineData("::", 1, "[::]:1", "000000000000000000000000000000000001")]
    public void Addresses_go_to_the_wire_and_back(string ip, int port, string text, string hex)
    {
        var address = NetAddress.From(IPAddress.Parse(ip), port, 3);
        Assert.Equal(text, address.ToString());
        Span<byte> wire = stackalloc byte[NetAddress.WireLength];
        address.WriteTo(wire);
        Assert.Equal(hex, Convert.ToHexStringLower(wire));
        Assert.Equal(address, NetAddress.FromWire(wire[..16], address.Port, 3));
        Assert.Equal(address, NetAddress.From(address.ToIPAddress(), address.Port, 3));
        Assert.Equal(!text.StartsWith('['), address.IsIPv4);
    }

    [Fact]
    public void A_scope_is_kept_for_link_local_addresses_only()
    {
        var linkLocal = NetAddress.From(IPAddress.Parse("fe80::1%7"), 9, 0);
        Assert.Equal(7u, linkLocal.ScopeId);
        Assert.Equal(IPAddress.Parse("fe80::1%7"), linkLocal.ToIPAddress());
        Assert.NotEqual(linkLocal, NetAddress.From(IPAddress.Parse("fe80::1%8"), 9, 0));
        Assert.Equal(0u, NetAddress.From(new IPAddress(IPAddress.Parse("2001:db8::1").GetAddressBytes(), 7), 9, 0).ScopeId);
    }

    [Fact]
    public void Port_and_local_port_are_part_of_the_value()
    {
        var address = NetAddress.From(IPAddress.Loopback, 1, 0);
        Assert.NotEqual(address, NetAddress.From(IPAddress.Loopback, 2, 0));
        Assert.NotEqual(address, NetAddress.From(IPAddress.Loopback, 1, 1));
        Assert.Equal(address.GetHashCode(), NetAddress.From(IPAddress.Loopback, 1, 0).GetHashCode());
    }

    [Fact]
    public void Misuse_throws()
    {
        Assert.Throws<ArgumentNullException>(() => NetAddress.From(null!, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => NetAddress.From(IPAddress.Any, 65536, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => NetAddress.From(IPAddress.Any, -1, 0));
    }
}
