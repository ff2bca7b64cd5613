namespace MsgNet.Core;

/// <content>What the peer sends, and what time brings.</content>
internal sealed partial class LaneTable
{
    /// <summary>Takes an MSP frame; false for one that is wrong. Adds LaneReadable, LaneDelivered, LaneRoom, LaneEnded.</summary>
    public bool OnMsp(Instant now, in MspFrame frame, bool early, NodeEvents events)
    {
        if (!MspPacket.TryParse(frame.Packet, out var packet))
            return false;
        if (!lanes.TryGetValue(frame.Lane, out var lane) && !TryAdmit(now, frame.Lane, packet, out lane, out var isWrong))
            return !isWrong;

        EndSilence(now, lane!);
        if (packet.IsStop)
            OnStop(lane!, frame.Packet, events);
        else if (!lane!.IsLingering)
            OnPacket(now, lane, packet, early, events);
        return true;
    }

    /// <summary>Takes a LANE_WINDOW frame; false for one that is wrong.</summary>
    public bool OnWindow(Instant now, in LaneWindowFrame frame, NodeEvents events)
    {
        // LANE-037
        if (frame.Window is 0 or > Limits.LaneWindowMax)
            return false;
        if (lanes.TryGetValue(frame.Lane, out var lane))
        {
            lane.Machine.SendWindow = frame.Window;
            Refresh(lane);
        }

        return true;
    }

    /// <summary>The first packet of keys that come into use, beside those to be <paramref name="kept"/>.</summary>
    public void OnKeysHeard(object keys, object? kept)
    {
        // LANE-038
        foreach (var lane in lanes.Values)
            lane.AckOrder.OnKeysHeard(keys, kept, lane.Machine.FirstUnacknowledged);
    }

    /// <summary>What became of something a packet carried.</summary>
    public void OnOutcome(Instant now, in PacketOutcome outcome, NodeEvents events)
    {
        var item = outcome.Item;
        if (item.Kind == PacketItemKind.Stop)
            stops.OnOutcome(now, item.Lane, outcome.Arrived, RoundTrip);
        if (!lanes.TryGetValue(item.Lane, out var lane))
        {
            inPieces.Remove(item.Kind == PacketItemKind.Piece ? item.Number : ulong.MaxValue);
            return;
        }

        switch (item.Kind)
        {
            case PacketItemKind.Piece:
                OnPieceOutcome(now, item, outcome.Arrived, lane);
                break;
            case PacketItemKind.Segment when outcome.Arrived:
                lane.Machine.OnArrived(item.Number);
                break;
            case PacketItemKind.Segment:
                // LANE-051. Its acknowledgement was lost with it, even if the segment came by another packet.
                lane.Machine.OnLost(item.Number);
                if (lane.Machine.HasReceived)
                    WantAck(now, lane, isUrgent: false);
                break;
            case PacketItemKind.Ack:
                OnAckOutcome(now, lane, item.Number, outcome.Arrived);
                break;
            case PacketItemKind.Window:
                // The first window needs no saying: it only was a probe (REC-047).
                if (lane.Control.IsWindowLost(item.Number, outcome.Arrived) && item.Number > Limits.LaneWindowInitial)
                {
                    lane.Control.WantsWindow = true;
                    WantAgain(now, lane);
                }

                break;
        }

        Refresh(lane);
    }

    /// <summary>Does what is due: idle lanes are shut down, held segments given up, acknowledgements fall due.</summary>
    public void OnTimer(Instant now, NodeEvents events)
    {
        stops.Refresh(now);
        if (Memory.SlotFreed)
            ReadWithNewSlots(now);
        while (unsettled.TryDequeue(out var lane))
        {
            lane.IsUnsettled = false;
            Settle(now, lane, events);
        }

        if (now >= nextControl)
            FindDueControl(now);
        if (now >= nextDoubt)
            ResendDoubted(now);
        if (now >= nextDeadline)
            MeetDeadlines(now, events);
        if (now >= nextAsk)
            Ask(now);
    }

    private void OnPacket(Instant now, Lane lane, in MspPacket packet, bool early, NodeEvents events)
    {
        if (packet.IsData && !IsWellFormed(packet))
        {
            Break(now, lane, events);
            return;
        }

        // LANE-038
        var counts = packet.HasAck && lane.AckOrder.TryTake(Origin, packet.Ack, lane.Machine.FirstUnacknowledged);
        var verdict = lane.Machine.OnPacket(counts ? packet : packet.WithoutAck(), out var sequence);
        switch (verdict)
        {
            case MspVerdict.Accepted:
                lane.Inbox.OnAccepted(sequence, early);
                if (sequence == lane.WindowMark)
                    lane.WindowMarkAt = now;
                if (!lane.IsIntroduced && sequence == 0 && !TryIntroduce(now, lane, packet.Data, events))
                    return;
                if (lane.IsIntroduced)
                    lane.Inbox.Advance();
                break;
            case MspVerdict.BeyondWindow or MspVerdict.BadAck or MspVerdict.Broken:
                // LANE-025, LANE-030, LANE-033
                Break(now, lane, events);
                return;
        }

        if (lane.Outbox.OnAcknowledged())
            Tell(NodeEventKind.LaneDelivered, lane, events);
        WatchFirst(now, lane);
        AfterReading(now, lane);
        Settle(now, lane, events);
        Refresh(lane);
    }

    // LANE-021, LANE-022, LANE-023
    private static bool IsWellFormed(in MspPacket packet) => packet.Data.IsEmpty
        ? (packet.Flags & MspFlags.Shutdown) != 0
        : packet.Data.Length <= Limits.LaneSegmentMax && LaneSegment.IsValid(packet.Data);

    // A packet of a lane that is not there: it opens it, or is refused.
    private bool TryAdmit(Instant now, ulong id, in MspPacket packet, out Lane? lane, out bool isWrong)
    {
        lane = null;
        var number = id >> 2;
        var unordered = (id >> 1) & 1;
        var isOurs = (id & 1) == side;
        // LANE-004
        isWrong = isOurs && number >= nextNumber[unordered];
        // LANE-016
        if (packet.IsStop && !isOurs)
            (peerNumbers[unordered] ??= new LaneNumbers()).Close(number);
        // LANE-013: neither a STOP nor what wants no answer gets one.
        if (isWrong || !packet.IsData)
            return false;

        var numbers = isOurs ? null : peerNumbers[unordered] ??= new LaneNumbers();
        // LANE-003, LANE-010
        if (numbers is null || !numbers.CanOpen(number) || (packet.Flags & MspFlags.First) == 0)
        {
            stops.Add(now, id, numbers is null || numbers.CanOpen(number) ? LaneEnd.UnknownLane : numbers.ReasonOf(number));
            return false;
        }

        numbers.Open(number);
        // LANE-002
        if (openThere >= Limits.LanesPerSideMax || keptThere >= Limits.LanesKeptMax)
        {
            numbers.End(number, LaneEnd.TooManyLanes);
            stops.Add(now, id, LaneEnd.TooManyLanes);
            return false;
        }

        lane = Add(new Lane(this, id, unordered == 0 ? LaneKind.Ordered : LaneKind.Unordered, isOpener: false, default));
        openThere++;
        keptThere++;
        counters.LanesAccepted++;
        // LANE-015
        lane.Deadline = now + Limits.LaneOpenTime;
        nextDeadline = Instant.Min(nextDeadline, lane.Deadline);
        return true;
    }

    // The first chunk of the first segment says which protocol it is (LANE-011).
    private bool TryIntroduce(Instant now, Lane lane, ReadOnlySpan<byte> data, NodeEvents events)
    {
        var segment = new LaneSegment(data, LaneSegment.SpanLength);
        if (data.IsEmpty
            || (data[0] & LaneSegment.ContinuesLast) != 0
            || !TryReadOpening(lane, segment.Next(out _), out var isStream, out var name))
        {
            Break(now, lane, events);
            return false;
        }

        // LANE-014
        var isTaken = protocols.TryFind(name, out var entry) && (isStream ? entry.TakesStreams : entry.TakesMessages);
        if (!isTaken)
        {
            GiveUp(now, lane, LaneEnd.ProtocolNotSupported, DropReason.NoHandler, events);
            return false;
        }

        lane.Introduce(entry!.Id, isStream);
        lane.Deadline = Instant.Never;
        lane.IsHeldStream = isStream;
        streamsThere += isStream ? 1 : 0;
        return true;
    }

    // LANE-011: an ordered lane may be one of messages or a stream, and says so itself.
    private static bool TryReadOpening(Lane lane, ReadOnlySpan<byte> frame, out bool isStream, out ReadOnlySpan<byte> name)
    {
        isStream = false;
        if (LaneFrame.TryRead(frame, LanePlace.First, out _, out name))
            return true;

        isStream = lane.Kind == LaneKind.Ordered && LaneFrame.TryRead(frame, LanePlace.FirstOfStream, out _, out name);
        return isStream;
    }

    private void OnStop(Lane lane, ReadOnlySpan<byte> packet, NodeEvents events)
    {
        var reason = packet.Length > 1 && packet[1] <= (byte)LaneEnd.MessageTooLarge ? (LaneEnd)packet[1] : LaneEnd.Aborted;
        // LANE-043
        var isSuccess = reason == LaneEnd.UnknownLane && lane.IsShutDown && !lane.Outbox.HasBytes && lane.Delivered == lane.Sent;
        End(lane, isSuccess ? LaneEnd.Completed : reason, default, events);
    }

    private void Break(Instant now, Lane lane, NodeEvents events) =>
        GiveUp(now, lane, LaneEnd.ProtocolError, DropReason.BadFrame, events);

    private void GiveUp(Instant now, Lane lane, LaneEnd reason, DropReason dropped, NodeEvents events)
    {
        counters.CountDropped(dropped);
        stops.Add(now, lane.Id, reason);
        End(lane, reason, default, events);
    }

    private void OnAckOutcome(Instant now, Lane lane, ulong number, bool arrived)
    {
        if (lane.Control.IsAckLost(number, arrived))
        {
            lane.Control.WantsAck = true;
            WantAgain(now, lane);
        }

        if (!arrived)
            return;

        lane.Control.AckArrived = Math.Max(lane.Control.AckArrived, number);
        if (lane.IsLingering && number == lane.Machine.Consumed)
            Forget(lane, LaneEnd.UnknownLane);
    }

    private void ReadWithNewSlots(Instant now)
    {
        Memory.SlotFreed = false;
        foreach (var lane in lanes.Values)
        {
            if (!lane.IsOpen || !lane.Inbox.WaitsForSlot)
                continue;

            lane.Inbox.Advance();
            AfterReading(now, lane);
            Unsettle(lane);
        }
    }

    private void MeetDeadlines(Instant now, NodeEvents events)
    {
        nextDeadline = Instant.Never;
        scratchLanes.Clear();
        scratchLanes.AddRange(lanes.Values);
        foreach (var lane in scratchLanes)
        {
            if (lane.Deadline > now)
            {
                nextDeadline = Instant.Min(nextDeadline, lane.Deadline);
                continue;
            }

            MeetDeadline(now, lane, events);
        }
    }

    // LANE-066: of a lane of the peer, something is not consumed, or the peer may not have heard what was said last.
    private static bool IsAwaited(Lane lane) => !lane.Machine.IsAllConsumed
        || lane.Control.IsWanted
        || lane.Control.UnderWay > 0
        || lane.Outbox.HasBytes
        || lane.Machine.FirstUnacknowledged != lane.Machine.NextSequence;

    private void MeetDeadline(Instant now, Lane lane, NodeEvents events)
    {
        lane.Deadline = Instant.Never;
        if (!lane.IsIntroduced)
        {
            // LANE-015
            stops.Add(now, lane.Id, LaneEnd.UnknownLane);
            End(lane, LaneEnd.UnknownLane, default, events);
        }
        else if (lane.IsOpener ? lane.Delivered < lane.Sent : IsAwaited(lane))
        {
            Touch(now, lane);
        }
        else if (!lane.IsOpener)
        {
            End(lane, LaneEnd.UnknownLane, default, events); // LANE-066
        }
        else
        {
            // LANE-044
            Shutdown(now, lane);
            Settle(now, lane, events);
        }
    }
}
