namespace MsgNet.Core;

/// <summary>FRAGMENT: a piece of one frame that fits no datagram. Borrowed from the bytes it was read from.</summary>
internal readonly ref struct FragmentFrame
{
    /// <summary>Fewest pieces of a frame: one piece would be the frame itself.</summary>
    public const int CountMin = 2;

    private FragmentFrame(ulong id, int index, int count, ReadOnlySpan<byte> bytes)
    {
        Id = id;
        Index = index;
        Count = count;
        Bytes = bytes;
    }

    /// <summary>Which frame: a counter per association and direction.</summary>
    public ulong Id { get; }

    /// <summary>Which piece, from 0, below <see cref="Count"/>.</summary>
    public int Index { get; }

    /// <summary>How many pieces, 2 to 64.</summary>
    public int Count { get; }

    /// <summary>The piece, never empty.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Reads a body; false when it breaks a rule.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out FragmentFrame frame)
    {
        frame = default;
        var reader = new WireReader(body);
        // MP-007, MP-052
        if (!reader.TryReadUvarint(out var id)
            || !reader.TryReadByte(out var index)
            || !reader.TryReadByte(out var count)
            || count is < CountMin or > Limits.FragmentsMax
            || index >= count
            || reader.IsEmpty)
        {
            return false;
        }

        frame = new FragmentFrame(id, index, count, reader.Rest);
        return true;
    }
}
