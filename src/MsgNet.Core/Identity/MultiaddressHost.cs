using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MsgNet.Core;

/// <summary>The host a multiaddress begins with: an IP address with its zone, or a DNS name.</summary>
internal static class MultiaddressHost
{
    /// <summary>Room for the longest <see cref="Write"/>: a zone of 10 digits and an IPv6 address.</summary>
    public const int LengthMax = 64;

    /// <summary>True for the protocols whose value is a name to resolve.</summary>
    public static bool IsDns(MultiaddressProtocol protocol) =>
        protocol == MultiaddressProtocols.Dns
        || protocol == MultiaddressProtocols.Dns4
        || protocol == MultiaddressProtocols.Dns6
        || protocol == MultiaddressProtocols.DnsAddr;

    /// <summary>
    /// Reads a beginning of an IP address and a UDP port off a valid address; see <see cref="Multiaddress.TryGetUdpEndPoint"/>.
    /// </summary>
    public static bool TryReadUdp(ReadOnlySpan<byte> address, [NotNullWhen(true)] out IPAddress? host, out int port)
    {
        host = null;
        port = 0;
        uint scope = 0;
        var reader = new MultiaddressReader(address);
        if (!reader.TryRead(out var protocol, out var value))
            return false;
        if (protocol == MultiaddressProtocols.Ip6Zone && !(TryReadScope(value, out scope) && reader.TryRead(out protocol, out value)))
            return false;
        if (protocol != MultiaddressProtocols.Ip4 && protocol != MultiaddressProtocols.Ip6)
            return false;
        if (!reader.TryRead(out var transport, out var number) || transport != MultiaddressProtocols.Udp)
            return false;

        host = protocol == MultiaddressProtocols.Ip4 ? new IPAddress(value) : new IPAddress(value, scope);
        port = (number[0] << 8) | number[1];
        return true;
    }

    /// <summary>Writes the components of an IP address; an IPv4 address mapped to IPv6 becomes IPv4 again.</summary>
    public static void Write(scoped ref WireWriter writer, IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();

        Span<byte> value = stackalloc byte[16];
        address.TryWriteBytes(value, out var length);
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0)
            WriteZone(ref writer, address.ScopeId);

        var protocol = address.AddressFamily == AddressFamily.InterNetworkV6 ? MultiaddressProtocols.Ip6 : MultiaddressProtocols.Ip4;
        writer.WriteUvarint((ulong)protocol.Code);
        writer.WriteBytes(value[..length]);
    }

    private static void WriteZone(scoped ref WireWriter writer, long scope)
    {
        Span<byte> digits = stackalloc byte[20];
        scope.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
        writer.WriteUvarint((ulong)MultiaddressProtocols.Ip6Zone.Code);
        writer.WriteUvarint((ulong)length);
        writer.WriteBytes(digits[..length]);
    }

    private static bool TryReadScope(ReadOnlySpan<byte> zone, out uint scope) =>
        uint.TryParse(zone, NumberStyles.None, CultureInfo.InvariantCulture, out scope);
}
