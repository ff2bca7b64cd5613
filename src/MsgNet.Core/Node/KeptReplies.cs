namespace MsgNet.Core;

/// <summary>
/// Replies that found the send buffers of their lanes full, in order. While a lane has one here no message is taken from it, so that there
/// are never more than the requests of it that run at the moment: whoever asks without reading the answers is not heard.
/// </summary>
internal sealed class KeptReplies
{
    private readonly List<Kept> replies = [];

    /// <summary>How many wait.</summary>
    public int Count => replies.Count;

    /// <summary>A reply on that lane waits: a later one must not overtake it.</summary>
    public bool Holds(Lane lane)
    {
        foreach (var kept in replies)
        {
            if (kept.Lane == lane)
                return true;
        }

        return false;
    }

    /// <summary>Keeps a copy of a reply.</summary>
    public void Add(BufferPool pool, Lane lane, ulong id, ReplyStatus status, ReadOnlySpan<byte> data)
    {
        var copy = pool.Rent(data.Length);
        data.CopyTo(copy);
        replies.Add(new Kept(lane, id, status, copy, data.Length));
    }

    /// <summary>
    /// Hands over what there is room for now; of a lane that was in want of room and has none waiting any more there may be something to
    /// read again.
    /// </summary>
    public void Flush(Instant now, LaneTable lanes, BufferPool pool, NodeEvents events)
    {
        for (var i = 0; i < replies.Count; i++)
        {
            var kept = replies[i];
            if (HoldsBefore(i, kept.Lane) || !lanes.TryReply(now, kept.Lane, kept.Id, kept.Status, kept.Buffer.AsSpan(0, kept.Length)))
                continue;

            pool.Return(kept.Buffer);
            replies.RemoveAt(i--);
            if (!Holds(kept.Lane) && lanes.TryPeek(kept.Lane, out _))
                events.Add(new NodeEvent { Kind = NodeEventKind.LaneReadable, Peer = kept.Lane.Peer, Lane = kept.Lane });
        }

    }

    /// <summary>Drops those of a lane that has ended.</summary>
    public void Drop(BufferPool pool, Lane lane)
    {
        for (var i = replies.Count - 1; i >= 0; i--)
        {
            if (replies[i].Lane != lane)
                continue;

            pool.Return(replies[i].Buffer);
            replies.RemoveAt(i);
        }
    }

    private bool HoldsBefore(int index, Lane lane)
    {
        for (var i = 0; i < index; i++)
        {
            if (replies[i].Lane == lane)
                return true;
        }

        return false;
    }

    private readonly record struct Kept(Lane Lane, ulong Id, ReplyStatus Status, byte[] Buffer, int Length);
}
