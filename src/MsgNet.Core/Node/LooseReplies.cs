namespace MsgNet.Core;

/// <summary>
/// Small datagrams that belong to no peer and wait to leave: RETRY, HINT, WHO and IAM. A ring of fixed size; what finds it full is
/// counted and not sent, as if the network had lost it. Its memory comes with the first of them, and stays.
/// </summary>
internal sealed class LooseReplies(NodeCounters counters)
{
    /// <summary>The longest of them: RETRY and WHO.</summary>
    public const int DatagramMax = 64;

    // A host that only dials, one of thousands in a process perhaps, never answers a stranger.
    private byte[] bytes = [];
    private (NetAddress To, int Length)[] entries = [];
    private int first;
    private int count;

    /// <summary>Room for one datagram to <paramref name="to"/>, to be filled at once; empty when the ring is full.</summary>
    /// <param name="to">Where it goes.</param>
    /// <param name="length">Its length, 1 to <see cref="DatagramMax"/>.</param>
    public Span<byte> TryAdd(in NetAddress to, int length)
    {
        if (entries.Length == 0)
            (bytes, entries) = (new byte[Limits.LooseRepliesMax * DatagramMax], new (NetAddress, int)[Limits.LooseRepliesMax]);
        if (count == entries.Length) // SEC-095
        {
            counters.CountDropped(DropReason.ReplyQueueFull);
            return default;
        }

        var at = (first + count++) % entries.Length;
        entries[at] = (to, length);
        return bytes.AsSpan(at * DatagramMax, length);
    }

    /// <summary>Moves the oldest into the caller's buffer; false when there is none.</summary>
    public bool TryWrite(ref DatagramWriter writer)
    {
        if (count == 0)
            return false;

        var (to, length) = entries[first];
        bytes.AsSpan(first * DatagramMax, length).CopyTo(writer.Buffer);
        writer.Complete(to, length);
        first = (first + 1) % entries.Length;
        count--;
        return true;
    }
}
