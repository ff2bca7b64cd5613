namespace MsgNet.Core;

/// <content>DATA and timers.</content>
public sealed partial class UdpNode
{
    /// <summary>
    /// Looks up the key of a datagram, for a driver that opens datagrams outside its lock and hands them over then; none of one that is no
    /// DATA, that no session is known for yet or whose number has come before. Changes nothing.
    /// </summary>
    /// <param name="datagram">The UDP payload.</param>
    /// <param name="packets">Receives the key, or that there is none.</param>
    public void LookUp(ReadOnlySpan<byte> datagram, UnopenedPackets packets)
    {
        ArgumentNullException.ThrowIfNull(packets);
        var key = DataHeader.TryParse(datagram, out var header)
            && header.Type == ChannelMessageType.Data
            && sessions.TryGetValue(header.Index, out var session)
            && session.Replay.CanAccept(header.Counter)
                ? session.Opening
                : null;
        packets.Add(key);
    }

    private void OnData(Instant now, in NetAddress from, Span<byte> datagram, in OpenedPacket opened, NodeEvents events)
    {
        if (!DataHeader.TryParse(datagram, out var header))
        {
            Counters.CountDropped(DropReason.Malformed);
            return;
        }

        // What was opened with a key that has gone since is no longer anybody's.
        if (!sessions.TryGetValue(header.Index, out var session)
            || now >= session.CreatedAt + NodeTimings.KeysReject // SEC-079
            || (opened.Key is { } key && key != session.Opening))
        {
            Counters.CountDropped(DropReason.UnknownIndex);
            Hints.Answer(now, from, header); // SEC-087
            return;
        }

        // The window is asked before the costly step, again after one that was done ahead, and moves only then (SEC-072).
        if (!session.Replay.CanAccept(header.Counter))
        {
            Counters.CountDropped(DropReason.Replayed);
            return;
        }

        var length = opened.FramesLength;
        if (!(opened.Key is null ? session.Opening.TryOpen(datagram, out _, out length) : opened.IsAuthentic))
        {
            Counters.CountDropped(DropReason.NotAuthentic);
            OnForged(session, events);
            return;
        }

        var counter = header.Counter;
        var isNewest = session.Replay.IsEmpty || counter > session.Replay.Highest;
        session.Replay.TryAccept(counter);
        if (session.Drain is { } draining)
        {
            Draining.OnLate(now, draining, datagram.Slice(DataHeader.Length, length));
            return;
        }

        OnOpened(now, new Arrival(from, datagram.Length), session, counter, isNewest, datagram.Slice(DataHeader.Length, length), events);
    }

    private void OnOpened(
        Instant now,
        in Arrival heard,
        ChannelSession session,
        ulong counter,
        bool isNewest,
        ReadOnlySpan<byte> frames,
        NodeEvents events)
    {
        var peer = session.Peer;
        if (peer.ClosePending is not null)
            return; // nothing is taken from a peer that is being closed

        var isFirst = !session.HasReceived;
        session.OnOpened(now, heard);
        peer.Settle(session.FirstFlight, arrived: true); // LANE-062
        session.FirstFlight = [];
        peer.Sessions.OnOpened(session);
        session.Path.Recovery.OnPacketReceived();
        peer.LastUsedAt = now;

        // DATA that came from elsewhere proves the keys but leaves the ledger as it is.
        if (heard.From == session.Path.Address)
            session.ProveAddress();
        PeerPaths.OnHeard(now, session);

        if (!session.IsConfirmed)
        {
            if (!peer.IsReady && !peer.IsConnecting && !TryMakeRoomAt(now, session.Path.Address))
            {
                Counters.CountDropped(DropReason.TooManyAtAddress);
                TurnAway(peer, CloseCode.OverLimit, events); // API-097: several were answered before one was confirmed
                return;
            }

            if (session.Held is { } held)
                Reader.OnIncarnation(now, peer, held.Incarnation, keptTimestamp: false, events);

            session.Confirm();
            Responder.OnSettled(session);
            session.Early?.Window.OnConfirmed(now);
            Establish(now, session, events);
        }

        if (isFirst)
            PeerLanes.OnKeysHeard(peer, session);
        Lanes.Origin = new PacketOrigin(session, counter);
        var eliciting = Reader.OnFrames(now, peer, session, frames, null, DataHeader.Length, early: false, events);
        Lanes.Origin = default;
        if (session.IsDisposed)
            return;

        Lanes.TakeOutcomes(now, peer, events);
        session.Received.OnReceived(now, counter, eliciting);
        if (isNewest && !Reader.SawOnlyPathFrames)
            Paths.OnNewest(now, session); // SEC-088
        QueueToWrite(peer);
    }

    private void OnPeerTimer(Instant now, PeerChannel peer, NodeEvents events)
    {
        ExpireRequests(now, peer, events);
        peer.Association?.Expire(now);
        peer.Packer.DropStale(now, peer.Association);
        OnRecoveryTimer(now, peer);
        PeerPaths.OnTimer(now, peer);
        Lanes.OnTimer(now, peer, events);
        if (peer.Attempt is { } attempt && now >= attempt.Deadline)
            OnAttemptFailed(now, peer, attempt, events);
        if (peer.IsRemoved)
            return;

        if (now >= PeerTimers.DeadPeerAt(peer))
            StartRevival(now, peer, peer.Sessions.Current!, PeerTimers.LostAt(peer) - now); // SEC-082
        if (peer.Sessions.Sending is { } session && now >= session.ConfirmDue)
            session.ConfirmPending = true;

        if (now >= PeerTimers.RekeyAt(peer))
            StartRekey(now, peer, peer.Sessions.Current!);
        ExpireSessions(now, peer, events);
        if (!peer.IsRemoved && peer.CanReleaseRoom)
        {
            peer.RoomWanted = null;
            events.Add(new NodeEvent { Kind = NodeEventKind.RoomAvailable, Peer = peer.Id });
        }
    }

    private static void OnRecoveryTimer(Instant now, PeerChannel peer)
    {
        for (var path = peer.Paths; path is not null; path = path.After)
        {
            if (now >= path.Recovery.NextTimer)
                path.Recovery.OnTimer(now);
        }
    }

    private void ExpireRequests(Instant now, PeerChannel peer, NodeEvents events)
    {
        if (peer.Association is not { HasRequests: true } association)
            return;

        while (association.Requests.TryTakeExpired(now, out var expired))
            Fail(peer, association, expired, PeerLoss.NoReply, events);

        while (association.Requests.TryPeekDue(now, out var due))
        {
            if (peer.Sessions.Sending is not null
                && peer.Packer.Messages.HasRoom(due.Length)
                && association.OutgoingNames.Open(now, due.Protocol, out var name) == NameStatus.Ready)
            {
                association.Requests.Defer(due, Instant.Never); // until it is written or dropped
                QueueRequest(now, peer, name!, due.Id, due.Length);
            }
            else
            {
                association.Requests.Defer(due, now + NodeTimings.RequestRetry);
            }
        }
    }

    // SEC-035, SEC-083: a dial failed, or a peer that fell silent did not come back.
    private void OnAttemptFailed(Instant now, PeerChannel peer, HandshakeAttempt attempt, NodeEvents events)
    {
        if (peer.IsReady || (peer.IsAnnounced && peer.Sessions.Sending is not null))
        {
            if (now >= PeerTimers.LostAt(peer))
                Lose(peer, PeerLoss.TimedOut, events);
            else
                Initiator.End(peer); // the peer reached us meanwhile
            return;
        }

        if (peer.IsAnnounced)
        {
            Lose(peer, PeerLoss.TimedOut, events); // the old keys came of age before there were new ones
            return;
        }

        AddDialFailed(peer, attempt, events);
        FailRequests(peer, PeerLoss.Unreachable, Instant.Never, events);
        Lanes.Fail(peer, PeerLoss.Unreachable, events);
        peer.Packer.Clear();
        Initiator.End(peer);
        peer.RoomWanted = null;
        peer.LastUsedAt = now;
    }

    /// <summary>Asks a peer that has keys by a new handshake whether it still has them; the old keys go on (SEC-082, SEC-087).</summary>
    internal void StartRevival(Instant now, PeerChannel peer, ChannelSession session, TimeSpan timeout)
    {
        // SEC-081: where nothing was proven, a ledger bounds what goes there, and HELLOs are not in it. The silence ends by itself.
        NetAddress[] addresses = session.IsAddressProven ? [session.Path.Address, .. peer.DialAddresses] : [.. peer.DialAddresses];
        Initiator.Start(now, peer, addresses, timeout);
        QueueToWrite(peer);
    }
}
