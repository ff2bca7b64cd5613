namespace MsgNet.Core;

/// <summary>
/// Replies that found the send buffers of their lanes full, in order. While a lane has one here no message is taken from it, so that there
/// are never more than the requests of it that run at the moment: whoever asks without reading the answers is not heard.
/// </summary>
internal sealed class KeptReplies
{
    // By lane: the peer chooses how many there are, and each of its packets asks for room.
    private Dictionary<Lane, Queue<Kept>>? replies;

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>A reply on that lane waits: a later one must not overtake it.</summary>
    public bool Holds(Lane lane) => Count > 0 && replies!.ContainsKey(lane);

    /// <summary>Keeps a copy of a reply.</summary>
    public void Add(BufferPool pool, LaneTable lanes, Lane lane, ulong id, ReplyStatus status, ReadOnlySpan<byte> data)
    {
        replies ??= [];
        if (!replies.TryGetValue(lane, out var waiting))
        {
            replies.Add(lane, waiting = new Queue<Kept>());
            lanes.NoteRepliesWait(lane, true);
        }

        var copy = pool.Rent(data.Length);
        data.CopyTo(copy);
        waiting.Enqueue(new Kept(id, status, copy, data.Length));
        Count++;
    }

    /// <summary>
    /// Hands over what there is room for now; of a lane that was in want of room and has none waiting any more there may be something to
    /// read again.
    /// </summary>
    public void Flush(Instant now, LaneTable lanes, BufferPool pool, NodeEvents events)
    {
        foreach (var (lane, waiting) in replies ?? [])
        {
            while (waiting.TryPeek(out var kept) && lanes.TryReply(now, lane, kept.Id, kept.Status, kept.Buffer.AsSpan(0, kept.Length)))
            {
                waiting.Dequeue();
                pool.Return(kept.Buffer);
                Count--;
            }

            if (waiting.Count > 0)
                continue;

            replies!.Remove(lane);
            lanes.NoteRepliesWait(lane, false);
            if (lanes.TryPeek(lane, out _))
                events.Add(new NodeEvent { Kind = NodeEventKind.LaneReadable, Peer = lane.Peer, Protocol = lane.Protocol, Lane = lane });
        }
    }

    /// <summary>Drops those of a lane that has ended.</summary>
    public void Drop(BufferPool pool, Lane lane)
    {
        if (replies is null || !replies.Remove(lane, out var waiting))
            return;

        Count -= waiting.Count;
        foreach (var kept in waiting)
            pool.Return(kept.Buffer);
    }

    private readonly record struct Kept(ulong Id, ReplyStatus Status, byte[] Buffer, int Length);
}
