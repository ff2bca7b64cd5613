using System.Buffers.Binary;

namespace MsgNet.NetworkTests;

/// <summary>An IPv4 or IPv6 packet in a buffer: its ends, and its checksums. Options and extension headers are not looked into.</summary>
internal readonly ref struct IpPacket
{
    private const int IPv4HeaderLength = 20;
    private const int IPv6HeaderLength = 40;
    private const int UdpHeaderLength = 8;
    private const byte Udp = 17;

    private readonly int headerLength;

    private IpPacket(Span<byte> bytes, bool isIPv4)
    {
        Bytes = bytes;
        IsIPv4 = isIPv4;
        headerLength = isIPv4 ? (bytes[0] & 15) * 4 : IPv6HeaderLength;
    }

    public Span<byte> Bytes { get; }

    public bool IsIPv4 { get; }

    public bool IsUdp => Bytes[IsIPv4 ? 9 : 6] == Udp && Bytes.Length >= headerLength + UdpHeaderLength && !IsFragment;

    /// <summary>Where it comes from; port 0 when it is not UDP.</summary>
    public Endpoint Source
    {
        get => new(AddressAt(IsIPv4 ? 12 : 8), PortAt(0));
        set => Write(IsIPv4 ? 12 : 8, 0, value);
    }

    /// <summary>Where it goes; port 0 when it is not UDP.</summary>
    public Endpoint Destination
    {
        get => new(AddressAt(IsIPv4 ? 16 : 24), PortAt(2));
        set => Write(IsIPv4 ? 16 : 24, 2, value);
    }

    /// <summary>What UDP carries.</summary>
    public Span<byte> Payload => Bytes[(headerLength + UdpHeaderLength)..];

    private bool IsFragment => IsIPv4 && (BinaryPrimitives.ReadUInt16BigEndian(Bytes[6..]) & 0x3FFF) != 0;

    public static bool TryParse(Span<byte> bytes, out IpPacket packet)
    {
        packet = default;
        if (bytes.Length < IPv4HeaderLength)
            return false;

        var version = bytes[0] >> 4;
        if (version is not (4 or 6) || (version == 6 && bytes.Length < IPv6HeaderLength))
            return false;

        packet = new IpPacket(bytes, version == 4);
        return packet.headerLength >= IPv4HeaderLength && packet.headerLength <= bytes.Length;
    }

    /// <summary>Makes the checksums right for what is in the packet now.</summary>
    public void FixChecksums()
    {
        if (IsIPv4)
        {
            Write16(10, 0);
            Write16(10, Fold(Sum(Bytes[..headerLength], 0)));
        }

        if (!IsUdp)
            return;

        Write16(headerLength + 6, 0);
        var length = (uint)(Bytes.Length - headerLength);
        var pseudoHeader = Sum(IsIPv4 ? Bytes[12..20] : Bytes[8..40], Udp + length);
        var sum = Fold(Sum(Bytes[headerLength..], pseudoHeader));
        Write16(headerLength + 6, sum == 0 ? ushort.MaxValue : sum);
    }

    private UInt128 AddressAt(int offset) => IsIPv4
        ? ((UInt128)0xFFFF << 32) | BinaryPrimitives.ReadUInt32BigEndian(Bytes[offset..])
        : BinaryPrimitives.ReadUInt128BigEndian(Bytes[offset..]);

    private ushort PortAt(int offset) => IsUdp ? BinaryPrimitives.ReadUInt16BigEndian(Bytes[(headerLength + offset)..]) : (ushort)0;

    private void Write(int addressOffset, int portOffset, Endpoint value)
    {
        if (IsIPv4)
            BinaryPrimitives.WriteUInt32BigEndian(Bytes[addressOffset..], (uint)value.Address);
        else
            BinaryPrimitives.WriteUInt128BigEndian(Bytes[addressOffset..], value.Address);
        Write16(headerLength + portOffset, value.Port);
    }

    private void Write16(int offset, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Bytes[offset..], value);

    private static uint Sum(ReadOnlySpan<byte> bytes, uint sum)
    {
        for (; bytes.Length > 1; bytes = bytes[2..])
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return bytes.IsEmpty ? sum : sum + ((uint)bytes[0] << 8);
    }

    private static ushort Fold(uint sum)
    {
        while (sum > ushort.MaxValue)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
