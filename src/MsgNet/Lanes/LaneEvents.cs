using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Tells what happened on lanes to those concerned: sessions, which opened theirs, and the inboxes of lanes that peers opened. Under the
/// gate.
/// </summary>
internal sealed class LaneEvents(UdpEndpoints endpoints)
{
    private readonly List<LaneInbox> waitingForReaders = [];
    private bool hasConsumed;

    /// <summary>What a message on that lane is guaranteed; null for a datagram.</summary>
    public static Delivery DeliveryOf(Lane? lane) => lane?.Kind switch
    {
        null => Delivery.Unreliable,
        LaneKind.Unordered => Delivery.Reliable,
        _ => Delivery.ReliableOrdered,
    };

    /// <summary>What there is to do when no lane can be opened any more.</summary>
    public static MsgNetException TooManyLanes(PeerId peer) => new(
        $"No more lanes to {peer} can be opened now: {Limits.LanesPerSideMax} may be open, and {Limits.LanesKeptMax} with those whose "
        + "end it has not heard of yet. Close sessions and streams, use fewer protocols, or try again when it answers; a session's lane "
        + "that is not used closes by itself after a minute.");

    public void Handle(Instant now, in NodeEvent happened)
    {
        var lane = happened.Lane!;
        if (lane.Kind == LaneKind.Stream)
            StreamOf(now, lane)?.OnEvent(happened);
        else if (lane.IsOpener)
            TellSession((LaneSession?)lane.State, happened);
        else if (happened.Kind == NodeEventKind.LaneReadable)
            InboxOf(lane).Pull(now);
        else if (happened.Kind == NodeEventKind.LaneEnded && lane.State is LaneInbox inbox)
            waitingForReaders.Remove(inbox);
    }

    /// <summary>Why a lane ended before it was done.</summary>
    public MsgNetException WhyLost(in NodeEvent happened, ProtocolId protocol) => happened.LaneEnd switch
    {
        LaneEnd.ProtocolNotSupported => new ProtocolNotSupportedException(happened.Peer, protocol),
        LaneEnd.TooManyLanes => TooManyLanes(happened.Peer),
        LaneEnd.PeerLost when happened.Loss == PeerLoss.Unreachable => endpoints.Events.WhyUnreachable(happened.Peer),
        LaneEnd.PeerLost => new SessionLostException(happened.Peer, happened.Loss, maybeDelivered: true),
        LaneEnd.Aborted => new SessionLostException(happened.Peer, PeerLoss.ClosedByPeer, maybeDelivered: true),
        LaneEnd.MessageTooLarge => new SessionLostException(happened.Peer, PeerLoss.MessageTooLarge, maybeDelivered: true),
        _ => new SessionLostException(happened.Peer, PeerLoss.ProtocolError, maybeDelivered: true),
    };

    /// <summary>Messages of some lane were handled: <see cref="FlushConsumed"/> follows when all are told.</summary>
    public void OnConsumed() => hasConsumed = true;

    /// <summary>Lets leave, once, what acknowledges the messages of all lanes.</summary>
    public void FlushConsumed()
    {
        if (!hasConsumed)
            return;

        hasConsumed = false;
        endpoints.FlushSoon();
    }

    /// <summary>Messages outside protocols found no room at their reader's: <see cref="OnRawRoom"/> offers them again.</summary>
    public void WaitForReader(LaneInbox inbox) => waitingForReaders.Add(inbox);

    /// <summary>A reader of messages outside protocols may have room.</summary>
    public void OnRawRoom(Instant now)
    {
        if (waitingForReaders.Count == 0)
            return;

        LaneInbox[] waiting = [.. waitingForReaders];
        waitingForReaders.Clear();
        foreach (var inbox in waiting)
            inbox.Resume(now);

        endpoints.Flush();
    }

    // A session that has let go of its lane needs to know nothing more of it.
    private static void TellSession(LaneSession? session, in NodeEvent happened)
    {
        switch (happened.Kind)
        {
            case NodeEventKind.LaneRoom:
                session?.OnRoom();
                break;
            case NodeEventKind.LaneDelivered:
                session?.OnDelivered();
                break;
            case NodeEventKind.LaneEnded:
                session?.OnLaneEnded(happened);
                break;
            default:
                break;
        }
    }

    // A stream that a peer opened goes to its handler with the first that is heard of it.
    private UdpStreamLane? StreamOf(Instant now, Lane lane)
    {
        if (lane.State is not null || lane.IsOpener || !lane.IsOpen)
            return lane.State as UdpStreamLane;

        var opened = new UdpStreamLane(endpoints, lane);
        if (endpoints.Context.Sink.OnStream(opened.Stream))
            return opened;

        endpoints.Node.RefuseLane(now, lane); // API-176
        return null;
    }

    private LaneInbox InboxOf(Lane lane) => (LaneInbox)(lane.State ??= new LaneInbox(endpoints, lane));
}
