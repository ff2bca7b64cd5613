using System.Buffers.Binary;

namespace MsgNet.Core;

/// <summary>The clear header of DATA and EARLY: 16 bytes, all of them associated data of the seal that follows.</summary>
/// <param name="Type"><see cref="ChannelMessageType.Data"/> or <see cref="ChannelMessageType.Early"/>.</param>
/// <param name="Index">DATA: the receiver's index. EARLY: the initiator's own.</param>
/// <param name="Counter">The packet counter; unproven until the packet opens.</param>
public readonly record struct DataHeader(ChannelMessageType Type, uint Index, ulong Counter)
{
    /// <summary>Bytes of the header; the frames begin here.</summary>
    public const int Length = 16;

    /// <summary>Where the index begins.</summary>
    public const int IndexOffset = 4;

    /// <summary>Where the counter begins.</summary>
    public const int CounterOffset = 8;

    /// <summary>Reads the header; false when type, version or zeros are wrong or there is no room for a tag.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out DataHeader header)
    {
        var type = ChannelHeader.Read(datagram);
        if (datagram.Length < Limits.SealOverhead || type is not (ChannelMessageType.Data or ChannelMessageType.Early))
        {
            header = default;
            return false;
        }

        header = new DataHeader(
            type,
            BinaryPrimitives.ReadUInt32LittleEndian(datagram[IndexOffset..]),
            BinaryPrimitives.ReadUInt64LittleEndian(datagram[CounterOffset..]));
        return true;
    }

    /// <summary>Writes the 8 bytes before the counter, which <see cref="ISealingKey.Seal(Span{byte}, int)"/> adds.</summary>
    public static void Write(Span<byte> datagram, ChannelMessageType type, uint index)
    {
        ChannelHeader.Write(datagram, type);
        BinaryPrimitives.WriteUInt32LittleEndian(datagram[IndexOffset..], index);
    }
}
