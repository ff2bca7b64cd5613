using System.Net;
using System.Net.Sockets;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Tests.Platform;

/// <summary>How a port's datagrams move.</summary>
public enum PortWay
{
    /// <summary>By the calls of Linux, where a run is one call.</summary>
    Linux,

    /// <summary>By what .NET has everywhere, one datagram a call.</summary>
    Portable,
}

internal static class PortWays
{
    public static UdpPort Open(this PortWay way, IPAddress address, int port, int localPort) =>
        way.Open(address, port, localPort, Limits.DatagramReceiveMax);

    public static UdpPort Open(this PortWay way, IPAddress address, int port, int localPort, int datagramMax) =>
        UdpPort.Open(
            address,
            port,
            localPort,
            (socket, number) => way.OpenIo(socket, number, datagramMax),
            new DatagramPortSettings { ReceiveSpin = TimeSpan.Zero },
            TimeProvider.System);

    public static IDatagramIo OpenIo(this PortWay way, Socket socket, int localPort, int datagramMax)
    {
        if (way == PortWay.Portable)
            return new PortableDatagramIo(socket, localPort, datagramMax);

        Skip.IfNot(OperatingSystem.IsLinux(), "needs linux");
        Assert.True(LinuxDatagramIo.TryOpen(socket, localPort, datagramMax, segmentationOffload: true, out var io));
        return io;
    }
}
