using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MsgNet.NetworkTests;

/// <summary>The only interface of a namespace: what is sent there is read here, what is written here arrives there.</summary>
internal sealed unsafe class Tun : IDisposable
{
    private const string Interface = "net0";
    private const nuint SetInterface = 0x4004_54CA; // TUNSETIFF
    private const ushort PlainPackets = 0x1001; // IFF_TUN | IFF_NO_PI
    private const int RequestLength = 40;
    private const int NameLength = 16;

    private Tun(int descriptor) => Descriptor = descriptor;

    public int Descriptor { get; }

    /// <summary>Opens it in <paramref name="space"/>, with these addresses and every route.</summary>
    public static Tun Open(NetworkNamespace space, params ReadOnlySpan<IPAddress> addresses)
    {
        var tun = new Tun(space.Inside(OpenHere));

        // The kernel talks IPv6 of its own accord: packets no test has counted.
        if (!addresses.ToArray().Any(address => address.AddressFamily == AddressFamily.InterNetworkV6))
            space.Run("sysctl", "-qw", $"net.ipv6.conf.{Interface}.disable_ipv6=1");
        foreach (var address in addresses)
        {
            string[] atOnce = address.AddressFamily == AddressFamily.InterNetworkV6 ? ["nodad"] : [];
            space.Ip(["address", "add", address.ToString(), "dev", Interface, .. atOnce]);
        }

        space.Ip("link", "set", Interface, "mtu", "1500", "txqueuelen", "2000", "up");
        foreach (var address in addresses)
        {
            var family = address.AddressFamily == AddressFamily.InterNetworkV6 ? "-6" : "-4";
            Command.Run("ip", family, "-n", space.Name, "route", "add", "default", "dev", Interface, "src", address.ToString());
        }

        return tun;
    }

    /// <summary>The next packet's length; 0 when there is none.</summary>
    public int Read(Span<byte> buffer)
    {
        fixed (byte* to = buffer)
            return (int)Math.Max(0, LibC.Read(Descriptor, to, (nuint)buffer.Length));
    }

    /// <summary>Hands a packet to the namespace; false when it took none.</summary>
    public bool Write(ReadOnlySpan<byte> packet)
    {
        fixed (byte* from = packet)
            return LibC.Write(Descriptor, from, (nuint)packet.Length) == packet.Length;
    }

    public void Dispose() => LibC.Check(LibC.Close(Descriptor), "close");

    private static int OpenHere()
    {
        var descriptor = LibC.Check(LibC.Open("/dev/net/tun", LibC.OpenReadWriteNonblocking), "/dev/net/tun");
        var request = stackalloc byte[RequestLength];
        new Span<byte>(request, RequestLength).Clear();
        Encoding.ASCII.GetBytes(Interface, new Span<byte>(request, NameLength));
        *(ushort*)(request + NameLength) = PlainPackets;
        LibC.Check(LibC.Control(descriptor, SetInterface, request), "TUNSETIFF");
        return descriptor;
    }
}
