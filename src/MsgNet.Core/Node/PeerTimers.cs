namespace MsgNet.Core;

/// <summary>When a peer needs attention next, and what is due.</summary>
internal static class PeerTimers
{
    /// <summary>The earliest of the peer's timers.</summary>
    public static Instant Next(PeerChannel peer)
    {
        var next = Instant.Min(peer.Sessions.NextExpiry, peer.Packer.NextStale);
        if (peer.Attempt is { } attempt)
            next = Instant.Min(next, Instant.Min(attempt.NextSend, attempt.Deadline));
        if (peer.CanReleaseRoom)
            next = Instant.Zero;

        if (peer.Association is { } association)
        {
            next = Instant.Min(next, association.NextTimer);
            next = Instant.Min(next, association.Lanes?.NextTimer ?? Instant.Never);
        }

        // What is in flight under older keys may be on another path than the one that is sent on.
        for (var path = peer.Paths; path is not null; path = path.After)
            next = Instant.Min(next, path.Recovery.NextTimer);
        next = Instant.Min(next, RekeyAt(peer));
        if (peer.Sessions.Sending is { } session)
            next = Instant.Min(next, NextOf(peer, session));
        return peer.Sessions.IsEmpty && peer.Attempt is null ? Instant.Min(next, peer.LastUsedAt + NodeTimings.AssociationIdle) : next;
    }

    /// <summary>When silence after an eliciting packet starts a new handshake (SEC-082).</summary>
    public static Instant DeadPeerAt(PeerChannel peer) => peer.Sessions.Current is { } session && peer.Attempt is null
        ? session.Path.Recovery.OldestUnanswered + NodeTimings.DeadPeer
        : Instant.Never;

    /// <summary>When such silence ends the channel (SEC-083).</summary>
    public static Instant LostAt(PeerChannel peer) => peer.Sessions.Current is { } session
        ? session.Path.Recovery.OldestUnanswered + NodeTimings.DeadPeer + NodeTimings.AttemptMax
        : Instant.Never;

    /// <summary>When an end that waits for an answer makes new keys, whether it sends or not (SEC-079).</summary>
    public static Instant RekeyAt(PeerChannel peer) =>
        peer is { Attempt: null, ClosePending: null, Sessions.Current: { IsAddressProven: true } current } && IsInUse(peer)
            ? Instant.Max(current.RekeyAt, peer.Sessions.RekeyNotBefore)
            : Instant.Never;

    /// <summary>
    /// True while something waits to be sent or answered, or a lane needs keys: those of messages close when they are idle, and whoever
    /// holds a stream open means to go on (LANE-064).
    /// </summary>
    public static bool IsInUse(PeerChannel peer) =>
        peer.Packer.HasWork || peer.Association is { HasRequests: true } or { Lanes.NeedsKeys: true };

    private static Instant NextOf(PeerChannel peer, ChannelSession session)
    {
        var next = Instant.Min(DeadPeerAt(peer), PeerPaths.NextTimer(peer, session));
        if (!session.MayWrite)
            return next; // nothing can be written until the peer sends

        next = Instant.Min(next, Instant.Min(session.Received.ReportDue, session.ConfirmDue));
        if (peer.Sessions.Previous is { } previous)
            next = Instant.Min(next, previous.Received.ReportDue);

        return Instant.Min(next, peer.BlockedUntil);
    }
}
