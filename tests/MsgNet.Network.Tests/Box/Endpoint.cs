using System.Buffers.Binary;
using System.Net;

namespace MsgNet.NetworkTests;

/// <summary>An address (IPv4 as IPv6-mapped) and a port.</summary>
internal readonly record struct Endpoint(UInt128 Address, ushort Port)
{
    public static UInt128 AddressOf(IPAddress address) => BinaryPrimitives.ReadUInt128BigEndian(address.MapToIPv6().GetAddressBytes());

    public static Endpoint Of(string address, int port) => new(AddressOf(IPAddress.Parse(address)), (ushort)port);
}
