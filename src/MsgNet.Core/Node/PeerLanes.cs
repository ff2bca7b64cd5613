using System.Buffers;

namespace MsgNet.Core;

/// <summary>
/// Joins the lanes of peers to their channels: frames and the fate of packets go to the <see cref="LaneTable"/>, REPLYs to the requests
/// that wait for them, and what a lane took along with its end is reported (<c>specs/lanes.md</c>).
/// </summary>
internal sealed class PeerLanes(UdpNode node)
{
    private readonly LaneSettings settings = new()
    {
        MessageSizeMax = node.Settings.ReliableMessageSizeMax,
        ReceiveBudget = node.Settings.LaneReceiveBudget,
        SharedWindows = node.Settings.LanesShareWindows ? new LaneWindowPool() : null,
    };

    /// <summary>The packet whose frames are being read; the default of a first flight, and while a frame came in pieces.</summary>
    public PacketOrigin Origin { get; set; }

    /// <summary>What the datagram being filled carries of lanes.</summary>
    public PacketItems Items { get; } = new();

    /// <summary>The lanes of a peer, made with the first.</summary>
    public LaneTable Require(PeerChannel peer) => peer.RequireAssociation().Lanes ??=
        new LaneTable(peer.Id, node.HasSmallerKeyThan(peer) ? 0 : 1, settings, node.Protocols, node.Pool, node.Counters)
        {
            Channel = peer,
        };

    /// <summary>The first packet of these keys was taken.</summary>
    public static void OnKeysHeard(PeerChannel peer, ChannelSession keys)
    {
        var kept = peer.Sessions.Current == keys ? peer.Sessions.Previous : peer.Sessions.Current;
        peer.Association?.Lanes?.OnKeysHeard(keys, kept);
    }

    /// <summary>Takes an MSP frame; false for a bad one.</summary>
    public bool OnMsp(Instant now, PeerChannel peer, in MspFrame frame, bool early, NodeEvents events)
    {
        var lanes = Require(peer);
        var first = events.Count;
        if (peer.RoundTrip is { Ticks: > 0 } roundTrip)
            lanes.RoundTrip = roundTrip;
        lanes.Origin = Origin;
        var isGood = lanes.OnMsp(now, frame, early, events);
        TakeReplies(now, peer, lanes, events);
        OnProgress(now, peer, lanes, first, events);
        return isGood;
    }

    /// <summary>Takes a LANE_WINDOW frame; false for a bad one.</summary>
    public bool OnWindow(Instant now, PeerChannel peer, in LaneWindowFrame frame, NodeEvents events)
    {
        var lanes = Require(peer);
        var first = events.Count;
        var isGood = lanes.OnWindow(now, frame, events);
        OnProgress(now, peer, lanes, first, events);
        return isGood;
    }

    /// <summary>Tells the lanes what became of packets and of HELLOs.</summary>
    public void TakeOutcomes(Instant now, PeerChannel peer, NodeEvents events)
    {
        if (!peer.TryTakeOutcome(out var outcome))
            return;

        var lanes = peer.Association?.Lanes;
        var first = events.Count;
        do
            lanes?.OnOutcome(now, outcome, events); // REC-042
        while (peer.TryTakeOutcome(out outcome));
        if (lanes is not null)
            OnProgress(now, peer, lanes, first, events);
    }

    /// <summary>Does what is due.</summary>
    public void OnTimer(Instant now, PeerChannel peer, NodeEvents events)
    {
        TakeOutcomes(now, peer, events);
        if (peer.Association?.Lanes is not { } lanes || now < lanes.NextTimer)
            return;

        var first = events.Count;
        lanes.OnTimer(now, events);
        TakeReplies(now, peer, lanes, events);
        OnProgress(now, peer, lanes, first, events);
    }

    /// <summary>Ends a lane at this side's wish.</summary>
    public void Abort(Instant now, PeerChannel peer, LaneTable lanes, Lane lane, LaneEnd reason, NodeEvents events)
    {
        var first = events.Count;
        lanes.Abort(now, lane, reason, events);
        OnEnded(peer, PeerLoss.ClosedLocally, first, events);
    }

    /// <summary>The peer is lost (LANE-063); its requests have been failed.</summary>
    public void Fail(PeerChannel peer, PeerLoss loss, NodeEvents events)
    {
        if (peer.Association?.Lanes is not { } lanes)
            return;

        var first = events.Count;
        lanes.Fail(loss, events);
        OnEnded(peer, loss, first, events);
    }

    /// <summary>The peer has restarted (LANE-063); its keys are gone.</summary>
    public void OnPeerRestarted(Instant now, PeerChannel peer, NodeEvents events)
    {
        // What a HELLO under way carries belongs to lanes that end here.
        if (peer.Attempt is { } attempt)
            attempt.Carried = [];
        TakeOutcomes(now, peer, events);
        if (peer.Association?.Lanes is not { } lanes)
            return;

        var first = events.Count;
        lanes.OnPeerRestarted(events);
        OnEnded(peer, PeerLoss.PeerRestarted, first, events);
    }

    /// <summary>Adds what may be early to a HELLO; returns what that is.</summary>
    public PacketItem[] WriteFirstFlight(Instant now, PeerChannel peer, int room, ref WireWriter writer)
    {
        Items.Clear();
        if (peer.Association?.Lanes is not { } lanes || !lanes.WriteSegments(now, room, early: true, ref writer, Items))
            return [];

        return Items.Span.ToArray();
    }

    private void OnProgress(Instant now, PeerChannel peer, LaneTable lanes, int first, NodeEvents events)
    {
        var association = peer.Association!;
        OnEnded(peer, PeerLoss.ClosedByPeer, first, events);
        if (association.KeptReplies.Count > 0)
            association.KeptReplies.Flush(now, lanes, node.Pool, events);
    }

    private void TakeReplies(Instant now, PeerChannel peer, LaneTable lanes, NodeEvents events)
    {
        var association = peer.Association!;
        while (lanes.TryTakeReply(now, out var reply))
        {
            if (!association.TryTakeReplied(peer.Id, reply.Id, reply.Status, reply.Lane, out var replied)) // REQ-011
            {
                node.Counters.CountDropped(DropReason.UnknownReply);
                continue;
            }

            var copy = ArrayPool<byte>.Shared.Rent(reply.Data.Length);
            reply.Data.CopyTo(copy);
            node.Lend(copy);
            events.Add(replied with { Buffer = copy, Length = reply.Data.Length });
        }
    }

    // What waited on the lanes that ended since the event of that number.
    private void OnEnded(PeerChannel peer, PeerLoss unless, int first, NodeEvents events)
    {
        var association = peer.Association!;
        var count = events.Count;
        for (var i = first; i < count; i++)
        {
            if (events[i] is not { Kind: NodeEventKind.LaneEnded, Lane: { } lane } ended)
                continue;

            association.KeptReplies.Drop(node.Pool, lane);
            while (association.HasRequests && association.Requests.TryTakeCarried(lane, out var request)) // REQ-026
                UdpNode.Fail(peer, association, request, LossOf(ended, unless), events);
        }
    }

    private static PeerLoss LossOf(in NodeEvent ended, PeerLoss unless) => ended.LaneEnd switch
    {
        LaneEnd.PeerLost => ended.Loss,
        LaneEnd.ProtocolNotSupported => PeerLoss.ProtocolNotSupported,
        LaneEnd.ProtocolError => PeerLoss.ProtocolError,
        LaneEnd.MessageTooLarge => PeerLoss.MessageTooLarge,
        _ => unless,
    };
}
