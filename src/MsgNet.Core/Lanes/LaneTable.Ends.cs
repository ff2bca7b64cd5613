namespace MsgNet.Core;

/// <content>What reading, sending and time lead to: events, ends.</content>
internal sealed partial class LaneTable
{
    private readonly Queue<Lane> unsettled = new();

    private void Unsettle(Lane lane)
    {
        if (lane.IsUnsettled)
            return;

        lane.IsUnsettled = true;
        unsettled.Enqueue(lane);
    }

    // What has to be told or ended, now that there is a list of events.
    private void Settle(Instant now, Lane lane, NodeEvents events)
    {
        if (!lane.IsOpen)
            return;
        if (lane.Inbox.IsBroken)
        {
            if (lane.Inbox.IsTooLarge)
                GiveUp(now, lane, LaneEnd.MessageTooLarge, DropReason.TooLarge, events); // LANE-034
            else
                Break(now, lane, events);
            return;
        }

        TellReadable(lane, events);
        if (lane.HasRoomForRefused)
        {
            lane.RefusedLength = -1;
            Tell(NodeEventKind.LaneRoom, lane, events);
        }

        // LANE-041
        if (lane.Machine.IsEnded && !lane.IsOpener && lane.Kind != LaneKind.Stream && !lane.HasRepliesOutside)
            Shutdown(now, lane);
        if (lane.Machine.IsEnded && lane.Machine.IsShutdown && !lane.IsOpener)
            Uncount(lane);
        if (lane.IsShutDown && IsUnheardOf(lane))
            End(lane, LaneEnd.Completed, default, events);
        else if (lane.Machine.IsDone)
            Complete(now, lane, events);
    }

    private void TellReadable(Lane lane, NodeEvents events)
    {
        var isEnd = lane.IsIntroduced && lane.IsReadEnded && !lane.IsEndTold;
        var isMessage = lane.Inbox.HasMessage && !lane.IsReadableTold;

        // A stream shows itself although nothing was written to it.
        var isOpening = lane.Kind == LaneKind.Stream && !lane.IsOpener && !lane.IsOpeningTold;
        if (!isEnd && !isMessage && !isOpening)
            return;

        lane.IsOpeningTold |= isOpening;
        lane.IsEndTold |= isEnd;
        lane.IsReadableTold |= isMessage;
        Tell(NodeEventKind.LaneReadable, lane, events);
    }

    private void Tell(NodeEventKind kind, Lane lane, NodeEvents events) =>
        events.Add(new NodeEvent { Kind = kind, Peer = Peer, Protocol = lane.Protocol, Lane = lane });

    // LANE-045: the lane is over, but the peer may still wait for the last acknowledgement.
    private void Complete(Instant now, Lane lane, NodeEvents events)
    {
        Uncount(lane);
        LetGo(lane);
        lane.IsOpen = false;
        lane.IsLingering = true;
        lane.Deadline = Instant.Never;
        events.Add(new NodeEvent
        {
            Kind = NodeEventKind.LaneEnded, Peer = Peer, Protocol = lane.Protocol, Lane = lane, LaneEnd = LaneEnd.Completed,
        });
        if (lane.Control.AckArrived == lane.Machine.Consumed)
            Forget(lane, LaneEnd.UnknownLane);
        else
            WantAck(now, lane, isUrgent: true);
        Refresh(lane);
    }

    private void End(Lane lane, LaneEnd how, PeerLoss loss, NodeEvents events)
    {
        Forget(lane, how <= LaneEnd.MessageTooLarge ? how : LaneEnd.UnknownLane);
        if (!lane.IsOpen)
            return;

        lane.IsOpen = false;
        if (lane.IsOpener || lane.IsIntroduced)
            events.Add(new NodeEvent
            {
                Kind = NodeEventKind.LaneEnded,
                Peer = Peer,
                Protocol = lane.Protocol,
                Lane = lane,
                LaneEnd = how,
                Loss = loss,
            });
        Refresh(lane);
    }

    private void Forget(Lane lane, LaneEnd reason)
    {
        if (!lanes.Remove(lane.Id))
            return;

        Uncount(lane);
        LetGo(lane);
        if (!lane.IsOpener)
        {
            keptThere--;
            peerNumbers[(lane.Id >> 1) & 1]!.End(lane.Id >> 2, reason);
        }

        Memory.Close(lane.Machine.ReceiveWindow);
        lane.Control.WantsAck = lane.Control.WantsWindow = false;
        Unwant(lane.Control);
        lane.Release();
    }

    private void Uncount(Lane lane)
    {
        if (!lane.IsCounted)
            return;

        lane.IsCounted = false;
        if (lane.IsOpener)
            openHere--;
        else
            openThere--;
    }

    private void LetGo(Lane lane)
    {
        if (lane.IsHeldStream)
            streamsThere--;
        lane.IsHeldStream = false;
    }

    // A message lane that was closed before it said anything.
    private static bool IsUnheardOf(Lane lane) => lane.IsOpener && !lane.Outbox.HasBytes && lane.Machine.NextSequence == 0;

    // LANE-040: SHUTDOWN stands behind everything that was accepted, on the last segment if it was not sent yet.
    private static void PlaceShutdown(Lane lane)
    {
        if (lane.IsShutDown && !lane.Outbox.HasBytes)
            lane.Machine.Shutdown();
    }
}
