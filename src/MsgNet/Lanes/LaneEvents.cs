using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Tells what happened on lanes to those concerned: sessions, which opened theirs, and the inboxes of lanes that peers opened. Under the
/// gate.
/// </summary>
internal sealed class LaneEvents(UdpEndpoints endpoints)
{
    private readonly List<LaneInbox> waitingForReaders = [];

    /// <summary>What a message on that lane is guaranteed; null for a datagram.</summary>
    public static Delivery DeliveryOf(Lane? lane) => lane?.Kind switch
    {
        null => Delivery.Unreliable,
        LaneKind.Unordered => Delivery.Reliable,
        _ => Delivery.ReliableOrdered,
    };

    public void Handle(Instant now, in NodeEvent happened)
    {
        var lane = happened.Lane!;
        if (lane.Kind == LaneKind.Stream)
            return;

        if (lane.IsOpener)
            TellSession((LaneSession?)lane.State, happened);
        else if (happened.Kind == NodeEventKind.LaneReadable)
            InboxOf(lane).Pull(now);
        else if (happened.Kind == NodeEventKind.LaneEnded && lane.State is LaneInbox inbox)
            waitingForReaders.Remove(inbox);
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

        endpoints.Flush(now);
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

    private LaneInbox InboxOf(Lane lane) => (LaneInbox)(lane.State ??= new LaneInbox(endpoints, lane));
}
