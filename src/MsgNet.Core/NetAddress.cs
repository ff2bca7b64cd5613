using System.Buffers.Binary;
using System.Net;

namespace MsgNet.Core;

/// <summary>
/// A remote UDP address as one of the node's own ports sees it: 16 address bytes (IPv4 as v4-mapped IPv6), port, IPv6 scope,
/// and the number of the local port it is reached through. A value; comparing two costs no allocation.
/// </summary>
/// <param name="High">The first 8 address bytes, big-endian.</param>
/// <param name="Low">The last 8 address bytes, big-endian.</param>
/// <param name="Port">The remote port.</param>
/// <param name="ScopeId">The IPv6 scope of a link-local address, else 0.</param>
/// <param name="LocalPort">Index of the node's own port (its driver numbers them); not part of the wire.</param>
public readonly record struct NetAddress(ulong High, ulong Low, ushort Port, uint ScopeId, int LocalPort)
{
    /// <summary>Length of the wire form: 16 address bytes and the port, big-endian.</summary>
    public const int WireLength = 18;

    private const ulong MappedPrefix = 0x0000_FFFF_0000_0000;

    /// <summary>True when the address is IPv4.</summary>
    public bool IsIPv4 => High == 0 && (Low & 0xFFFF_FFFF_0000_0000) == MappedPrefix;

    /// <summary>
    /// What one subscriber holds as a rule, to count and limit by: an IPv4 address, or the /64 of an IPv6 address; without the port.
    /// </summary>
    internal (ulong High, ulong Low) Prefix => (High, IsIPv4 ? Low : 0);

    /// <summary>The address of <paramref name="ip"/> and <paramref name="port"/> through local port <paramref name="localPort"/>.</summary>
    public static NetAddress From(IPAddress ip, int port, int localPort)
    {
        ArgumentNullException.ThrowIfNull(ip);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)port, 65535u);
        Span<byte> bytes = stackalloc byte[16];
        var scope = 0u;
        if (ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)
        {
            ip.MapToIPv6().TryWriteBytes(bytes, out _);
        }
        else
        {
            ip.TryWriteBytes(bytes, out _);
            scope = ip.IsIPv6LinkLocal ? (uint)ip.ScopeId : 0;
        }

        return FromWire(bytes, (ushort)port, localPort) with { ScopeId = scope };
    }

    /// <summary>The address with these 16 address bytes.</summary>
    public static NetAddress FromWire(ReadOnlySpan<byte> address16, ushort port, int localPort) => new(
        BinaryPrimitives.ReadUInt64BigEndian(address16),
        BinaryPrimitives.ReadUInt64BigEndian(address16[8..]),
        port,
        0,
        localPort);

    /// <summary>Writes the 18-byte wire form that cookies and OBSERVED frames use.</summary>
    public void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
        BinaryPrimitives.WriteUInt16BigEndian(destination[16..], Port);
    }

    /// <summary>The address part; IPv4 addresses come back as IPv4.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[WireLength];
        WriteTo(bytes);
        return IsIPv4 ? new IPAddress(bytes[12..16]) : new IPAddress(bytes[..16], ScopeId);
    }

    /// <inheritdoc/>
    public override string ToString() => IsIPv4 ? $"{ToIPAddress()}:{Port}" : $"[{ToIPAddress()}]:{Port}";
}
