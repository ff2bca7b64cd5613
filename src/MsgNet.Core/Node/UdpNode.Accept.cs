namespace MsgNet.Core;

/// <content>Peers that the driver is asked about before anything of theirs is delivered (SEC-067).</content>
public sealed partial class UdpNode
{
    /// <summary>
    /// Answers <see cref="NodeEventKind.PeerAsks"/>: the handshake is completed and its messages are delivered. Nothing happens when the
    /// node has forgotten the peer since; a handshake that was given up meanwhile comes again by itself.
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="id">The peer.</param>
    /// <param name="events">Receives what happened.</param>
    public void Accept(Instant now, PeerId id, NodeEvents events)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (!TryFindPeer(id, out var peer) || peer.Acceptance == PeerAcceptance.Unknown || peer.ClosePending is not null)
            return;

        peer.Acceptance = PeerAcceptance.Accepted;
        foreach (var session in peer.Sessions.Unconfirmed.ToArray())
        {
            if (session.Withheld is { } flight && !session.IsDisposed)
                Release(now, session, flight, events);
        }

        QueueToWrite(peer);
    }

    /// <summary>
    /// Answers <see cref="NodeEventKind.PeerAsks"/>: the peer is told CLOSE 4 and forgotten, with all that it sent. A peer that the driver
    /// has dialled since is accepted all the same.
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="id">The peer.</param>
    /// <param name="events">Receives what happened.</param>
    public void Refuse(Instant now, PeerId id, NodeEvents events)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (!TryFindPeer(id, out var peer) || peer.Acceptance == PeerAcceptance.Unknown || peer.ClosePending is not null)
            return;

        if (peer.Acceptance == PeerAcceptance.Accepted)
        {
            Accept(now, id, events);
            return;
        }

        Counters.PeersRefused++;

        // The ACK gives the peer the keys that the CLOSE is sealed with; both stay within the ledger. An older image must not be answered:
        // the peer would go on with that one.
        var unconfirmed = peer.Sessions.Unconfirmed.ToArray();
        foreach (var session in unconfirmed.AsSpan(0, Math.Max(unconfirmed.Length - 1, 0)))
            peer.Sessions.Drop(session);
        foreach (var session in peer.Sessions.Unconfirmed)
        {
            session.Withheld = null;
            session.AckPending = true;
        }

        peer.ClosePending = CloseCode.Refused;
        QueueToWrite(peer);
    }

    /// <summary>
    /// A handshake stands with a peer that goes on with what it sent to a half which this node has ended: it is told that it was closed,
    /// and begins anew.
    /// </summary>
    internal void CloseAgain(PeerChannel peer, NodeEvents events) // SEC-105, SEC-106
    {
        if (!peer.IsAnnounced && peer.Attempt is { } attempt)
            AddDialFailed(peer, attempt, events);
        TurnAway(peer, CloseCode.Done, events);
    }

    /// <summary>True when what the peer sends has to wait for the driver's answer.</summary>
    internal bool MustAskAbout(PeerChannel peer) => Settings.AskBeforeAccepting && peer.Acceptance != PeerAcceptance.Accepted;

    /// <summary>Asks the driver, once.</summary>
    internal static void AskAbout(PeerChannel peer, in NetAddress from, NodeEvents events)
    {
        if (peer.Acceptance != PeerAcceptance.Unknown)
            return;

        peer.Acceptance = PeerAcceptance.Asked;
        events.Add(new NodeEvent { Kind = NodeEventKind.PeerAsks, Peer = peer.Id, Address = from });
    }

    // What the responder would have done with this HELLO at once.
    private void Release(Instant now, ChannelSession session, HeldFlight flight, NodeEvents events)
    {
        var peer = session.Peer;
        var known = peer.RequireAssociation().RemoteIncarnation;
        session.Withheld = null;
        session.AckPending = true;
        if (known != 0 && known != flight.Incarnation)
        {
            session.Held = flight;
        }
        else
        {
            Reader.OnIncarnation(now, peer, flight.Incarnation, keptTimestamp: false, events);
            if (Responder.MayDeliver(now, peer, flight.Timestamp))
                Reader.OnFrames(now, peer, null, flight.Frames, flight.Frames, 0, early: true, events);
        }
    }
}
