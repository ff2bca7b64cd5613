namespace MsgNet.Core;

/// <summary>
/// Takes the frames of what a peer sent and turns them into events; every frame that is wrong is dropped alone and counted (MP-025).
/// </summary>
internal sealed class PeerReader(UdpNode node)
{
    /// <summary>
    /// The list read last held F1, F2 or F4 and nothing else: it says what an address can do, not where the peer wants to be.
    /// </summary>
    public bool SawOnlyPathFrames { get; private set; }

    /// <summary>Takes note of the incarnation a handshake showed; a changed one ends this half of the association (SEC-104).</summary>
    /// <param name="now">The moment.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="incarnation">What it showed.</param>
    /// <param name="keptTimestamp">Requests first sent in the HELLO that was just answered are kept: the new incarnation has them.</param>
    /// <param name="events">Receives what was lost.</param>
    public void OnIncarnation(Instant now, PeerChannel peer, ulong incarnation, bool keptTimestamp, NodeEvents events)
    {
        var association = peer.RequireAssociation();
        var former = association.RemoteIncarnation;
        if (!association.OnIncarnation(incarnation, node.NextLife()))
            return;

        peer.BuryIncarnation(former);

        // The peer forgot these keys with everything else; what still comes under them was sent to tables that are gone (SEC-104).
        peer.Sessions.KeepOnly(incarnation);
        peer.Packer.OnPeerRestarted();
        node.Lanes.OnPeerRestarted(now, peer, events);

        var sentBefore = keptTimestamp ? peer.Attempt?.StartedAt ?? now : now;
        UdpNode.FailRequests(peer, PeerLoss.PeerRestarted, sentBefore, events);
        if (peer.IsAnnounced)
            events.Add(new NodeEvent { Kind = NodeEventKind.PeerLost, Peer = peer.Id, Loss = PeerLoss.PeerRestarted });

        peer.IsAnnounced = false;
        foreach (var session in peer.Sessions.Unconfirmed.ToArray())
            DeliverHeld(now, peer, session, events);
    }

    /// <summary>Reads a frame list.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="peer">Who sent it.</param>
    /// <param name="session">The keys it came under; null for a HELLO.</param>
    /// <param name="list">The list.</param>
    /// <param name="buffer">The array the list stands in, when it is not the datagram itself.</param>
    /// <param name="offset">Where the list starts in that array, or in the datagram.</param>
    /// <param name="early">It came in a first flight.</param>
    /// <param name="events">Receives what happened.</param>
    /// <returns>True when a frame elicits a REPORT.</returns>
    public bool OnFrames(
        Instant now,
        PeerChannel peer,
        ChannelSession? session,
        ReadOnlySpan<byte> list,
        byte[]? buffer,
        int offset,
        bool early,
        NodeEvents events)
    {
        SawOnlyPathFrames = false;
        if (peer.ClosePending is not null)
            return false; // for what its first flight did

        var eliciting = false;
        var reader = new FrameListReader(list);
        var pathFrames = 0;
        var frames = 0;
        while (true)
        {
            var status = reader.TryNext(out var frame);
            if (status == FrameReadStatus.End)
                break;

            if (status == FrameReadStatus.Truncated)
            {
                CountBad(peer, events);
                break;
            }

            frames++;
            pathFrames += frame.Type is FrameType.PathChallenge or FrameType.PathResponse or FrameType.Observed ? 1 : 0;
            eliciting |= FrameRules.IsEliciting(frame.Type);
            var at = new FramePlace(buffer, offset + frame.BodyOffset, early);
            var eventCount = events.Count;
            if (!OnFrame(now, peer, session, frame.Type, frame.Body, at, events))
                CountBad(peer, events);
            else if (frame.Type == FrameType.Continuation && events.Count > eventCount)
                frames += AddFollowing(reader.SkipContinuations(frame.Body), events);

            if (peer.Association is null || peer.ClosePending is not null)
                return eliciting; // a CLOSE came, or is due: the rest has no receiver
        }

        SawOnlyPathFrames = frames > 0 && pathFrames == frames;
        return eliciting;
    }

    // What was decided for a message holds for those of its protocol right behind it: they join its event, and cost no more than a look.
    private int AddFollowing(int count, NodeEvents events)
    {
        node.Counters.MessagesDelivered += count;
        if (count > 0)
            events.AddFollowing(count);
        return count;
    }

    // The life that sent this first flight is proven now.
    private void DeliverHeld(Instant now, PeerChannel peer, ChannelSession session, NodeEvents events)
    {
        var held = session.Held;
        session.Held = null;
        if (held is not null && node.Responder.MayDeliver(now, peer, held.Timestamp))
            OnFrames(now, peer, null, held.Frames, held.Frames, 0, early: true, events);
    }

    // False for a frame that does not parse or may not stand here.
    private bool OnFrame(
        Instant now, PeerChannel peer, ChannelSession? session, FrameType type, ReadOnlySpan<byte> body, FramePlace at, NodeEvents events)
    {
        switch (type)
        {
            case FrameType.Init:
            case FrameType.Continuation:
                return OnMessage(now, peer, type, body, at, requestId: 0, events);
            case FrameType.Tagged:
                return TaggedFrame.TryParse(body, out var tagged) && OnTagged(now, peer, tagged, at, events);
            case FrameType.Reply:
                return ReplyFrame.TryParse(body, out var reply) && OnReply(peer, reply, at, events);
            case FrameType.Ack:
                return AckFrame.TryParse(body, out var ack) && OnNameAck(peer, ack, events);
            case FrameType.Reset:
                return ResetFrame.TryParse(body, out var reset) && OnReset(peer, reset, events);
            case FrameType.Fragment:
                return FragmentFrame.TryParse(body, out var fragment) && OnFragment(now, peer, session, fragment, at.Early, events);
            case FrameType.Msp:
                return MspFrame.TryParse(body, out var packet) && node.Lanes.OnMsp(now, peer, packet, at.Early, events); // MP-008
            case FrameType.LaneWindow:
                return LaneWindowFrame.TryParse(body, out var window) && node.Lanes.OnWindow(now, peer, window, events); // MP-009
            case FrameType.Report when session is not null:
                return ReportFrame.TryRead(body, out var report) && OnReport(now, peer, session, report, events);
            case FrameType.Close when session is not null:
                return CloseFrame.TryParse(body, out var close) && OnClose(peer, close.Code, events);
            case FrameType.PathChallenge:
            case FrameType.PathResponse:
                return PathFrame.TryParse(body, out var path) && OnPathFrame(now, session, type, path.Token, events); // MP-010
            case FrameType.Observed:
                return ObservedFrame.TryParse(body, out _);
            case FrameType.Report or FrameType.Close or FrameType.Association:
                return false;
            default:
                return CountUnknown();
        }
    }

    private bool OnMessage(
        Instant now, PeerChannel peer, FrameType type, ReadOnlySpan<byte> body, FramePlace at, ulong requestId, NodeEvents events)
    {
        var names = peer.Association!.IncomingNames;
        ProtocolEntry? entry;
        int messageOffset;
        int length;
        if (type == FrameType.Init)
        {
            if (!InitFrame.TryParse(body, out var init))
                return false;

            if (names.OnInit(now, init, node.Protocols, out entry) == InitStatus.Bad)
                return false; // MP-034, MP-035

            messageOffset = init.MessageOffset;
            length = init.Message.Length;
        }
        else
        {
            if (!ContinuationFrame.TryParse(body, out var continuation))
                return false;

            names.TryResolve(now, continuation.ProtocolInt, out entry);
            messageOffset = continuation.MessageOffset;
            length = continuation.Message.Length;
        }

        if (entry is null)
        {
            node.Counters.CountDropped(DropReason.NoHandler);
            if (requestId != 0)
                node.ReplyTo(now, peer, requestId, ReplyStatus.ProtocolNotSupported, default); // REQ-014
            return true;
        }

        ulong token = 0;
        if (requestId != 0 && !peer.Association.TryMakeToken(requestId, out token))
            return false;

        node.Counters.MessagesDelivered++;
        events.Add(new NodeEvent
        {
            Kind = NodeEventKind.Message,
            Peer = peer.Id,
            Protocol = entry.Id,
            RequestId = token,
            Early = at.Early, // SEC-074
            Buffer = at.Buffer,
            Offset = at.Offset + messageOffset,
            Length = length,
        });
        return true;
    }

    private bool OnTagged(Instant now, PeerChannel peer, TaggedFrame tagged, FramePlace at, NodeEvents events)
    {
        var inner = at with { Offset = at.Offset + tagged.InnerOffset + 1 };
        var association = peer.Association!;
        if (tagged.Kind == TaggedKind.Once)
        {
            if (association.TryAcceptId(tagged.Id))
                return OnMessage(now, peer, tagged.InnerType, tagged.InnerBody, inner, requestId: 0, events);

            node.Counters.CountDropped(DropReason.Duplicate);
            return true;
        }

        switch (association.Replies.OnRequest(now, tagged.Id, out var stored))
        {
            case RequestVerdict.New:
                return OnMessage(now, peer, tagged.InnerType, tagged.InnerBody, inner, tagged.Id, events); // REQ-004
            case RequestVerdict.Replied:
                node.QueueReply(now, peer, tagged.Id, stored.Status, stored.Message); // REQ-023
                break;
            default:
                break;
        }

        // A repeated INIT still announces its name, so that the requester's next one can be a CONTINUATION.
        if (tagged.InnerType == FrameType.Init && InitFrame.TryParse(tagged.InnerBody, out var init))
            association.IncomingNames.OnInit(now, init, node.Protocols, out _);

        node.Counters.CountDropped(DropReason.Duplicate);
        return true;
    }

    private bool OnReply(PeerChannel peer, ReplyFrame reply, FramePlace at, NodeEvents events)
    {
        if (at.Early || !peer.Association!.TryTakeReplied(peer.Id, reply.Id, reply.Status, carrier: null, out var replied)) // REQ-018
        {
            node.Counters.CountDropped(DropReason.UnknownReply);
            return true;
        }

        events.Add(replied with { Buffer = at.Buffer, Offset = at.Offset + reply.MessageOffset, Length = reply.Message.Length });
        return true;
    }

    private bool OnNameAck(PeerChannel peer, AckFrame ack, NodeEvents events)
    {
        if (peer.Association!.OutgoingNames.OnAck(ack.TransportId) is { } name)
            events.Add(new NodeEvent { Kind = NodeEventKind.ProtocolConfirmed, Peer = peer.Id, Protocol = name.Protocol });
        else
            node.Counters.CountDropped(DropReason.UnknownName); // MP-038

        return true;
    }

    private bool OnReset(PeerChannel peer, ResetFrame reset, NodeEvents events)
    {
        if (peer.Association!.OutgoingNames.OnReset(reset.ProtocolInt) is { } name)
        {
            events.Add(new NodeEvent
            {
                Kind = NodeEventKind.ProtocolRefused,
                Peer = peer.Id,
                Protocol = name.Protocol,
                Loss = PeerLoss.ProtocolNotSupported,
            });
        }
        else
        {
            node.Counters.CountDropped(DropReason.UnknownName); // MP-040
        }

        return true;
    }

    private bool OnFragment(Instant now, PeerChannel peer, ChannelSession? session, FragmentFrame piece, bool early, NodeEvents events)
    {
        if (!peer.Association!.Fragments.OnFragment(now, piece, out var frame))
            return true;

        node.Lend(frame.Array!);
        var type = (FrameType)frame[0];
        var place = new FramePlace(frame.Array, frame.Offset + 1, early);
        var origin = node.Lanes.Origin;
        node.Lanes.Origin = default; // LANE-038: it was written before any of its pieces left
        var isGood = FrameRules.IsFragmentable(type) && OnFrame(now, peer, session, type, frame.AsSpan(1), place, events);
        node.Lanes.Origin = origin;
        return isGood;
    }

    private bool OnReport(Instant now, PeerChannel peer, ChannelSession session, ReportFrame report, NodeEvents events)
    {
        // The keys it reports on may be older than those it came under, and have gone by another path.
        var path = (peer.Sessions.FindByRemoteIndex(report.Index) ?? session).Path;
        if (path.Recovery.OnReport(now, report) is ReportOutcome.NeverSent or ReportOutcome.Skipped)
            node.Break(peer, events); // REC-011, REC-012: it reports what it cannot have received

        path.CheckSize(now);
        return true;
    }

    private static bool OnPathFrame(Instant now, ChannelSession? session, FrameType type, ulong token, NodeEvents events)
    {
        if (session is null)
            return true; // in a HELLO: its address has proven nothing, and the ACK is all that goes there

        if (type == FrameType.PathChallenge)
            PeerPaths.OnChallenge(now, session, token);
        else
            PeerPaths.OnResponse(now, session, token, events);

        return true;
    }

    private bool OnClose(PeerChannel peer, CloseCode code, NodeEvents events)
    {
        node.Lose(peer, code == CloseCode.Refused ? PeerLoss.Refused : PeerLoss.ClosedByPeer, events); // SEC-085
        return true;
    }

    private bool CountUnknown()
    {
        node.Counters.CountDropped(DropReason.UnknownFrame); // MP-024
        return true;
    }

    private void CountBad(PeerChannel peer, NodeEvents events)
    {
        node.Counters.CountDropped(DropReason.BadFrame);
        if (peer.Association is { } association && ++association.BadFrames == Limits.BadFramesMax)
            node.Break(peer, events);
    }

    /// <summary>Where a frame's body stands, so that its message becomes a range and not a copy.</summary>
    private readonly record struct FramePlace(byte[]? Buffer, int Offset, bool Early);
}
