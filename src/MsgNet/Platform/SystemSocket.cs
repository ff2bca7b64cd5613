using System.Net;
using System.Net.Sockets;
using MsgNet.Core;

namespace MsgNet.Platform;

/// <summary>Makes UDP sockets with the settings MsgNet needs of every system.</summary>
internal static class SystemSocket
{
    private const int WindowsUdpConnectionReset = unchecked((int)0x9800000C);
    private const int LinuxLevelIPv4 = 0;
    private const int LinuxLevelIPv6 = 41;
    private const int LinuxIPv4MtuDiscover = 10;
    private const int LinuxIPv6MtuDiscover = 23;
    private const int LinuxMtuProbe = 3;

    /// <summary>A bound socket.</summary>
    /// <exception cref="MsgNetException">The system refused.</exception>
    public static Socket Bind(IPAddress address, int port, int bufferBytes)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            Configure(socket, bufferBytes);
            socket.Bind(new IPEndPoint(address, port));
            return socket;
        }
        catch (SocketException error)
        {
            socket?.Dispose();
            throw new MsgNetException($"Cannot listen on {new IPEndPoint(address, port)} (UDP): {Explain(error, address)}", error);
        }
    }

    /// <summary>Sends an empty datagram from <paramref name="socket"/> to itself.</summary>
    public static void Wake(Socket socket)
    {
        try
        {
            var local = (IPEndPoint)socket.LocalEndPoint!;
            var target = local.Address;
            if (target.Equals(IPAddress.Any))
                target = IPAddress.Loopback;
            else if (target.Equals(IPAddress.IPv6Any))
                target = IPAddress.IPv6Loopback;

            socket.SendTo([], SocketFlags.None, new IPEndPoint(target, local.Port));
        }
        catch (SocketException)
        {
            // A full buffer or a firewall: in the first case the thread is awake, in the second closing the socket wakes it.
        }
        catch (ObjectDisposedException)
        {
            // The thread has ended already.
        }
    }

    private static void Configure(Socket socket, int bufferBytes)
    {
        // So that /ip4/0.0.0.0 and /ip6/:: can share a port number.
        if (socket.AddressFamily == AddressFamily.InterNetworkV6)
            socket.DualMode = false;

        socket.ReceiveBufferSize = bufferBytes;
        socket.SendBufferSize = bufferBytes;
        if (OperatingSystem.IsWindows())
            socket.IOControl(WindowsUdpConnectionReset, [0, 0, 0, 0], null);
        ForbidFragments(socket);
    }

    /// <summary>Datagrams leave whole or not at all: probing for the path's size (RFC 8899) depends on it.</summary>
    private static void ForbidFragments(Socket socket)
    {
        var isIPv4 = socket.AddressFamily == AddressFamily.InterNetwork;
        try
        {
            // PROBE, not DO: the kernel's own estimate comes from ICMP, which anyone can forge.
            if (OperatingSystem.IsLinux())
                SetMtuDiscover(socket, isIPv4);
            else if (isIPv4)
                socket.DontFragment = true;
        }
        catch (SocketException)
        {
            // Not on this system: datagrams above the path's size are then fragmented, which costs speed and nothing else.
        }
    }

    private static void SetMtuDiscover(Socket socket, bool isIPv4)
    {
        var value = BitConverter.GetBytes(LinuxMtuProbe);
        if (isIPv4)
            socket.SetRawSocketOption(LinuxLevelIPv4, LinuxIPv4MtuDiscover, value);
        else
            socket.SetRawSocketOption(LinuxLevelIPv6, LinuxIPv6MtuDiscover, value);
    }

    private static string Explain(SocketException error, IPAddress address) => error.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "the port is in use by another program; choose another port, or 0 for any free one.",
        SocketError.AddressNotAvailable => "the address is not one of this machine; choose one that is, or 0.0.0.0 or :: for all of them.",
        SocketError.AccessDenied => "not permitted; choose a port above 1023, or allow this program to use it.",
        SocketError.AddressFamilyNotSupported or SocketError.ProtocolNotSupported or SocketError.ProtocolFamilyNotSupported =>
            "this machine has no such IP version; listen on the other one.",
        SocketError.TooManyOpenSockets => "too many open files; raise the limit (ulimit -n) or close some hosts.",
        SocketError.InvalidArgument when address is { IsIPv6LinkLocal: true, ScopeId: 0 } =>
            "a link-local address says nothing without its interface, which a multiaddress does not name; listen on :: instead.",
        _ => error.Message + ".",
    };
}
