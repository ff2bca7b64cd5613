namespace MsgNet.Core;

/// <summary>
/// Fills datagrams with one peer's frames in the order of REC-061: CLOSE, REPORT, Multipacket ACK and RESET, REPLY, then the unreliable
/// queue. A frame that fits no datagram goes as FRAGMENT pieces (MP-051), which keep their place in the order; so does a segment of a lane
/// that was cut for a longer datagram (LANE-026).
/// </summary>
/// <param name="pool">Where messages wait.</param>
/// <param name="counters">Where drops are counted.</param>
/// <param name="items">What the datagram being filled carries of lanes.</param>
internal sealed class FramePacker(BufferPool pool, NodeCounters counters, PacketItems items) : IDisposable
{
    private FrameQueue messages = new(pool, Limits.QueueMessagesMax, Limits.QueueBytesMax);
    private FrameQueue replies = new(pool, Limits.OpenIdsMax, Limits.HandlerQueueBytesMax);
    private ulong fragmentId;
    private byte[]? fragmented;
    private FragmentPlan plan;
    private int nextPiece;
    private bool fragmentsReply;
    private bool fragmentsMayBeEarly;
    private PacketItem? fragmentItem;
    private PacketItem? givenUp;

    private bool HasReplies => replies.Count > 0;

    /// <summary>Messages and requests that wait.</summary>
    public ref FrameQueue Messages => ref messages;

    /// <summary>
    /// When the path last became usable: messages are stale 500 ms after that, or after they were queued if that is later.
    /// </summary>
    public Instant OpenSince { get; set; } = Instant.Never;

    /// <summary>True when an eliciting frame waits.</summary>
    public bool HasWork => messages.Count > 0 || HasReplies || fragmented is not null;

    /// <summary>When the oldest message will be stale.</summary>
    public Instant NextStale => messages.Count == 0 || OpenSince.IsNever ? Instant.Never : StaleAt(messages.Head);

    /// <summary>
    /// Queues a reply, which waits for keys; false when more than 1,024 or 1 MiB wait, and the requester has to ask again.
    /// </summary>
    public bool TryQueueReply(ulong id, ReplyStatus status, ReadOnlySpan<byte> data) =>
        replies.TryEnqueueReply(id, status, data);

    /// <summary>Drops unreliable messages that waited too long (REC-065); requests among them queue up again.</summary>
    public void DropStale(Instant now, Association? association)
    {
        while (messages.Count > 0 && !OpenSince.IsNever && now >= StaleAt(messages.Head))
            DropHead(now, association, DropReason.Stale);
    }

    /// <summary>Drops replies and pieces that only the peer's last life could understand.</summary>
    public void OnPeerRestarted()
    {
        counters.CountDropped(DropReason.PeerLost, replies.Clear());
        LoseFragments();
    }

    /// <summary>The message written last has its datagram for itself (API-227).</summary>
    public bool EndedDatagram { get; private set; }

    /// <summary>The next to leave is a message that has a datagram for itself.</summary>
    public bool WantsEmptyDatagram => !HasReplies && fragmented is null && messages.Count > 0 && messages.Head.Alone;

    /// <summary>Writes replies and messages into the room of <paramref name="writer"/>; true when one was written.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="writer">The datagram's frame list; what stands in it already stays.</param>
    /// <param name="association">Whose requests the queue refers to.</param>
    /// <param name="terms">What kind of datagram it is.</param>
    public bool Fill(Instant now, ref WireWriter writer, Association association, in PackingTerms terms)
    {
        EndedDatagram = false;
        var start = writer.Position;
        while (!EndedDatagram && !(WantsEmptyDatagram && (terms.IsShared || writer.Position > start))) // API-227
        {
            if (!TryWriteNext(now, ref writer, association, terms))
                break;
        }

        return writer.Position > start;
    }

    /// <summary>Takes a segment that no datagram of the path holds any more, unless a frame is being cut already.</summary>
    /// <param name="lanes">Whose.</param>
    /// <param name="room">What an empty datagram has.</param>
    public void TakeOversized(LaneTable lanes, int room)
    {
        if (fragmented is not null || lanes.SegmentsInPieces >= Limits.SegmentsInPiecesMax)
            return;

        var buffer = pool.Rent(FrameSize.Msp(Uvarint.ValueMax, MspPacket.HeaderLength + Limits.LaneSegmentMax));
        if (!lanes.TryTakeOversized(room, fragmentId + 1, buffer, out plan, out var piece))
        {
            pool.Return(buffer);
            return;
        }

        fragmentId++;
        nextPiece = 0;
        fragmentsReply = fragmentsMayBeEarly = false;
        fragmentItem = piece;
        fragmented = buffer;
    }

    /// <summary>The segment being cut, when it was given up because the path carries even less; told once.</summary>
    public bool TryTakeGivenUp(out PacketItem piece)
    {
        piece = givenUp.GetValueOrDefault();
        var found = givenUp is not null;
        givenUp = null;
        return found;
    }

    /// <summary>Drops everything that waits.</summary>
    public void Clear()
    {
        counters.CountDropped(DropReason.PeerLost, messages.Clear() + replies.Clear()); // REC-071
        LoseFragments();
    }

    public void Dispose() => Clear();

    private Instant StaleAt(in QueuedRun run) => Instant.Max(run.QueuedAt, OpenSince) + Limits.QueueLifetime;

    private bool TryWriteNext(Instant now, ref WireWriter writer, Association association, in PackingTerms terms)
    {
        var mayReply = HasReplies && !terms.Early; // REQ-018
        if (fragmented is not null && (!mayReply || fragmentsReply || IsFragmented(terms)))
            return (!terms.Early || fragmentsMayBeEarly) && TryWritePiece(ref writer, terms); // SEC-075
        if (mayReply)
            return TryWriteFrames(ref replies, isReply: true, ref writer, terms);

        return messages.Count > 0
            && (!terms.Early || messages.Head.AllowEarly) // SEC-075
            && TryWriteHead(now, ref writer, association, terms);
    }

    // REC-061: a reply goes before the pieces of a message under way, unless it has to be cut as well: one frame is cut at a time.
    private bool IsFragmented(in PackingTerms terms) =>
        ListedFrame.First(replies.HeadFrames).ListedLength > terms.PathRoom;

    // True when something left the queue or became the fragmented frame: there is something new to do.
    private bool TryWriteHead(Instant now, ref WireWriter writer, Association association, in PackingTerms terms)
    {
        ref var head = ref messages.Head;
        var name = head.Name!;
        if (name.IsReset)
        {
            DropHead(now, association, DropReason.ProtocolRefused);
            return true;
        }

        var asInit = terms.Early || !name.IsAcknowledged; // MP-038
        if (head.RequestId != 0)
            return TryWriteRequest(now, ref writer, association, terms, asInit);
        if (!asInit)
            return TryWriteFrames(ref messages, isReply: false, ref writer, terms);

        var frame = ListedFrame.First(messages.HeadFrames);
        var image = new MessageImage(name, 0, frame.Bare(messages.HeadFrames)[FrameSize.Continuation(0)..], asInit);
        if (!TryPlace(image, ref writer, terms, head.AllowEarly))
            return false;

        EndedDatagram = head.Alone && fragmented is null;
        messages.Remove(1, frame.ListedLength); // REC-035, REC-036
        return true;
    }

    private bool TryWriteRequest(Instant now, ref WireWriter writer, Association association, in PackingTerms terms, bool asInit)
    {
        ref var head = ref messages.Head;
        var id = head.RequestId;
        if (!association.Requests.TryGetData(id, out var data))
        {
            DropHead(now, association, DropReason.ProtocolRefused);
            return true;
        }

        if (terms.Early && association.Requests.WentUnderKeys(id)) // SEC-108
        {
            association.Requests.Defer(id, now + NodeTimings.RequestRetry);
            messages.Remove(1, head.Bytes);
            return true;
        }

        if (!TryPlace(new MessageImage(head.Name!, id, data, asInit), ref writer, terms, head.AllowEarly))
            return false;

        association.Requests.OnSent(now, id, terms.ProbeTimeout);
        if (!terms.Early)
            association.Requests.NoteKeys(id);
        messages.Remove(1, head.Bytes);
        return true;
    }

    // As many frames as there is room for, as they stand; or the first of them in pieces.
    private bool TryWriteFrames(ref FrameQueue queue, bool isReply, ref WireWriter writer, in PackingTerms terms)
    {
        ref var head = ref queue.Head;
        var frames = queue.HeadFrames;
        var (count, bytes) = head.Alone || frames.Length > writer.Remaining
            ? ListedFrame.Fitting(frames, writer.Remaining, head.Alone ? 1 : head.Count)
            : (head.Count, frames.Length);
        if (count > 0)
        {
            writer.WriteBytes(frames[..bytes]);
            EndedDatagram = head.Alone;
        }
        else
        {
            var first = ListedFrame.First(frames);
            if (first.ListedLength <= terms.PathRoom)
                return false; // REC-063
            if (TryCut(first.Length, terms.Room, isReply, head.AllowEarly))
                first.Bare(frames).CopyTo(fragmented);
            (count, bytes) = (1, first.ListedLength);
        }

        queue.Remove(count, bytes); // REC-035, REC-036
        return true;
    }

    // Writes a frame into the datagram, or for pieces; false when it has to wait for the next.
    private bool TryPlace(in MessageImage image, ref WireWriter writer, in PackingTerms terms, bool mayBeEarly)
    {
        var size = image.Size;
        if (FrameSize.Listed(size) > terms.PathRoom)
        {
            if (TryCut(size, terms.Room, isReply: false, mayBeEarly))
            {
                var whole = new WireWriter(fragmented.AsSpan(0, size));
                image.Write(ref whole);
                Invariant.Check(whole.Position == size);
            }

            return true;
        }

        if (FrameSize.Listed(size) > writer.Remaining)
            return false; // REC-063

        writer.WriteUvarint((ulong)size);
        image.Write(ref writer);
        return true;
    }

    private bool TryCut(int size, int room, bool isReply, bool mayBeEarly)
    {
        if (!FragmentPlan.TryMake(fragmentId + 1, size, room, out plan))
        {
            counters.CountDropped(DropReason.TooLarge);
            return false;
        }

        fragmentId++;
        nextPiece = 0;
        fragmentsReply = isReply;
        fragmentsMayBeEarly = mayBeEarly;
        fragmented = pool.Rent(size);
        return true;
    }

    private void DropHead(Instant now, Association? association, DropReason reason)
    {
        ref var head = ref messages.Head;
        if (head.RequestId != 0)
            association?.Requests.Defer(head.RequestId, now + NodeTimings.RequestRetry);
        else
            counters.CountDropped(reason, head.Count);

        messages.Remove(head.Count, head.Bytes);
    }

    // True when a piece was written, or there is something else to do.
    private bool TryWritePiece(ref WireWriter writer, in PackingTerms terms)
    {
        if (!terms.Early && FrameSize.Listed(FrameSize.Fragment(fragmentId, plan.PieceLength)) > terms.PathRoom)
            return RecutFragments(terms.PathRoom);

        if (fragmentItem is not null && items.IsFull)
            return false;
        if (!FrameWriter.TryWriteFragment(ref writer, fragmentId, nextPiece, plan.Count, fragmented.AsSpan(plan[nextPiece])))
            return false;

        if (fragmentItem is { } item)
            items.Add(item);

        nextPiece++;
        if (nextPiece == plan.Count) // MP-056
            DropFragments();

        return true;
    }

    // The path carries less than when the message was cut: pieces of two sizes would spoil it (MP-054), so it starts again.
    private bool RecutFragments(int room)
    {
        if (fragmentItem is { } segment)
        {
            givenUp = segment;
            DropFragments();
            return true;
        }

        nextPiece = 0;
        if (FragmentPlan.TryMake(++fragmentId, plan.FrameLength, room, out plan))
            return true;

        counters.CountDropped(DropReason.TooLarge);
        DropFragments();
        return true;
    }

    // What becomes of a segment its lane knows.
    private void LoseFragments()
    {
        if (fragmented is not null && fragmentItem is null)
            counters.CountDropped(DropReason.PeerLost);
        DropFragments();
    }

    private void DropFragments()
    {
        if (fragmented is not null)
            pool.Return(fragmented);

        fragmented = null;
        fragmentItem = null;
    }
}
