using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using MsgNet.Core;

namespace MsgNet.Platform;

/// <summary>
/// Between <see cref="NetAddress"/> and the system's socket address, in place. The layout after the family is the same on every system:
/// port (big-endian) at 2, then the IPv4 address at 4, or flow label at 4, IPv6 address at 8 and scope (native order) at 24.
/// </summary>
internal static class SystemSocketAddress
{
    private const int PortOffset = 2;
    private const int IPv4Offset = 4;
    private const int IPv6Offset = 8;
    private const int ScopeOffset = 24;

    /// <summary>A buffer for one address of that family.</summary>
    public static SocketAddress Create(AddressFamily family) => new(family);

    /// <summary>Writes <paramref name="address"/> behind the family; false when it is of the other one.</summary>
    public static bool TryWrite(in NetAddress address, AddressFamily family, Span<byte> bytes)
    {
        if (address.IsIPv4 != (family == AddressFamily.InterNetwork))
            return false;

        BinaryPrimitives.WriteUInt16BigEndian(bytes[PortOffset..], address.Port);
        if (address.IsIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[IPv4Offset..], (uint)address.Low);
            return true;
        }

        BinaryPrimitives.WriteUInt64BigEndian(bytes[IPv6Offset..], address.High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[(IPv6Offset + 8)..], address.Low);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[IPv4Offset..], 0);
        MemoryMarshal.Write(bytes[ScopeOffset..], address.ScopeId);
        return true;
    }

    /// <summary>Reads what the system wrote.</summary>
    public static NetAddress Read(AddressFamily family, ReadOnlySpan<byte> bytes, int localPort)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[PortOffset..]);
        if (family == AddressFamily.InterNetwork)
            return new NetAddress(0, MappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(bytes[IPv4Offset..]), port, 0, localPort);

        var scope = MemoryMarshal.Read<uint>(bytes[ScopeOffset..]);
        return NetAddress.FromWire(bytes.Slice(IPv6Offset, 16), port, localPort) with { ScopeId = scope };
    }

    private const ulong MappedPrefix = 0x0000_FFFF_0000_0000;
}
