namespace MsgNet.Core;

/// <content>Keys: what seals under them, when new ones are made, and when old ones end.</content>
public sealed partial class UdpNode
{
    private long wallOffset;

    internal DrainingSessions Draining { get; }

    /// <summary>What this node says of itself in HELLO and ACK: <see cref="ChannelOffers"/>.</summary>
    internal byte Offers { get; }

    /// <summary>
    /// Tells the node what the wall clock says; call it before sends, once a second is enough. When it ran ahead of the monotonic time by
    /// more than a minute the machine was suspended, and keys are as old as the wall clock says (SEC-068).
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="unixMicroseconds">The wall clock, microseconds since 1970.</param>
    public void NoteWallClock(Instant now, long unixMicroseconds)
    {
        var offset = unixMicroseconds - now.Microseconds;
        var ahead = offset - wallOffset;
        wallOffset = offset;
        if (ahead <= NodeTimings.SuspensionMin.Ticks / TimeSpan.TicksPerMicrosecond)
            return;

        foreach (var session in sessions.Values)
            session.MakeOlder(TimeSpan.FromTicks(ahead * TimeSpan.TicksPerMicrosecond));
        foreach (var peer in peers.All)
            timers.Update(peer);
    }

    /// <summary>The wall clock as last noted, for the timestamps of attempts (SEC-034).</summary>
    internal ulong WallMicroseconds(Instant now) => (ulong)(wallOffset + now.Microseconds);

    /// <summary>When nothing is sent under these keys any more (SEC-079): at 180 s, or with their last counters.</summary>
    internal Instant RejectAt(ChannelSession session)
    {
        // One more may be left out before the next packet.
        var isUsedUp = session.Sealing.NextCounter + 1 >= Settings.PacketsMax;
        return isUsedUp ? Instant.Zero : session.CreatedAt + NodeTimings.KeysReject;
    }

    /// <summary>Makes new keys when a packet went out under keys that have become old (SEC-079).</summary>
    internal void RekeyIfDue(Instant now, PeerChannel peer, ChannelSession session)
    {
        var isDue = now >= session.RekeyAt || session.Sealing.NextCounter >= RekeyAfterPackets(session.Suite);
        if (isDue && session == peer.Sessions.Current && now >= peer.Sessions.RekeyNotBefore)
            StartRekey(now, peer, session);
    }

    private ulong RekeyAfterPackets(PacketSuite suite) => // SEC-127
        Math.Min(Settings.RekeyAfterPackets, suite == PacketSuite.Aes256Gcm ? Limits.RekeyAfterPacketsAes : Limits.RekeyAfterPackets);

    // The HELLO carries nothing: what there is to send goes under the old keys meanwhile.
    private void StartRekey(Instant now, PeerChannel peer, ChannelSession session)
    {
        if (peer.Attempt is not null || peer.ClosePending is not null || !session.IsAddressProven)
            return;

        session.WasRekeyTried = true;
        Initiator.Start(now, peer, [session.Path.Address], NodeTimings.AttemptMax);
        peer.Attempt!.FirstFlight = [];
        QueueToWrite(peer);
    }

    // The keys go, the association stays for its 180 s (SEC-102).
    private void ExpireSessions(Instant now, PeerChannel peer, NodeEvents events)
    {
        var hadSessions = !peer.Sessions.IsEmpty;
        var current = peer.Sessions.Current;

        // Their time was over before there was a chance to make new ones: the machine was suspended.
        if (current is { WasRekeyTried: false } && now >= RejectAt(current) && PeerTimers.IsInUse(peer))
            StartRekey(now, peer, current);

        if (peer.Sessions.Expire(now))
        {
            // A handshake of either side may still bring new keys; what waits, waits for that.
            if (peer.Attempt is null && peer.Sessions.Sending is null)
                FailAll(peer, current!.WasRekeyTried ? PeerLoss.TimedOut : PeerLoss.Expired, events);
        }
        else if (hadSessions && peer.Sessions.Sending is null && peer.Attempt is null)
        {
            // Only answered handshakes were here, and nobody confirmed one (SEC-062).
            FailUnconfirmed(peer, events);
        }

        if (!peer.Sessions.IsEmpty || peer.Attempt is not null)
            return;

        if (hadSessions)
            peer.LastUsedAt = now;
        else if (now >= peer.LastUsedAt + NodeTimings.AssociationIdle)
            Forget(peer);
    }

    /// <summary>An answered handshake gives way to newer ones, as if nobody had confirmed it in time.</summary>
    internal void DropHalfOpen(Instant now, ChannelSession session, NodeEvents events)
    {
        var peer = session.Peer;
        peer.Sessions.Drop(session);
        if (peer.Sessions.Sending is null && peer.Attempt is null)
            FailUnconfirmed(peer, events);
        if (peer.Sessions.IsEmpty)
            peer.LastUsedAt = now;
        QueueToWrite(peer);
    }

    private void FailUnconfirmed(PeerChannel peer, NodeEvents events)
    {
        if (peer.IsAnnounced)
        {
            FailAll(peer, PeerLoss.TimedOut, events);
            return;
        }

        FailRequests(peer, PeerLoss.Unreachable, Instant.Never, events);
        Lanes.Fail(peer, PeerLoss.Unreachable, events);
        peer.Packer.Clear();
    }

    // SEC-080: the tags of 2^36 forgeries have been tried on this key, and one may fit by chance.
    private void OnForged(ChannelSession session, NodeEvents events)
    {
        var peer = session.Peer;
        if (++session.Forgeries < Settings.ForgeriesMax || session.Drain is not null || peer.ClosePending is not null)
            return;

        if (session != peer.Sessions.Current)
        {
            peer.Sessions.Drop(session);
            QueueToWrite(peer);
            return;
        }

        FailAll(peer, PeerLoss.TooManyForgeries, events);
        peer.ClosePending = CloseCode.OverLimit;
        QueueToWrite(peer);
    }
}
