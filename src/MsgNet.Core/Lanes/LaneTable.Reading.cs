namespace MsgNet.Core;

/// <content>What the driver reads, and the acknowledgements and windows that come of it.</content>
internal sealed partial class LaneTable
{
    /// <summary>The next message to take; false when none is whole.</summary>
    public bool TryPeek(Lane lane, out LaneMessage message)
    {
        Invariant.Check(lane.Table == this);
        message = default;
        return lane.IsOpen && lane.Inbox.TryPeek(out message);
    }

    /// <summary>Takes the message just peeked, and what was taken of those that follow it; they are not consumed yet.</summary>
    public void Take(Instant now, Lane lane, in LaneRun following)
    {
        if (!lane.IsOpen)
            return;

        var before = lane.Machine.Consumed;
        lane.Inbox.Take(following);
        lane.IsReadableTold = lane.Inbox.HasMessage;
        if (lane.Machine.Consumed != before || !lane.IsReadableTold)
            AfterReading(now, lane);
    }

    /// <summary>The receiver is done with messages, in whatever order: what is acknowledged moves on.</summary>
    public void Consume(Instant now, Lane lane, ReadOnlySpan<ulong> receipts)
    {
        if (!lane.IsOpen)
            return;

        var before = lane.Machine.Consumed;
        for (var i = 0; i < receipts.Length;)
        {
            var start = i;
            while (i < receipts.Length && receipts[i] == receipts[start])
                i++;
            lane.Inbox.Consume(receipts[start], i - start);
        }

        if (lane.Machine.Consumed != before)
            AfterReading(now, lane);
    }

    /// <summary>The receiver is done with a message.</summary>
    public void Consume(Instant now, Lane lane, ulong receipt) => Consume(now, lane, new ReadOnlySpan<ulong>(in receipt));

    /// <summary>
    /// The next REPLY that came whole on a lane; false when there is none. It needs no receipt: it is consumed by this. Borrowed until the
    /// next call.
    /// </summary>
    public bool TryTakeReply(Instant now, out LaneReply reply)
    {
        reply = default;
        if (!Memory.Replies.TryDequeue(out var found))
            return false;

        if (found.Lane.IsOpen)
        {
            found.Lane.Inbox.Consume(found.Receipt, 1);
            AfterReading(now, found.Lane);
        }

        reply = new LaneReply { Lane = found.Lane, Id = found.Id, Status = found.Status, Data = found.Data };
        return true;
    }

    // What reading has changed, as far as no event is needed.
    private void AfterReading(Instant now, Lane lane)
    {
        if (lane.Machine.Consumed > lane.Control.AckWritten)
            WantAck(now, lane, lane.Machine.Consumed - lane.Control.AckWritten >= (ulong)lane.Machine.ReceiveWindow / 4);
        GrowWindow(now, lane);
        if (!lane.IsOpener)
            Touch(now, lane);
        if (lane.Inbox.IsBroken || lane.Machine.IsEnded)
            Unsettle(lane);
    }

    // LANE-033: the window doubles when half of it was consumed within the time that a repair takes.
    private void GrowWindow(Instant now, Lane lane)
    {
        var window = lane.Machine.ReceiveWindow;
        if ((lane.Machine.Consumed - lane.WindowMark) * 2 < (ulong)window)
            return;

        if (now - lane.WindowMarkAt <= (Limits.LaneWindowRoundTrips * RoundTrip) + Limits.AckDelayMax)
        {
            lane.Machine.ReceiveWindow = Memory.Grow(window);
            if (lane.Machine.ReceiveWindow > window)
                WantWindow(now, lane);
        }

        lane.WindowMark = lane.Machine.Consumed;
        lane.WindowMarkAt = now;
    }
}
