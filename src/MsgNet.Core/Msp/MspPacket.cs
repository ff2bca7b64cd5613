using System.Buffers.Binary;

namespace MsgNet.Core;

/// <summary>
/// One packet of the Mesh Stream Protocol: <c>flags ‖ ack LE ‖ seq LE ‖ data</c>. Borrowed from the bytes it was read from. A packet of one
/// or two bytes has flags only, one of three or four an acknowledgement, a longer one is a data packet, possibly with no bytes.
/// </summary>
internal readonly ref struct MspPacket
{
    /// <summary>Bytes before the data of a data packet.</summary>
    public const int HeaderLength = 5;

    /// <summary>Bytes of a packet without data.</summary>
    public const int AckLength = 3;

    private const MspFlags Known = MspFlags.Shutdown | MspFlags.Ack | MspFlags.First | MspFlags.Stop;

    private MspPacket(MspFlags flags, bool hasAck, ushort ack, bool isData, ushort sequence, ReadOnlySpan<byte> data)
    {
        Flags = flags;
        HasAck = hasAck;
        Ack = ack;
        IsData = isData;
        Sequence = sequence;
        Data = data;
    }

    /// <summary>The flags that are known.</summary>
    public MspFlags Flags { get; }

    /// <summary>The acknowledgement is there and counts.</summary>
    public bool HasAck { get; }

    /// <summary>The low 16 bits of the last sequence number consumed in order.</summary>
    public ushort Ack { get; }

    /// <summary>It has a sequence number, and perhaps data.</summary>
    public bool IsData { get; }

    /// <summary>The low 16 bits of the segment's number.</summary>
    public ushort Sequence { get; }

    /// <summary>What the segment carries.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>The connection is gone; nothing else in the packet counts.</summary>
    public bool IsStop => (Flags & MspFlags.Stop) != 0;

    /// <summary>The same packet without its data and number.</summary>
    internal MspPacket WithoutData => new(Flags, HasAck, Ack, false, 0, default);

    /// <summary>Reads a packet; false only for an empty one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out MspPacket packet)
    {
        packet = default;
        if (bytes.IsEmpty)
            return false;

        // MSP-001, MSP-002, MSP-003, MSP-004
        var flags = (MspFlags)bytes[0] & Known;
        var hasAck = bytes.Length >= AckLength && (flags & (MspFlags.Ack | MspFlags.Stop)) == MspFlags.Ack;
        var isData = bytes.Length >= HeaderLength && (flags & MspFlags.Stop) == 0;
        packet = new MspPacket(
            flags,
            hasAck,
            hasAck ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[1..]) : (ushort)0,
            isData,
            isData ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[3..]) : (ushort)0,
            isData ? bytes[HeaderLength..] : default);
        return true;
    }

    /// <summary>The packet without its acknowledgement.</summary>
    internal MspPacket WithoutAck() => new(Flags, false, 0, IsData, Sequence, Data);

    /// <summary>Writes the header of a data packet; the data follows it.</summary>
    /// <returns><see cref="HeaderLength"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is shorter than that.</exception>
    public static int WriteHeader(Span<byte> destination, MspFlags flags, ushort ack, ushort sequence)
    {
        WriteAck(destination, flags, ack);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[3..], sequence);
        return HeaderLength;
    }

    /// <summary>Writes a packet without data.</summary>
    /// <returns><see cref="AckLength"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is shorter than that.</exception>
    public static int WriteAck(Span<byte> destination, MspFlags flags, ushort ack)
    {
        destination[0] = (byte)flags;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[1..], ack);
        return AckLength;
    }
}
