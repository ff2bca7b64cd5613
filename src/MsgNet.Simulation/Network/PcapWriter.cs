using System.Buffers.Binary;
using System.Net;
using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>
/// Writes UDP datagrams as a capture file for Wireshark, tcpdump and the like: classic pcap in microseconds, LINKTYPE_RAW, with IPv4 or
/// IPv6 and UDP headers and right checksums. One thread at a time. Disposing flushes and leaves the stream open.
/// </summary>
public sealed class PcapWriter : IDisposable
{
    private const uint Magic = 0xA1B2_C3D4;
    private const uint LinkTypeRaw = 101;
    private const int RecordHeader = 16;
    private const int UdpHeader = 8;
    private const int IPv4Header = 20;
    private const int IPv6Header = 40;
    private const byte UdpProtocol = 17;
    private const byte HopLimit = 64;
    private readonly Stream stream;
    private readonly byte[] buffer = new byte[RecordHeader + IPv6Header + UdpHeader + Limits.DatagramReceiveMax + 1];

    /// <summary>Writes the header of the file.</summary>
    /// <param name="stream">Where to; stays open.</param>
    public PcapWriter(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        this.stream = stream;
        var header = buffer.AsSpan(0, 24);
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], 262_144);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], LinkTypeRaw);
        stream.Write(header);
    }

    /// <summary>Writes one datagram.</summary>
    /// <param name="unixMicroseconds">When, in microseconds since 1970.</param>
    /// <param name="from">Source; of the same IP version as <paramref name="to"/>.</param>
    /// <param name="to">Destination.</param>
    /// <param name="datagram">UDP payload, at most 65,507 bytes over IPv4 and 65,527 over IPv6.</param>
    public void Write(long unixMicroseconds, IPEndPoint from, IPEndPoint to, ReadOnlySpan<byte> datagram)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        if (from.AddressFamily != to.AddressFamily)
            throw new ArgumentException($"Both ends of a datagram have one IP version; {from} and {to} do not.", nameof(to));

        Write(unixMicroseconds, NetAddress.From(from.Address, from.Port, 0), NetAddress.From(to.Address, to.Port, 0), datagram);
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Flush();

    internal void Write(long unixMicroseconds, in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        var ipHeader = from.IsIPv4 ? IPv4Header : IPv6Header;
        var sizeMax = Limits.DatagramReceiveMax - UdpHeader - (from.IsIPv4 ? IPv4Header : 0);
        if (datagram.Length > sizeMax)
            throw new ArgumentException($"A UDP datagram carries at most {sizeMax} bytes here, not {datagram.Length}.", nameof(datagram));

        var length = ipHeader + UdpHeader + datagram.Length;
        var record = buffer.AsSpan(0, RecordHeader + length);
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)(unixMicroseconds / 1_000_000));
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], (uint)(unixMicroseconds % 1_000_000));
        BinaryPrimitives.WriteInt32LittleEndian(record[8..], length);
        BinaryPrimitives.WriteInt32LittleEndian(record[12..], length);

        var packet = record[RecordHeader..];
        var udp = packet[ipHeader..];
        if (from.IsIPv4)
            WriteIPv4(packet, from, to);
        else
            WriteIPv6(packet, from, to, udp.Length);
        WriteUdp(udp, from, to, datagram, AddressSum(packet, from.IsIPv4));
        stream.Write(record);
    }

    private static void WriteIPv4(Span<byte> packet, in NetAddress from, in NetAddress to)
    {
        var header = packet[..IPv4Header];
        header.Clear();
        header[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)packet.Length);
        header[6] = 0x40;
        header[8] = HopLimit;
        header[9] = UdpProtocol;
        BinaryPrimitives.WriteUInt32BigEndian(header[12..], (uint)from.Low);
        BinaryPrimitives.WriteUInt32BigEndian(header[16..], (uint)to.Low);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], Checksum(Sum(header)));
    }

    private static void WriteIPv6(Span<byte> packet, in NetAddress from, in NetAddress to, int payloadLength)
    {
        var header = packet[..IPv6Header];
        header.Clear();
        header[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)payloadLength);
        header[6] = UdpProtocol;
        header[7] = HopLimit;
        BinaryPrimitives.WriteUInt64BigEndian(header[8..], from.High);
        BinaryPrimitives.WriteUInt64BigEndian(header[16..], from.Low);
        BinaryPrimitives.WriteUInt64BigEndian(header[24..], to.High);
        BinaryPrimitives.WriteUInt64BigEndian(header[32..], to.Low);
    }

    private static void WriteUdp(Span<byte> udp, in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram, uint addressSum)
    {
        BinaryPrimitives.WriteUInt16BigEndian(udp, from.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], to.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
        udp[6] = 0;
        udp[7] = 0;
        datagram.CopyTo(udp[UdpHeader..]);

        // RFC 768: a sum of zero is sent as all ones, zero being "no checksum".
        var checksum = Checksum(Sum(udp) + addressSum + UdpProtocol + (uint)udp.Length);
        BinaryPrimitives.WriteUInt16BigEndian(udp[6..], checksum == 0 ? (ushort)0xFFFF : checksum);
    }

    private static uint AddressSum(ReadOnlySpan<byte> packet, bool isIPv4) => isIPv4 ? Sum(packet[12..20]) : Sum(packet[8..40]);

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (; bytes.Length >= 2; bytes = bytes[2..])
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return bytes.IsEmpty ? sum : sum + ((uint)bytes[0] << 8);
    }

    private static ushort Checksum(uint sum)
    {
        while (sum > 0xFFFF)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
