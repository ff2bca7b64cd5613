namespace MsgNet.Core;

/// <content>What goes into datagrams.</content>
internal sealed partial class LaneTable
{
    // A round trip of 20 µs doubled as often passes the longest wait.
    private const int LossesMax = 16;

    // What is left of a datagram is worth a look at so many lanes in a row.
    private const int MissesMax = 8;

    private readonly LinkedList<Lane> sendable = new();
    private readonly Queue<Lane> controlQueue = new();
    private Instant nextControl = Instant.Never;
    private Instant nextAsk = Instant.Never;
    private int controlDue;

    /// <summary>
    /// Appends STOPs, acknowledgements and windows that are due (all that stand, when <paramref name="riding"/>); true if any.
    /// </summary>
    public bool WriteControl(Instant now, bool riding, ref WireWriter frames, PacketItems items)
    {
        var before = items.Count;
        while (!items.IsFull && stops.TryPeek(now, out var id, out var reason) && TryWriteStop(id, reason, ref frames, items))
        {
            stops.Take(now);
            if ((id & 1) != side)
                counters.LanesRefused++;
        }

        for (var i = controlQueue.Count; i > 0; i--)
        {
            var lane = controlQueue.Dequeue();
            if (riding || lane.Control.IsDue)
                WriteControlOf(lane, ref frames, items);
            if (lane.Control.IsWanted)
                controlQueue.Enqueue(lane);
            else
                Unqueue(lane.Control);
        }

        return items.Count > before;
    }

    /// <summary>
    /// Appends segments by deficit round robin, at most one of each lane (LANE-020); true if any. New segments are cut to what is left of
    /// the datagram; one that would be short because little is left waits for the next datagram. When <paramref name="early"/>, of lanes
    /// that allow it only, and never one that was sent before.
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="room">What an empty datagram of the path has; a segment longer than that is for <see cref="TryTakeOversized"/>.</param>
    /// <param name="early">It goes into the first flight.</param>
    /// <param name="frames">Where to.</param>
    /// <param name="items">What was written.</param>
    public bool WriteSegments(Instant now, int room, bool early, ref WireWriter frames, PacketItems items)
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
                lane.Deficit += Limits.DatagramSizeMax;
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
            if (lane.RefusedLength >= 0 && lane.Outbox.HasRoom(lane.RefusedLength))
                Unsettle(lane);
        }

        if (items.Count > before && nextAsk.IsNever)
            nextAsk = now + Limits.LaneAskTime;
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

    private static void WriteControlOf(Lane lane, ref WireWriter frames, PacketItems items)
    {
        var control = lane.Control;
        if (control.WantsAck && !items.IsFull && FrameWriter.TryWriteMspHeader(ref frames, lane.Id, MspPacket.AckLength))
        {
            lane.Machine.WriteAck(frames.Reserve(MspPacket.AckLength));
            items.Add(new PacketItem(PacketItemKind.Ack, lane.Id, lane.Machine.Consumed));
            control.OnAckWritten(lane.Machine.Consumed, isBare: true);
        }

        var window = lane.Machine.ReceiveWindow;
        if (control.WantsWindow && !items.IsFull && FrameWriter.TryWriteLaneWindow(ref frames, lane.Id, (ushort)window))
        {
            items.Add(new PacketItem(PacketItemKind.Window, lane.Id, (ulong)window));
            control.OnWindowWritten(window);
        }
    }

    private static bool TryWriteStop(ulong id, LaneEnd reason, ref WireWriter frames, PacketItems items)
    {
        if (!FrameWriter.TryWriteMspHeader(ref frames, id, 2))
            return false;

        // LANE-013
        frames.WriteByte((byte)MspFlags.Stop);
        frames.WriteByte((byte)reason);
        items.Add(new PacketItem(PacketItemKind.Stop, id, (ulong)reason));
        return true;
    }

    // LANE-035
    private void WantAck(Instant now, Lane lane, bool isUrgent)
    {
        lane.Control.WantsAck = true;
        Want(isUrgent ? now : now + Limits.AckDelayMax, lane, isUrgent);
    }

    // LANE-039: at once the first time; on a path that stays silent after ever longer waits.
    private void WantAgain(Instant now, Lane lane)
    {
        var losses = lane.Control.Losses++;
        if (losses == 0)
            Want(now, lane, isUrgent: true);
        else
            Want(now + Wait(RoundTrip * (1 << Math.Min(losses, LossesMax))), lane, isUrgent: false);
    }

    private static TimeSpan Wait(TimeSpan wait) => wait < Limits.LaneControlRepeatMax ? wait : Limits.LaneControlRepeatMax;

    // The lane is heard again: what waits for the path to come back waits no longer.
    private void EndSilence(Instant now, Lane lane)
    {
        if (lane.Control.Losses == 0)
            return;

        lane.Control.Losses = 0;
        if (lane.Control.IsWanted)
            Want(now, lane, isUrgent: true);
    }

    private void WantWindow(Instant now, Lane lane)
    {
        lane.Control.WantsWindow = true;
        Want(now, lane, isUrgent: true);
    }

    // LANE-067: whoever waits for a handler learns so that the peer has restarted, or is gone.
    private void Ask(Instant now)
    {
        nextAsk = Instant.Never;
        foreach (var lane in lanes.Values)
        {
            if (!lane.IsOpen || lane.Machine.FirstUnacknowledged == lane.Machine.NextSequence)
                continue;

            WantWindow(now, lane);
            nextAsk = now + Limits.LaneAskTime;
            return;
        }
    }

    private void Want(Instant dueAt, Lane lane, bool isUrgent)
    {
        var control = lane.Control;
        control.DueAt = Instant.Min(control.DueAt, dueAt);
        if (!control.IsQueued)
        {
            control.IsQueued = true;
            controlQueue.Enqueue(lane);
        }

        if (isUrgent)
            MakeDue(control);
        else if (!control.IsDue)
            nextControl = Instant.Min(nextControl, control.DueAt);
    }

    private void MakeDue(LaneControl control)
    {
        if (control.IsDue)
            return;

        control.IsDue = true;
        controlDue++;
    }

    private void Unqueue(LaneControl control)
    {
        control.IsQueued = false;
        Unwant(control);
    }

    private void Unwant(LaneControl control)
    {
        control.DueAt = Instant.Never;
        if (control.IsDue)
            controlDue--;
        control.IsDue = false;
    }

    private void FindDueControl(Instant now)
    {
        nextControl = Instant.Never;
        for (var i = controlQueue.Count; i > 0; i--)
        {
            var lane = controlQueue.Dequeue();
            if (!lane.Control.IsWanted)
            {
                Unqueue(lane.Control);
                continue;
            }

            controlQueue.Enqueue(lane);
            if (lane.Control.DueAt <= now)
                MakeDue(lane.Control);
            else if (!lane.Control.IsDue)
                nextControl = Instant.Min(nextControl, lane.Control.DueAt);
        }
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
