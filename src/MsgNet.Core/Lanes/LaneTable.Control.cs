namespace MsgNet.Core;

/// <content>What lanes tell beside their data, and when: STOPs, acknowledgements, windows.</content>
internal sealed partial class LaneTable
{
    // A round trip of 20 µs doubled as often passes the longest wait.
    private const int LossesMax = 16;

    private readonly Queue<Lane> controlQueue = new();
    private Instant nextControl = Instant.Never;
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

        nextControl = Instant.Never; // for what was told meanwhile no timer needs to run
        for (var i = controlQueue.Count; i > 0; i--)
        {
            var lane = controlQueue.Dequeue();
            if (riding || lane.Control.IsDue)
                WriteControlOf(lane, ref frames, items);
            QueueAgain(lane);
        }

        return items.Count > before;
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
            if (lane.Control.DueAt <= now)
                MakeDue(lane.Control);
            QueueAgain(lane);
        }
    }

    private void QueueAgain(Lane lane)
    {
        if (!lane.Control.IsWanted)
        {
            Unqueue(lane.Control);
            return;
        }

        controlQueue.Enqueue(lane);
        if (!lane.Control.IsDue)
            nextControl = Instant.Min(nextControl, lane.Control.DueAt);
    }
}
