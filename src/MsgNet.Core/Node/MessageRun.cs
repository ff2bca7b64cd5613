namespace MsgNet.Core;

/// <summary>
/// Unreliable messages that stand behind another of the same protocol in one datagram, and share its event. A walk over borrowed bytes,
/// good until the next call into the machine.
/// </summary>
public ref struct MessageRun : IMessageRun
{
    private readonly ReadOnlySpan<byte> bytes;
    private int position;
    private int left;

    // Behind the message just peeked; no further than the position when there is none.
    private int end;

    /// <param name="bytes">What the frames stand in; they were read before and are good.</param>
    /// <param name="position">Where the first frame begins, with its length.</param>
    /// <param name="count">Number of frames.</param>
    internal MessageRun(ReadOnlySpan<byte> bytes, int position, int count)
    {
        this.bytes = bytes;
        this.position = position;
        left = count;
    }

    /// <inheritdoc/>
    public bool TryPeek(out ReadOnlySpan<byte> message)
    {
        message = default;
        end = position;
        if (left == 0)
            return false;

        var start = position + Uvarint.Read(bytes[position..], out var length);
        end = start + (int)length;
        message = bytes[(start + FrameSize.Continuation(0))..end];
        return true;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is none: <see cref="TryPeek"/> was not called, or returned false.</exception>
    public void Take()
    {
        if (end <= position)
            throw new InvalidOperationException("No message was peeked: take what TryPeek gave, once.");

        position = end;
        left--;
    }
}
