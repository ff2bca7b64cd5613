using System.Net;
using System.Net.Sockets;

namespace MsgNet.LoadBench.Contestants;

/// <summary>Ports for libraries that do not tell which one they got.</summary>
internal static class FreePorts
{
    public static int Udp() => Take(SocketType.Dgram, ProtocolType.Udp);

    public static int Tcp() => Take(SocketType.Stream, ProtocolType.Tcp);

    // The system gives a port out again only after it has gone through the others.
    private static int Take(SocketType type, ProtocolType protocol)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
