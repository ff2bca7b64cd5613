using System.Net;
using System.Net.Sockets;
using MsgNet.Core;
using MsgNet.Platform;
using MsgNet.Testing;

namespace MsgNet.Tests.Platform;

/// <summary>Runs of datagrams, whoever sends them and whoever receives them.</summary>
public class UdpPortRunTests
{
    private const int SocketLevel = 1;
    private const int NoChecksum = 11;
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);

    [SkippableTheory]
    [InlineData(PortWay.Linux, PortWay.Linux)]
    [InlineData(PortWay.Linux, PortWay.Portable)]
    [InlineData(PortWay.Portable, PortWay.Linux)]
    [InlineData(PortWay.Portable, PortWay.Portable)]
    [Covers("API-201")]
    public void A_run_arrives_as_the_datagrams_it_was_made_of(PortWay sending, PortWay receiving)
    {
        using var a = sending.Open(IPAddress.Loopback, 0, 0);
        using var b = receiving.Open(IPAddress.Loopback, 0, 1);
        var collector = new DatagramCollector();
        b.Start(collector);

        // Alone, two, as many as one call takes; of all sizes, the last one shorter, and one more than one call takes.
        foreach (var (size, length) in new[] { (10, 10), (700, 1400), (1000, 63_300), (1, 64), (1200, 64_800), (1023, 65_472), (8, 1_032) })
        {
            var run = Bytes(length);
            a.Send(b.Local, run, size);
            for (var at = 0; at < length; at += size)
            {
                var (from, data) = collector.Take();
                Assert.Equal(run[at..Math.Min(at + size, length)], data);
                Assert.Equal(a.Local with { LocalPort = 1 }, from);
            }
        }

        Assert.Equal(0, collector.Count);
        Assert.Equal((0, 0), (a.Losses.SendsDropped, b.Losses.ReceiveErrors));
    }

    [SkippableTheory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [Covers("API-201")]
    public void Between_two_ports_of_Linux_a_run_is_one_call_on_both_sides(string address)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs linux");
        Skip.IfNot(!address.Contains(':') || Socket.OSSupportsIPv6, "needs ipv6");
        using var a = SystemSocket.Bind(IPAddress.Parse(address), 0, UdpPort.SocketBufferBytes);
        using var b = SystemSocket.Bind(IPAddress.Parse(address), 0, UdpPort.SocketBufferBytes);
        using var sender = PortWay.Linux.OpenIo(a, 0, Limits.DatagramReceiveMax);
        using var receiver = PortWay.Linux.OpenIo(b, 0, Limits.DatagramReceiveMax);

        var run = Bytes((63 * 1000) + 300);
        Assert.Equal(0, sender.Send(AddressOf(b), run, 1000));
        var received = receiver.Receive(wait: true, out var error);
        Assert.Equal((1, SocketError.Success), (received.Length, error));
        Assert.Equal(run, received[0].Datagrams);
        Assert.Equal((AddressOf(a), 1000), (received[0].From, received[0].SegmentSize));

        // Single ones of several senders come together.
        for (var i = 0; i < 5; i++)
            sender.Send(AddressOf(b), run.AsSpan(0, 500 + i), 500 + i);
        var got = new List<int>();
        while (got.Count < 5)
        {
            foreach (var one in receiver.Receive(wait: true, out _))
                got.Add(one.Datagrams.Length);
        }

        Assert.Equal([500, 501, 502, 503, 504], got);
        Assert.Equal(0, receiver.Receive(wait: false, out error).Length);
        Assert.Equal(SocketError.Success, error);
        Assert.False(receiver.MayHoldMore);
    }

    [SkippableFact]
    [Covers("API-102")]
    public void Who_came_alone_is_followed_by_one_place_and_soon_by_many_again()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs linux");
        using var a = SystemSocket.Bind(IPAddress.Loopback, 0, UdpPort.SocketBufferBytes);
        using var b = SystemSocket.Bind(IPAddress.Loopback, 0, UdpPort.SocketBufferBytes);
        using var sender = PortWay.Linux.OpenIo(a, 0, Limits.DatagramReceiveMax);
        using var receiver = PortWay.Linux.OpenIo(b, 0, Limits.DatagramReceiveMax);
        sender.Send(AddressOf(b), [0], 1);
        Assert.Equal(1, receiver.Receive(wait: true, out _).Length);

        for (byte i = 0; i < 40; i++)
            sender.Send(AddressOf(b), [i], 1);
        var (got, calls) = (new List<byte>(), new List<int>());
        while (got.Count < 40)
        {
            var runs = receiver.Receive(wait: true, out _);
            Assert.Equal(runs.Length == 16, receiver.MayHoldMore);
            calls.Add(runs.Length);
            foreach (var run in runs)
                got.Add(run.Datagrams[0]);
        }

        Assert.Equal(Enumerable.Range(0, 40).Select(i => (byte)i), got);
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 16, 16, 1], calls);
    }

    [SkippableFact]
    [Covers("API-231")]
    public void Without_the_offload_runs_leave_and_arrive_as_single_datagrams()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs linux");
        using var a = SystemSocket.Bind(IPAddress.Loopback, 0, UdpPort.SocketBufferBytes);
        using var b = SystemSocket.Bind(IPAddress.Loopback, 0, UdpPort.SocketBufferBytes);
        Assert.True(LinuxDatagramIo.TryOpen(a, 0, Limits.DatagramReceiveMax, segmentationOffload: false, out var without));
        Assert.True(LinuxDatagramIo.TryOpen(b, 0, Limits.DatagramReceiveMax, segmentationOffload: true, out var with));
        using (without)
        using (with)
        {
            Assert.False(without.SendsRuns);
            var run = Bytes(2_500);
            foreach (var (sender, receiver, to) in new[] { (without, with, b), (with, without, a) })
            {
                Assert.Equal(0, sender.Send(AddressOf(to), run, 1_000));
                var got = new List<byte[]>();
                while (got.Count < 3)
                {
                    foreach (var one in receiver.Receive(wait: true, out _))
                        got.Add(one.Datagrams.ToArray());
                }

                Assert.Equal([run[..1_000], run[1_000..2_000], run[2_000..]], got);
            }
        }
    }

    [SkippableFact]
    [Covers("API-202")]
    public void Where_the_system_takes_no_runs_they_leave_singly_and_it_is_not_asked_again()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs linux");
        using var socket = SystemSocket.Bind(IPAddress.Loopback, 0, UdpPort.SocketBufferBytes);
        using var sender = (LinuxDatagramIo)PortWay.Linux.OpenIo(socket, 0, Limits.DatagramReceiveMax);
        using var port = PortWay.Linux.Open(IPAddress.Loopback, 0, 1);
        var collector = new DatagramCollector();
        port.Start(collector);
        Assert.True(sender.SendsRuns);

        // Linux refuses runs of a socket that sends no checksums, as it does at devices that cannot make them.
        socket.SetRawSocketOption(SocketLevel, NoChecksum, BitConverter.GetBytes(1));
        foreach (var length in new[] { 2500, 3000 })
        {
            var run = Bytes(length);
            Assert.Equal(0, sender.Send(port.Local, run, 1000));
            for (var at = 0; at < length; at += 1000)
                Assert.Equal(run[at..Math.Min(at + 1000, length)], collector.Take().Data);
            Assert.False(sender.SendsRuns);
        }
    }

    [SkippableFact]
    [Covers("API-202")]
    public void A_run_too_long_for_the_kernel_goes_in_shorter_ones_and_so_do_those_after_it()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs linux");
        const int datagrams = 4 * Limits.RunDatagramsMax;
        using var socket = SystemSocket.Bind(IPAddress.Loopback, 0, UdpPort.SocketBufferBytes);
        using var sender = (LinuxDatagramIo)PortWay.Linux.OpenIo(socket, 0, Limits.DatagramReceiveMax);
        using var port = PortWay.Linux.Open(IPAddress.Loopback, 0, 1);
        var collector = new DatagramCollector();
        port.Start(collector);

        // More than any kernel takes.
        sender.RunMax = datagrams;
        var run = Bytes((datagrams * 10) - 3);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(0, sender.Send(port.Local, run, 10));
            for (var at = 0; at < run.Length; at += 10)
                Assert.Equal(run[at..Math.Min(at + 10, run.Length)], collector.Take().Data);
            Assert.True(sender.SendsRuns);
            Assert.InRange(sender.RunMax, Limits.RunDatagramsMin, Limits.RunDatagramsMax);
        }
    }

    [SkippableFact]
    [Covers("API-202")]
    public void A_long_run_that_no_shorter_one_replaces_shortens_none_after_it()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs linux");
        using var socket = SystemSocket.Bind(IPAddress.Loopback, 0, UdpPort.SocketBufferBytes);
        using var sender = (LinuxDatagramIo)PortWay.Linux.OpenIo(socket, 0, Limits.DatagramReceiveMax);

        // The system refuses port 0 as it refuses a run that is too long: invalid argument.
        Assert.Equal(100, sender.Send(AddressOf(socket) with { Port = 0 }, new byte[1_000], 10));
        Assert.Equal((true, Limits.RunDatagramsMax), (sender.SendsRuns, sender.RunMax));
    }

    [SkippableFact]
    [Covers("API-202")]
    public void What_no_call_could_send_is_counted_and_no_reason_to_send_singly()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs linux");
        using var socket = SystemSocket.Bind(IPAddress.Loopback, 0, UdpPort.SocketBufferBytes);
        using var sender = (LinuxDatagramIo)PortWay.Linux.OpenIo(socket, 0, Limits.DatagramReceiveMax);

        // The system refuses port 0 as it refuses a bad run: invalid argument.
        Assert.Equal(3, sender.Send(AddressOf(socket) with { Port = 0 }, new byte[2500], 1000));
        Assert.Equal(3, sender.Send(NetAddress.From(IPAddress.IPv6Loopback, 9, 0), new byte[2500], 1000));
        Assert.True(sender.SendsRuns);
    }

    [SkippableTheory]
    [PortWays]
    public void What_is_too_long_for_the_buffer_is_an_error_and_nobodys_datagram(PortWay way)
    {
        using var a = way.Open(IPAddress.Loopback, 0, 0);
        using var b = way.Open(IPAddress.Loopback, 0, 1, 1000);
        var collector = new DatagramCollector();
        b.Start(collector);
        a.Send(b.Local, Bytes(1001));
        a.Send(b.Local, Bytes(1000));
        a.Send(b.Local, []);
        Assert.Equal(1000, collector.Take().Data.Length);
        Assert.Empty(collector.Take().Data);
        Assert.Equal(1, b.Losses.ReceiveErrors);
    }

    [SkippableTheory]
    [PortWays]
    public void Closing_the_socket_ends_a_receive_that_waits(PortWay way)
    {
        var socket = SystemSocket.Bind(IPAddress.Loopback, 0, UdpPort.SocketBufferBytes);
        using var io = way.OpenIo(socket, 0, Limits.DatagramReceiveMax);
        using var begun = new ManualResetEventSlim();
        var thread = new Thread(() =>
        {
            begun.Set();
            try
            {
                // Who closes a port tells its thread before; here it sees what the system says.
                while (io.Receive(wait: true, out var error).IsEmpty && error == SocketError.Success)
                {
                }
            }
            catch (ObjectDisposedException)
            {
                // Closed before the call.
            }
        });
        thread.Start();
        Assert.True(begun.Wait(Guard));
        socket.Dispose();
        Assert.True(thread.Join(Guard));
    }

    [Theory]
    [InlineData("192.0.2.7", 0u)]
    [InlineData("2001:db8::5", 0u)]
    [InlineData("fe80::1", 3u)]
    public void Socket_addresses_keep_everything(string text, uint scope)
    {
        var ip = IPAddress.Parse(text);
        var address = NetAddress.From(ip, 4001, 6) with { ScopeId = scope };
        var bytes = new byte[28];
        bytes.AsSpan().Fill(0xFF);
        var other = ip.AddressFamily == AddressFamily.InterNetwork ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        Assert.False(SystemSocketAddress.TryWrite(address, other, bytes));
        Assert.True(SystemSocketAddress.TryWrite(address, ip.AddressFamily, bytes));
        Assert.Equal(address, SystemSocketAddress.Read(ip.AddressFamily, bytes, 6));
    }

    private static NetAddress AddressOf(Socket socket)
    {
        var local = (IPEndPoint)socket.LocalEndPoint!;
        return NetAddress.From(local.Address, local.Port, 0);
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
