namespace MsgNet.Core;

/// <summary>
/// Messages that stand behind the one just peeked, in the same segment: none is a request, and all have its receipt and its
/// <see cref="LaneMessage.Early"/>. A walk over borrowed bytes, good until the next call into the machine; a message costs less this way
/// than when it is peeked and taken by itself.
/// </summary>
public ref struct LaneRun : IMessageRun
{
    private readonly ReadOnlySpan<byte> segment;

    // Behind the message just peeked; no further than Position when there is none.
    private int end;

    /// <param name="segment">All of the segment's bytes.</param>
    /// <param name="position">Where the first chunk begins that was not read; may be their end.</param>
    /// <param name="receipt">The segment's number.</param>
    internal LaneRun(ReadOnlySpan<byte> segment, int position, ulong receipt)
    {
        this.segment = segment;
        Position = position;
        Receipt = receipt;
    }

    /// <summary>How many were taken.</summary>
    public int Taken { get; private set; }

    // Where the first chunk begins that was not taken.
    internal int Position { get; private set; }

    // The segment's number.
    internal ulong Receipt { get; }

    /// <inheritdoc/>
    public bool TryPeek(out ReadOnlySpan<byte> message)
    {
        message = default;
        end = Position;
        if (Position == segment.Length)
            return false;

        var chunks = new LaneSegment(segment, Position);
        var chunk = chunks.Next(out var kind);
        if (kind != LaneChunk.Whole || !LaneFrame.TryReadPlain(chunk, out message))
            return false;

        end = chunks.Position;
        return true;
    }

    /// <summary>Takes the message just peeked: it is <see cref="UdpNode.TakeMessages"/> that tells the lane.</summary>
    /// <exception cref="InvalidOperationException">There is none: <see cref="TryPeek"/> was not called, or returned false.</exception>
    public void Take()
    {
        if (end <= Position)
            throw new InvalidOperationException("No message was peeked: take what TryPeek gave, once.");

        Position = end;
        Taken++;
    }
}
