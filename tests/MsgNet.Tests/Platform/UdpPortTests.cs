using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using MsgNet.Core;
using MsgNet.Platform;
using MsgNet.Testing;

namespace MsgNet.Tests.Platform;

public class UdpPortTests
{
    [SkippableTheory]
    [PortWays]
    [Covers("API-102")]
    public void Datagrams_pass_both_ways_over_IPv4(PortWay way) => Exchange(way, IPAddress.Loopback);

    [SkippableTheory]
    [PortWays]
    [Covers("API-102")]
    public void Datagrams_pass_both_ways_over_IPv6(PortWay way)
    {
        RequireIPv6();
        Exchange(way, IPAddress.IPv6Loopback);
    }

    [SkippableTheory]
    [PortWays]
    [Covers("API-102")]
    public void The_any_addresses_of_both_versions_share_a_port_number(PortWay way)
    {
        RequireIPv6();
        using var four = way.Open(IPAddress.Any, 0, 0);
        using var six = way.Open(IPAddress.IPv6Any, four.Local.Port, 1);
        using var sender4 = way.Open(IPAddress.Loopback, 0, 2);
        using var sender6 = way.Open(IPAddress.IPv6Loopback, 0, 3);
        var collector4 = new DatagramCollector();
        var collector6 = new DatagramCollector();
        four.Start(collector4);
        six.Start(collector6);

        sender4.Send(NetAddress.From(IPAddress.Loopback, four.Local.Port, 2), "four"u8);
        sender6.Send(NetAddress.From(IPAddress.IPv6Loopback, six.Local.Port, 3), "six"u8);

        var (from4, data4) = collector4.Take();
        var (from6, data6) = collector6.Take();
        Assert.Equal("four"u8, data4);
        Assert.Equal("six"u8, data6);
        Assert.Equal(sender4.Local with { LocalPort = 0 }, from4);
        Assert.Equal(sender6.Local with { LocalPort = 1 }, from6);
        Assert.Equal(0, collector4.Count + collector6.Count);
    }

    [SkippableTheory]
    [PortWays]
    public void The_largest_datagram_passes_and_a_larger_one_is_a_counted_loss(PortWay way)
    {
        using var a = way.Open(IPAddress.Loopback, 0, 0);
        using var b = way.Open(IPAddress.Loopback, 0, 1);
        var collector = new DatagramCollector();
        b.Start(collector);
        var largest = new byte[65_507];
        new Random(1).NextBytes(largest);

        a.Send(b.Local, new byte[65_508]);
        a.Send(b.Local, largest);

        Assert.Equal(largest, collector.Take().Data);
        Assert.Equal(1, a.Losses.SendsDropped);
    }

    [Theory]
    [InlineData("127.0.0.1", 0, 10)]
    [InlineData("::1", 41, 23)]
    [Covers("SEC-089")]
    public void Datagrams_leave_whole_or_not_at_all(string address, int level, int option)
    {
        using var socket = SystemSocket.Bind(IPAddress.Parse(address), 0, UdpPort.SocketBufferBytes);
        if (!OperatingSystem.IsLinux())
        {
            Assert.True(socket.AddressFamily == AddressFamily.InterNetworkV6 || socket.DontFragment);
            return;
        }

        // IP_PMTUDISC_PROBE: do not fragment, and do not believe ICMP.
        var value = new byte[4];
        socket.GetRawSocketOption(level, option, value);
        Assert.Equal(3, BitConverter.ToInt32(value));
    }

    [SkippableTheory]
    [PortWays]
    public void A_datagram_to_the_other_IP_version_is_a_counted_loss(PortWay way)
    {
        using var port = way.Open(IPAddress.Loopback, 0, 0);
        port.Send(NetAddress.From(IPAddress.IPv6Loopback, 9, 0), "lost"u8);
        Assert.Equal(1, port.Losses.SendsDropped);
    }

    [SkippableTheory]
    [PortWays]
    public void A_closed_port_at_the_other_end_disturbs_nothing(PortWay way)
    {
        using var a = way.Open(IPAddress.Loopback, 0, 0);
        var collector = new DatagramCollector();
        a.Start(collector);
        using (var gone = way.Open(IPAddress.Loopback, 0, 1))
            a.Send(gone.Local, "knock"u8);
        var unused = UnusedPort(way);
        for (var i = 0; i < 3; i++)
            a.Send(NetAddress.From(IPAddress.Loopback, unused, 0), "nobody is there"u8);

        a.Send(a.Local, "still here"u8);
        Assert.Equal("still here"u8, collector.Take().Data);
    }

    [SkippableTheory]
    [PortWays]
    [Covers("API-102")]
    public void The_receive_buffer_is_asked_for_and_read_back(PortWay way)
    {
        using var port = way.Open(IPAddress.Loopback, 0, 0);
        using var plain = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Assert.True(port.ReceiveBufferBytes > plain.ReceiveBufferSize, $"{port.ReceiveBufferBytes} of {UdpPort.SocketBufferBytes} asked");
    }

    [SkippableTheory]
    [PortWays]
    public void A_batch_ends_once_however_many_datagrams_it_held(PortWay way)
    {
        const int sent = 1000;
        var ends = BatchEndsOf(way, sent, 1);
        Assert.InRange(ends, (sent / UdpPort.BatchMax) - 1, (sent / UdpPort.BatchMax) + 1);
    }

    [SkippableTheory]
    [PortWays]
    public void A_batch_of_larger_datagrams_ends_when_it_holds_enough(PortWay way)
    {
        const int sent = 300;
        var ends = BatchEndsOf(way, sent, UdpPort.BatchBytes / UdpPort.BatchMin);
        Assert.InRange(ends, (sent / UdpPort.BatchMin) - 1, (sent / UdpPort.BatchMin) + 1);
    }

    [SkippableTheory]
    [PortWays]
    public void Starting_twice_is_refused(PortWay way)
    {
        using var port = way.Open(IPAddress.Loopback, 0, 0);
        port.Start(new DatagramCollector());
        Assert.Throws<InvalidOperationException>(() => port.Start(new DatagramCollector()));
    }

    [SkippableTheory]
    [PortWays]
    public void A_taken_port_says_so_and_what_to_do(PortWay way)
    {
        using var port = way.Open(IPAddress.Loopback, 0, 0);
        var error = Assert.Throws<MsgNetException>(() => way.Open(IPAddress.Loopback, port.Local.Port, 1));
        Assert.Contains($"127.0.0.1:{port.Local.Port}", error.Message, StringComparison.Ordinal);
        Assert.Contains("choose another port, or 0", error.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [PortWays]
    public void A_foreign_address_says_so_and_what_to_do(PortWay way)
    {
        var error = Assert.Throws<MsgNetException>(() => way.Open(IPAddress.Parse("192.0.2.1"), 0, 1));
        Assert.Contains("192.0.2.1", error.Message, StringComparison.Ordinal);
        Assert.Contains("not one of this machine", error.Message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [PortWays]
    public void A_link_local_address_without_its_interface_says_so_and_what_to_do(PortWay way)
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Socket.OSSupportsIPv6, "needs linux and IPv6");
        var error = Assert.Throws<MsgNetException>(() => way.Open(IPAddress.Parse("fe80::1"), 0, 1));
        Assert.Contains("a link-local address", error.Message, StringComparison.Ordinal);
        Assert.Contains("listen on ::", error.Message, StringComparison.Ordinal);
    }

    private static int BatchEndsOf(PortWay way, int sent, int length)
    {
        using var a = way.Open(IPAddress.Loopback, 0, 0);
        using var b = way.Open(IPAddress.Loopback, 0, 1);
        for (var i = 0; i < sent; i++)
            a.Send(b.Local, new byte[length]);

        var collector = new DatagramCollector();
        b.Start(collector);
        for (var i = 0; i < sent; i++)
            collector.Take();
        b.Dispose();
        return collector.BatchEnds;
    }

    private static void Exchange(PortWay way, IPAddress address)
    {
        using var a = way.Open(address, 0, 7);
        using var b = way.Open(address, 0, 8);
        var collectorA = new DatagramCollector();
        var collectorB = new DatagramCollector();
        a.Start(collectorA);
        b.Start(collectorB);

        a.Send(b.Local, "to b"u8);
        var (fromA, toB) = collectorB.Take();
        Assert.Equal("to b"u8, toB);
        Assert.Equal(a.Local with { LocalPort = 8 }, fromA);

        b.Send(fromA, "to a"u8);
        var (fromB, toA) = collectorA.Take();
        Assert.Equal("to a"u8, toA);
        Assert.Equal(b.Local with { LocalPort = 7 }, fromB);

        a.Send(b.Local, []);
        Assert.Empty(collectorB.Take().Data);
    }

    private static int UnusedPort(PortWay way)
    {
        using var port = way.Open(IPAddress.Loopback, 0, 0);
        return port.Local.Port;
    }

    private static void RequireIPv6()
    {
        var has = Socket.OSSupportsIPv6 && NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Any(unicast => unicast.Address.Equals(IPAddress.IPv6Loopback));
        Skip.IfNot(has, "needs ipv6-loopback");
    }
}
