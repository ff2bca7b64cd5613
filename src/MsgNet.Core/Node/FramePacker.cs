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
    private readonly MessageQueue replies = new(pool, Limits.OpenIdsMax, Limits.HandlerQueueBytesMax);
    private ulong fragmentId;
    private byte[]? fragmented;
    private FragmentPlan plan;
    private int nextPiece;
    private bool fragmentsReply;
    private bool fragmentsMayBeEarly;
    private PacketItem? fragmentItem;
    private PacketItem? givenUp;

    /// <summary>Messages and requests that wait.</summary>
    public MessageQueue Messages { get; } = new(pool, Limits.QueueMessagesMax, Limits.QueueBytesMax);

    /// <summary>
    /// When the path last became usable: messages are stale 500 ms after that, or after they were queued if that is later.
    /// </summary>
    public Instant OpenSince { get; set; } = Instant.Never;

    /// <summary>True when an eliciting frame waits.</summary>
    public bool HasWork => Messages.Count > 0 || replies.Count > 0 || fragmented is not null;

    /// <summary>When the oldest message will be stale.</summary>
    public Instant NextStale => Messages.Count == 0 || OpenSince.IsNever ? Instant.Never : StaleAt(Messages.Head);

    /// <summary>
    /// Queues a reply, which waits for keys; false when more than 1,024 or 1 MiB wait, and the requester has to ask again.
    /// </summary>
    public bool TryQueueReply(Instant now, ulong id, ReplyStatus status, ReadOnlySpan<byte> data) => replies.TryEnqueue(
        new QueuedMessage { Kind = MessageKind.Reply, Id = id, Status = status, Length = data.Length, QueuedAt = now }, data);

    /// <summary>Drops unreliable messages that waited too long (REC-065); requests among them queue up again.</summary>
    public void DropStale(Instant now, Association? association)
    {
        while (Messages.Count > 0 && !OpenSince.IsNever && now >= StaleAt(Messages.Head))
            DropHead(now, Messages, association, DropReason.Stale);
    }

    /// <summary>Drops replies and pieces that only the peer's last life could understand.</summary>
    public void OnPeerRestarted()
    {
        counters.CountDropped(DropReason.PeerLost, replies.Clear());
        DropFragments();
    }

    /// <summary>Writes replies and messages into the room of <paramref name="writer"/>; true when one was written.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="writer">The datagram's frame list; what stands in it already stays.</param>
    /// <param name="association">Whose requests the queue refers to.</param>
    /// <param name="terms">What kind of datagram it is.</param>
    public bool Fill(Instant now, ref WireWriter writer, Association association, in PackingTerms terms)
    {
        var written = false;
        while (true)
        {
            var mayReply = replies.Count > 0 && !terms.Early; // REQ-018
            if (fragmented is not null && (!mayReply || fragmentsReply || IsFragmented(replies.Head, terms)))
            {
                if ((terms.Early && !fragmentsMayBeEarly) || !TryWritePiece(ref writer, terms)) // SEC-075
                    return written;
            }
            else if (mayReply)
            {
                if (!TryWriteHead(now, replies, ref writer, association, terms))
                    return written;
            }
            else if (Messages.Count == 0 || (terms.Early && !Messages.Head.AllowEarly) // SEC-075
                || !TryWriteHead(now, Messages, ref writer, association, terms))
            {
                return written;
            }

            written = true;
        }
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
        counters.CountDropped(DropReason.PeerLost, Messages.Clear() + replies.Clear());
        DropFragments();
    }

    public void Dispose() => Clear();

    private Instant StaleAt(in QueuedMessage message) => Instant.Max(message.QueuedAt, OpenSince) + Limits.QueueLifetime;

    // REC-061: a reply goes before the pieces of a message under way, unless it has to be cut as well: one frame is cut at a time.
    private static bool IsFragmented(in QueuedMessage reply, in PackingTerms terms) =>
        FrameSize.Listed(FrameSizeOf(reply, asInit: false)) > terms.PathRoom;

    // True when the head left the queue or became the fragmented frame: there is something new to do.
    private bool TryWriteHead(Instant now, MessageQueue queue, ref WireWriter writer, Association association, in PackingTerms terms)
    {
        ref var head = ref queue.Head;
        var data = DataOf(head, association);
        if (data.IsGone || head.Name is { IsReset: true })
        {
            DropHead(now, queue, association, DropReason.ProtocolRefused);
            return true;
        }

        if (terms.Early && head.Kind == MessageKind.Request && association.Requests.WentUnderKeys(head.Id)) // SEC-108
        {
            association.Requests.Defer(head.Id, now + NodeTimings.RequestRetry);
            queue.Dequeue();
            return true;
        }

        var asInit = head.Name is not null && (terms.Early || !head.Name.IsAcknowledged); // MP-038
        var size = FrameSizeOf(head, asInit);
        if (FrameSize.Listed(size) > terms.PathRoom)
        {
            if (!TryFragment(head, data.Bytes, asInit, size, terms.Room))
                counters.CountDropped(DropReason.TooLarge);
        }
        else if (FrameSize.Listed(size) > writer.Remaining) // REC-063
        {
            return false;
        }
        else
        {
            writer.WriteUvarint((ulong)size);
            WriteBare(ref writer, head, data.Bytes, asInit);
        }

        if (head.Kind == MessageKind.Request)
            NoteSent(now, head.Id, association, terms);

        queue.Dequeue(); // REC-035, REC-036
        return true;
    }

    private static void NoteSent(Instant now, ulong id, Association association, in PackingTerms terms)
    {
        association.Requests.OnSent(now, id, terms.ProbeTimeout);
        if (!terms.Early)
            association.Requests.NoteKeys(id);
    }

    private void DropHead(Instant now, MessageQueue queue, Association? association, DropReason reason)
    {
        if (queue.Head.Kind == MessageKind.Request)
            association?.Requests.Defer(queue.Head.Id, now + NodeTimings.RequestRetry);
        else
            counters.CountDropped(reason);

        queue.Dequeue();
    }

    private static MessageBytes DataOf(in QueuedMessage message, Association association)
    {
        if (message.Kind != MessageKind.Request)
            return new MessageBytes(message.Buffer.AsSpan(0, message.Length), isGone: false);

        return association.Requests.TryGetData(message.Id, out var data)
                ? new MessageBytes(data, isGone: false)
                : new MessageBytes(default, isGone: true);
    }

    private static int FrameSizeOf(in QueuedMessage message, bool asInit)
    {
        if (message.Kind == MessageKind.Reply)
            return FrameSize.Reply(message.Id, message.Length);

        var size = asInit ? FrameSize.Init(message.Name!.AsciiName.Length, message.Length) : FrameSize.Continuation(message.Length);
        return message.Kind == MessageKind.Request ? FrameSize.Tagged(message.Id, size) : size;
    }

    private static void WriteBare(ref WireWriter writer, in QueuedMessage message, ReadOnlySpan<byte> data, bool asInit)
    {
        var name = message.Name;
        switch (message.Kind)
        {
            case MessageKind.Reply:
                BareFrameWriter.TryWriteReply(ref writer, message.Id, message.Status, data);
                break;
            case MessageKind.Request when asInit:
                BareFrameWriter.TryWriteTaggedInit(
                    ref writer, TaggedKind.Request, message.Id, name!.TransportId, name.AsciiName, name.ProtocolInt, data);
                break;
            case MessageKind.Request:
                BareFrameWriter.TryWriteTaggedContinuation(ref writer, TaggedKind.Request, message.Id, name!.ProtocolInt, data);
                break;
            default:
                if (asInit)
                    BareFrameWriter.TryWriteInit(ref writer, name!.TransportId, name.AsciiName, name.ProtocolInt, data);
                else
                    BareFrameWriter.TryWriteContinuation(ref writer, name!.ProtocolInt, data);
                break;
        }
    }

    private bool TryFragment(in QueuedMessage message, ReadOnlySpan<byte> data, bool asInit, int size, int room)
    {
        if (!FragmentPlan.TryMake(fragmentId + 1, size, room, out plan))
            return false;

        fragmentId++;
        nextPiece = 0;
        fragmentsReply = message.Kind == MessageKind.Reply;
        fragmentsMayBeEarly = message.AllowEarly;
        fragmented = pool.Rent(size);
        var writer = new WireWriter(fragmented.AsSpan(0, size));
        WriteBare(ref writer, message, data, asInit);
        Invariant.Check(writer.Position == size);
        return true;
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

    private void DropFragments()
    {
        if (fragmented is not null)
            pool.Return(fragmented);

        fragmented = null;
        fragmentItem = null;
    }

    private readonly ref struct MessageBytes(ReadOnlySpan<byte> bytes, bool isGone)
    {
        public ReadOnlySpan<byte> Bytes { get; } = bytes;

        public bool IsGone { get; } = isGone;
    }
}
