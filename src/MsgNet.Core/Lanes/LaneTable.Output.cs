namespace MsgNet.Core;

/// <content>What goes into datagrams.</content>
internal sealed partial class LaneTable
{
    // What is left of a datagram is worth a look at so many lanes in a row.
    private const int MissesMax = 8;

    private readonly LinkedList<Lane> sendable = new();
    private Instant nextAsk = Instant.Never;

    /// <summary>
    /// Appends segments by deficit round robin, at most one of each lane for each segment's size of room (LANE-020); true if any. New
    /// segments are cut to what is left of the datagram; one that would be short because little is left waits for the next datagram. When
    /// <paramref name="early"/>, of lanes that allow it only, and never one that was sent before.
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="room">What an empty datagram of the path has; a segment longer than that is for <see cref="TryTakeOversized"/>.</param>
    /// <param name="early">It goes into the first flight.</param>
    /// <param name="frames">Where to.</param>
    /// <param name="items">What was written.</param>
    public bool WriteSegments(Instant now, int room, bool early, ref WireWriter frames, PacketItems items)
    {
        var before = items.Count;
        var turns = Math.Min(((room - 1) / Limits.LaneSegmentMax) + 1, Limits.LaneSegmentsPerDatagramMax);
        var wrote = true;
        for (var i = 0; i < turns && wrote; i++)
            wrote = WriteTurn(early, ref frames, items);

        if (items.Count > before && nextAsk.IsNever)
            nextAsk = now + Limits.LaneAskTime;
        return items.Count > before;
    }

    // True if anything was written.
    private bool WriteTurn(bool early, ref WireWriter frames, PacketItems items)
    {
        var before = items.Count;
        var node = sendable.First;
        var misses = 0;
        for (var i = sendable.Count; i > 0 && node is not null && !items.IsFull && misses < MissesMax && frames.Remaining > 0; i--)
        {
            var lane = node.Value;
            node = node.Next;
            if (early && (!lane.AllowsEarly || lane.Machine.HasLost))
                continue;

            // LANE-050: a lane with bytes left in its turn stays at the front, for the next datagram.
            if (lane.Deficit <= 0)
                lane.Deficit += Limits.LaneSegmentMax;
            var written = WriteSegmentOf(lane, early, ref frames, items);
            lane.Deficit -= written;
            misses = written == 0 ? misses + 1 : 0;
            if (written == 0)
                continue;

            if (lane.Deficit <= 0)
            {
                sendable.Remove(lane.Node);
                sendable.AddLast(lane.Node);
            }

            Refresh(lane);
            if (lane.HasRoomForRefused)
                Unsettle(lane);
        }

        return items.Count > before;
    }

    /// <summary>Appends the oldest segment that is under way, as a probe; false when nothing is.</summary>
    public bool WriteProbe(Instant now, ref WireWriter frames, PacketItems items)
    {
        foreach (var lane in lanes.Values)
        {
            if (!lane.IsOpen || !lane.Machine.TryPeekProbe(out var sequence, out var length))
                continue;
            if (TryWriteData(lane, sequence, length, early: false, ref frames, items))
                return true;

            // It goes in pieces.
            lane.Machine.OnLost(sequence);
            Refresh(lane);
        }

        foreach (var lane in lanes.Values)
        {
            if (lane.Control.UnderWay == 0)
                continue;

            lane.Control.WantsAck = true;
            lane.Control.WantsWindow = lane.Machine.ReceiveWindow > Limits.LaneWindowInitial;
            WriteControlOf(lane, ref frames, items);
            return items.Count > 0;
        }

        return stops.TryPeekUnderWay(out var id, out var reason) && TryWriteStop(id, reason, ref frames, items);
    }

    /// <summary>
    /// Appends, as a probe that every path carries, the window of a lane of which a segment is under way (REC-047); false when none is.
    /// </summary>
    public bool WriteSmallProbe(ref WireWriter frames, PacketItems items)
    {
        foreach (var lane in lanes.Values)
        {
            if (!lane.IsOpen || !lane.Machine.TryPeekProbe(out _, out _))
                continue;

            lane.Control.WantsWindow = true;
            WriteControlOf(lane, ref frames, items);
            return items.Count > 0;
        }

        return false;
    }

    private int WriteSegmentOf(Lane lane, bool early, ref WireWriter frames, PacketItems items)
    {
        var before = frames.Position;
        if (!lane.Machine.TryPeekSend(out var sequence, out var length) && !TryCut(lane, frames.Remaining, out sequence, out length))
            return 0;

        return TryWriteData(lane, sequence, length, early, ref frames, items) ? frames.Position - before : 0;
    }

    // LANE-020, LANE-023
    private bool TryCut(Lane lane, int remaining, out ulong sequence, out int length)
    {
        sequence = 0;
        length = 0;
        if (!lane.Machine.CanAppend || !lane.Outbox.HasBytes)
            return false;

        // The longest packet whose frame fits: a length of 128 and more takes two bytes.
        var frame = remaining - (remaining > 0x80 ? 2 : 1);
        var room = Math.Min(frame - FrameSize.Msp(lane.Id, MspPacket.HeaderLength), Limits.LaneSegmentMax);
        if (room < lane.Outbox.Wanted(Limits.LaneSegmentMin))
            return false;

        lane.Outbox.Cut(room);
        PlaceShutdown(lane);
        var isThere = lane.Machine.TryPeekSend(out sequence, out length);
        longestFrame = Math.Max(longestFrame, FrameSize.Listed(FrameSize.Msp(lane.Id, length)));
        return isThere;
    }

    private bool TryWriteData(Lane lane, ulong sequence, int length, bool early, ref WireWriter frames, PacketItems items)
    {
        if (items.IsFull || !FrameWriter.TryWriteMspHeader(ref frames, lane.Id, length))
            return false;

        counters.SegmentsSent++;
        if (lane.Machine.WasSent(sequence))
            counters.SegmentsResent++;
        lane.Machine.WriteData(sequence, frames.Reserve(length));
        items.Add(new PacketItem(PacketItemKind.Segment, lane.Id, sequence));
        if (early)
            return true; // LANE-038: what it acknowledges does not count

        lane.Control.OnAckWritten(lane.Machine.Consumed, isBare: false);
        if (!lane.Control.WantsWindow)
            Unwant(lane.Control);
        return true;
    }

    // Keeps the list of lanes that could fill a datagram exact, so that HasWork is.
    private void Refresh(Lane lane)
    {
        var isListed = lane.Node.List is not null;
        if (lane.HasSegmentToSend == isListed)
            return;

        if (isListed)
        {
            sendable.Remove(lane.Node);
            lane.Deficit = 0;
        }
        else
        {
            sendable.AddLast(lane.Node);
        }
    }
}
