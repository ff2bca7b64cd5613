namespace MsgNet.Core;

/// <summary>
/// How frames stand in a segment: <c>u8 span · *( uvarint n ‖ n bytes )</c>. Borrows the segment and walks its chunks, which
/// <see cref="IsValid"/> has found to be well formed.
/// </summary>
internal ref struct LaneSegment
{
    /// <summary>The first chunk continues the last chunk of the segment before.</summary>
    public const byte ContinuesLast = 1;

    /// <summary>The last chunk continues in the next segment.</summary>
    public const byte ContinuesNext = 2;

    /// <summary>Bytes before the first chunk.</summary>
    public const int SpanLength = 1;

    private readonly ReadOnlySpan<byte> data;

    public LaneSegment(ReadOnlySpan<byte> data, int position)
    {
        this.data = data;
        Position = position;
    }

    /// <summary>Where the next chunk begins.</summary>
    public int Position { get; private set; }

    /// <summary>No chunk is left.</summary>
    public readonly bool IsAtEnd => Position == data.Length;

    /// <summary>True when the bytes are a span and at least one chunk, each of at least one byte, to the end (LANE-021).</summary>
    public static bool IsValid(ReadOnlySpan<byte> data)
    {
        if (data.Length <= SpanLength || data[0] > (ContinuesLast | ContinuesNext))
            return false;

        var position = SpanLength;
        while (position < data.Length)
        {
            var prefix = Uvarint.Read(data[position..], out var length);
            position += prefix;
            if (prefix == 0 || length == 0 || length > (ulong)(data.Length - position))
                return false;
            position += (int)length;
        }

        return true;
    }

    /// <summary>Where the chunk ends that begins at a place, which may be beyond the bytes; its length must be there.</summary>
    public static int EndOfChunk(ReadOnlySpan<byte> bytes, int start)
    {
        var prefix = Uvarint.Read(bytes[start..], out var length);
        return start + prefix + (int)length;
    }

    /// <summary>One chunk only, which begins before and ends after this segment.</summary>
    public static bool IsMiddle(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty || data[0] != (ContinuesLast | ContinuesNext))
            return false;

        var segment = new LaneSegment(data, SpanLength);
        segment.Next(out _);
        return segment.IsAtEnd;
    }

    /// <summary>Moves over a chunk; there must be one.</summary>
    /// <param name="kind">Which ends of its frame it has.</param>
    public ReadOnlySpan<byte> Next(out LaneChunk kind)
    {
        var isFirst = Position == SpanLength;
        var start = Position + Uvarint.Read(data[Position..], out var length);
        Position = start + (int)length;
        kind = LaneChunk.Whole;
        if (isFirst && (data[0] & ContinuesLast) != 0)
            kind |= LaneChunk.Continues;
        if (IsAtEnd && (data[0] & ContinuesNext) != 0)
            kind |= LaneChunk.IsContinued;
        return data[start..Position];
    }
}
