using System.Buffers.Binary;

namespace MsgNet.Core;

/// <summary>
/// A HINT: whoever sent DATA under this index with this counter sent it to somebody that has no such key. Nobody signs it.
/// </summary>
/// <param name="Index">The receiver's index that the DATA named.</param>
/// <param name="Counter">The packet counter that the DATA named.</param>
internal readonly record struct HintMessage(uint Index, ulong Counter)
{
    /// <summary>Bytes of every HINT; half the shortest DATA, so it amplifies nothing.</summary>
    public const int Length = 16;

    /// <summary>Reads the fields; false when type, version, zeros or length are wrong.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out HintMessage hint)
    {
        var valid = datagram.Length == Length && ChannelHeader.Read(datagram) == ChannelMessageType.Hint;
        hint = valid
            ? new HintMessage(
                BinaryPrimitives.ReadUInt32LittleEndian(datagram[DataHeader.IndexOffset..]),
                BinaryPrimitives.ReadUInt64LittleEndian(datagram[DataHeader.CounterOffset..]))
            : default;
        return valid;
    }

    /// <summary>Writes the HINT into the first <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> datagram)
    {
        DataHeader.Write(datagram, ChannelMessageType.Hint, Index);
        BinaryPrimitives.WriteUInt64LittleEndian(datagram[DataHeader.CounterOffset..], Counter);
    }
}
