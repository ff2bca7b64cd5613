namespace MsgNet.Core;

/// <summary>Writes the next datagram to one peer: a HELLO, an ACK, EARLY or DATA, in that order of urgency.</summary>
internal sealed class PeerWriter(UdpNode node)
{
    private readonly PeerPaths paths = node.Paths;
    private readonly PacketItems items = node.Lanes.Items;

    /// <summary>Writes one datagram; false when nothing may go to this peer now.</summary>
    public bool TryWrite(Instant now, PeerChannel peer, ref DatagramWriter writer)
    {
        peer.NoteOpenness(now);
        node.TakeOutcomes(now, peer);
        if (peer.HasWork && peer.Sessions.Current is { } current)
            node.RekeyIfDue(now, peer, current); // before the data, so that the peer's answer to it does not start the same

        if (peer.Attempt is { } attempt && attempt.DueLane(now) is { } lane)
        {
            WriteHello(now, peer, attempt, lane, ref writer);
            return true;
        }

        foreach (var session in peer.Sessions.Unconfirmed)
        {
            if (TryWriteAck(session, ref writer))
                return true;
        }

        if (peer.Attempt is { } running && TryWriteEarly(now, peer, running, ref writer))
            return true;

        if (peer.Sessions.Previous is { ConfirmPending: true } previous && peer.ClosePending is null && now < node.RejectAt(previous))
        {
            WriteConfirm(now, previous, ref writer);
            return true;
        }

        if (peer.Sessions.Sending is { } sending)
        {
            if (now < node.RejectAt(sending) && paths.TryWrite(now, peer, sending, ref writer)) // SEC-079
                return true;
            if (TryWriteData(now, peer, sending, ref writer))
                return true;

            // SEC-094: nothing in flight would ever tell that nobody is there.
            if (!sending.IsAddressProven && peer.HasWork)
                sending.Path.Recovery.OnHeldBack(now);
            return false;
        }

        if (peer.ClosePending is not null)
            node.Forget(peer); // there is nobody to tell

        return false;
    }

    // SEC-038, SEC-076: of two sessions opened at once the other is preferred; the peer still has to learn that this one stands.
    private static void WriteConfirm(Instant now, ChannelSession session, ref DatagramWriter writer)
    {
        session.ConfirmPending = false;
        writer.Complete(session.Path.Address, session.Seal(now, writer, 0, eliciting: false, appLimited: true, []));
    }

    private void WriteHello(Instant now, PeerChannel peer, HandshakeAttempt attempt, HelloLane lane, ref DatagramWriter writer)
    {
        if (lane.NeedsImage)
            node.Initiator.AddImage(now, peer, attempt, lane);

        var image = lane.Newest!;
        image.Datagram.CopyTo(writer.Buffer);
        writer.Complete(image.Target.Address, image.Datagram.Length);
        lane.OnSent(now, peer.KnownRoundTrip(image.Target.Address), node.Random);
        node.Counters.HellosSent++;
    }

    // New packets only while there are no keys at all; what has left once follows every HELLO of the attempt, even then.
    private bool TryWriteEarly(Instant now, PeerChannel peer, HandshakeAttempt attempt, ref DatagramWriter writer) // SEC-042
    {
        var flight = attempt.Early;
        var image = attempt.FindEarlyImage(flight.Count);
        if (image is null)
        {
            image = peer.Sessions.Sending is null ? attempt.FindEarlyImage(flight.Count + 1) : null;
            if (image is null || !HandshakeInitiator.TryPackEarly(now, peer, attempt))
                return false;
        }

        writer.Complete(image.Target.Address, image.WriteEarly(writer.Buffer, flight));
        node.Counters.EarlySent++;
        return true;
    }

    private static bool TryWriteAck(ChannelSession session, ref DatagramWriter writer)
    {
        if (!session.AckPending || session.StoredAck is null || session.Withheld is not null)
            return false;

        session.AckPending = false;
        if (session.StoredAck.Length > session.LedgerRoom)
            return false;

        session.StoredAck.CopyTo(writer.Buffer);
        writer.Complete(session.Path.Address, session.StoredAck.Length);
        session.LedgerSent += session.StoredAck.Length;
        return true;
    }

    private bool TryWriteData(Instant now, PeerChannel peer, ChannelSession session, ref DatagramWriter writer)
    {
        peer.Packer.DropStale(now, peer.Association);
        var size = (int)Math.Min(session.Path.DatagramSize, session.LedgerRoom);
        peer.BlockedUntil = Instant.Never;
        if (!session.MayWrite || now >= node.RejectAt(session)) // SEC-079
        {
            if (peer.ClosePending is not null)
                node.Forget(peer);
            return false;
        }

        var frames = new WireWriter(writer.Buffer[DataHeader.Length..(size - (Limits.SealOverhead - DataHeader.Length))]);
        items.Clear();
        var closing = peer.ClosePending;
        if (closing is { } code)
            FrameWriter.TryWriteClose(ref frames, code, default);

        var eliciting = closing is null && TryFillEliciting(now, peer, session, ref frames);
        if (frames.Position == 0 && !session.ConfirmPending)
            return false;

        // SEC-038: the first DATA went unheard, for all we know, or the address needs its proof; ask for an answer, which is a REPORT.
        // Nothing else stands here but our own REPORT, at the most, so the challenge may come last.
        if (closing is null && !eliciting && session.ConfirmPending && (session.SendsUnheard > 0 || !session.IsAddressProven))
            eliciting = FrameWriter.TryWritePathChallenge(ref frames, node.Random.NextUInt64());

        var appLimited = !peer.HasWork;
        var endsEarly = peer.Packer.EndedDatagram || peer.Packer.WantsEmptyDatagram;
        if ((!appLimited && !endsEarly) || frames.Remaining == 0)
            session.Path.Search.OnFull(now);
        session.ConfirmPending = false;
        if (!appLimited && !session.Path.Recovery.IsPaced)
            Pad(ref frames, writer.PreviousLength);
        writer.Complete(
            session.Path.Address, session.Seal(now, writer, frames.Position, eliciting, appLimited, items.Span));
        if (closing is null)
        {
            node.RekeyIfDue(now, peer, session);
            return true;
        }

        node.Draining.Add(now, session, closing.Value);
        node.Forget(peer);
        return true;
    }

    // REC-070: datagrams of one size leave in one call, and frames rarely come out at the same one.
    private static void Pad(ref WireWriter frames, int previousLength)
    {
        var missing = previousLength - Limits.SealOverhead - frames.Position;
        if (missing > 0 && missing <= previousLength / Limits.PaddingShare && missing <= frames.Remaining)
            frames.Reserve(missing).Clear(); // MP-022
    }

    // Order of filling (REC-061, REC-062): REPORT, then what elicits one, as far as window and pacer allow.
    private bool TryFillEliciting(Instant now, PeerChannel peer, ChannelSession session, ref WireWriter frames)
    {
        var association = peer.RequireAssociation();
        var recovery = session.Path.Recovery;
        var hasWork = peer.HasWork || session.Path.HasAnswer || association.HasControl(now);
        var mayElicit = recovery.CanSend(now, session.Path.DatagramSize);
        var maySend = hasWork && mayElicit;
        var probes = recovery.IsProbeDue && association.Lanes is not null;
        var answers = maySend && session.Path.HasAnswer;
        if (answers)
            session.Path.WriteAnswer(ref frames);
        WriteReports(now, peer, session, maySend || probes || session.ConfirmPending, ref frames);
        var wrote = answers;
        if (association.Lanes is { } lanes)
        {
            // What acknowledges does not wait when something leaves anyway.
            if (mayElicit && (maySend || frames.Position > 0))
                wrote |= lanes.WriteControl(now, riding: true, ref frames, items); // REC-062
            if (probes && WriteProbe(now, lanes, recovery, ref frames))
                return true;
        }

        if (maySend)
            return WriteMessages(now, peer, session, ref frames) | wrote;
        if (hasWork)
            peer.BlockedUntil = recovery.NextSend(now);
        return wrote;
    }

    private bool WriteProbe(Instant now, LaneTable lanes, PathRecovery recovery, ref WireWriter frames)
    {
        if (!recovery.IsSmallProbeDue)
            return lanes.WriteProbe(now, ref frames, items); // REC-034

        // REC-047: what waits to be said is as good as anything.
        return lanes.WriteControl(now, riding: true, ref frames, items) || lanes.WriteSmallProbe(ref frames, items);
    }

    private bool WriteMessages(Instant now, PeerChannel peer, ChannelSession session, ref WireWriter frames)
    {
        var association = peer.RequireAssociation();
        var lanes = association.Lanes;
        var room = session.Path.DatagramSize - Limits.SealOverhead;
        var terms = new PackingTerms(room, room, session.Path.Recovery.ProbeTimeout, Early: false);
        var wrote = association.TryWriteControl(now, ref frames);
        if (lanes is { HasWork: true } && room < Limits.LaneSegmentMax)
            peer.Packer.TakeOversized(lanes, room);
        var bothWait = lanes is { HasWork: true } && peer.Packer.HasWork;
        peer.WereLanesFirst = bothWait && !peer.WereLanesFirst; // REC-062
        var wroteLanes = peer.WereLanesFirst && lanes!.WriteSegments(now, room, early: false, ref frames, items);
        wrote |= peer.Packer.Fill(now, ref frames, association, terms with { IsShared = wroteLanes });
        if (lanes is not null && !peer.WereLanesFirst && !peer.Packer.EndedDatagram)
            wroteLanes = lanes.WriteSegments(now, room, early: false, ref frames, items);
        return wrote | wroteLanes;
    }

    // REC-010: a REPORT rides on anything that leaves; alone it goes only when it is due.
    private static void WriteReports(Instant now, PeerChannel peer, ChannelSession session, bool riding, ref WireWriter frames)
    {
        WriteReport(now, session, riding, ref frames);
        if (peer.Sessions.Previous is { } previous && previous != session)
            WriteReport(now, previous, riding, ref frames);
    }

    private static void WriteReport(Instant now, ChannelSession session, bool riding, ref WireWriter frames)
    {
        ref var received = ref session.Received;
        received.OnBatchEnd(now);
        if (received.HasUnreported && (riding || received.ReportDue <= now))
            received.TryWriteReport(now, session.LocalIndex, ref frames);
    }
}
