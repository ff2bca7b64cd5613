namespace MsgNet.Core;

/// <summary>
/// Moves a peer to another address once it has proven to be there, and finds out how large a datagram its path carries. Its datagrams hold
/// one F1 or F2, padded or not, and nothing else; they are neither in flight nor ever a sign of congestion (REC-043).
/// <code>
///   DATA, newest counter, from elsewhere ──> candidate ──F1 ×3──> F2 from there ──> path moves, everything measured starts afresh
///                                               │ no F2 in time, or newer DATA from the path's address ──> nothing happened
/// </code>
/// </summary>
internal sealed class PeerPaths(IRandom random)
{
    /// <summary>A packet opened: whatever address it came from has earned that many bytes.</summary>
    public static void OnHeard(Instant now, ChannelSession session)
    {
        if (session.Peer.Candidates is { } candidates && candidates.TryFind(session.Heard.From, out var known))
            known.OnHeard(now, session.Heard.Bytes);
    }

    /// <summary>
    /// A packet with the highest counter so far, and with more in it than F1, F2 and F4, says where the peer is now.
    /// </summary>
    public void OnNewest(Instant now, ChannelSession session)
    {
        var peer = session.Peer;
        if (session != peer.Sessions.Current)
            return; // SEC-092: what is sent under other keys says nothing of where to send these

        if (session.Heard.From == session.Path.Address)
        {
            peer.Candidates?.StopAll();
            return;
        }

        peer.Candidates ??= new PathCandidates();
        var candidate = peer.Candidates.GetOrAdd(now, session.Heard.From, session.Heard.Bytes);
        if (candidate.IsValidating)
            return;

        // RFC 9000 section 8.2.4: the round trip there is unknown, so the wait is not shorter than one that assumes nothing.
        var timeout = session.Path.Recovery.ProbeTimeout;
        if (timeout < NodeTimings.ProbeTimeoutInitial)
            timeout = NodeTimings.ProbeTimeoutInitial;

        candidate.Validate(now, random.NextUInt64(), now + (timeout * NodeTimings.ValidationTimeouts));
        peer.Candidates.IsOldPathAsked = session.IsAddressProven;
    }

    /// <summary>An F1 came: it is answered once, on the path it came by (MP-011).</summary>
    public static void OnChallenge(Instant now, ChannelSession session, ulong token)
    {
        var peer = session.Peer;
        if (peer.Sessions.Sending is { } sending && sending.Path.Address == session.Heard.From)
            sending.Path.Ask(token);
        else
            (peer.Candidates ??= new PathCandidates()).GetOrAdd(now, session.Heard.From, session.Heard.Bytes).Ask(token);
    }

    /// <summary>An F2 came: it proves an address, or a size, or nothing.</summary>
    public static void OnResponse(Instant now, ChannelSession session, ulong token, NodeEvents events)
    {
        var peer = session.Peer;
        if (peer.Sessions.Current is not { } current)
            return;

        var from = session.Heard.From;
        if (current.Path.Address == from)
            current.Path.OnResponse(now, token);
        else if (peer.Candidates is { } candidates && candidates.TryFind(from, out var candidate) && candidate.IsProvenBy(token))
            Move(now, peer, current.Path, candidate, events);
    }

    /// <summary>Does what is due at <paramref name="now"/>.</summary>
    public static void OnTimer(Instant now, PeerChannel peer)
    {
        peer.Candidates?.Expire(now);
        if (peer.Sessions.Sending is { } session)
            session.Path.CheckSize(now);
    }

    /// <summary>When <see cref="OnTimer"/> or <see cref="TryWrite"/> has something to do next.</summary>
    public static Instant NextTimer(PeerChannel peer, ChannelSession session)
    {
        var next = session.Path.Search.NextTimer;
        return peer.Candidates is { } candidates && session.IsConfirmed ? Instant.Min(next, candidates.NextTimer) : next;
    }

    /// <summary>Writes a datagram of this class when one is due.</summary>
    public bool TryWrite(Instant now, PeerChannel peer, ChannelSession session, ref DatagramWriter writer)
    {
        if (!session.IsConfirmed || peer.ClosePending is not null)
            return false; // SEC-084
        if (peer.Candidates is { } candidates && TryWriteCandidate(now, session, candidates, ref writer))
            return true;

        var path = session.Path;
        if (!session.IsAddressProven)
            return false;

        // REC-043: it must not wait for a window that stays shut until the peer knows, by this answer, where to send its REPORTs.
        if (path.HasAnswer && !path.Recovery.CanSend(now, path.DatagramSize))
        {
            var frames = FramesOf(writer);
            path.WriteAnswer(ref frames);
            Complete(now, session, path.Address, PathCandidate.ProbeSizeMin, ref writer);
            return true;
        }

        if (!path.IsSizeProbeDue(now))
            return false;

        // SEC-089
        var size = path.Search.ProbeSize;
        var token = path.Search.OnProbeSent(random, now + path.Recovery.ProbeTimeout);
        Write(now, session, path.Address, token, size, ref writer);
        return true;
    }

    private bool TryWriteCandidate(Instant now, ChannelSession session, PathCandidates candidates, ref DatagramWriter writer)
    {
        if (candidates.TryFindDue(now, out var due))
        {
            if (due.HasAnswer)
            {
                var frames = FramesOf(writer);
                FrameWriter.TryWritePathResponse(ref frames, due.TakeAnswer());
                Complete(now, session, due.Address, PathCandidate.ProbeSizeMin, ref writer);
                return true;
            }

            var token = due.TakeChallenge(now, session.Path.Recovery.ProbeTimeout, out var size);
            Write(now, session, due.Address, token, size, ref writer);
            return true;
        }

        var asksOldPath = candidates.IsOldPathAsked && session.IsAddressProven;
        candidates.IsOldPathAsked = false;
        if (!asksOldPath)
            return false;

        // The peer's answer comes from where it is, with a newer counter: that ends the candidacy of a copy sent on by somebody else.
        Write(now, session, session.Path.Address, random.NextUInt64(), Limits.DatagramSizeMin, ref writer);
        return true;
    }

    private static void Write(
        Instant now, ChannelSession session, in NetAddress to, ulong token, int size, ref DatagramWriter writer)
    {
        var frames = FramesOf(writer);
        FrameWriter.TryWritePathChallenge(ref frames, token);
        Complete(now, session, to, size, ref writer);
    }

    private static WireWriter FramesOf(in DatagramWriter writer) => new(writer.Buffer[DataHeader.Length..]);

    // What follows the frame is a length of 0 and padding (MP-022).
    private static void Complete(Instant now, ChannelSession session, in NetAddress to, int size, ref DatagramWriter writer)
    {
        writer.Buffer[(DataHeader.Length + PathCandidate.ProbeSizeMin - Limits.SealOverhead)..size].Clear();
        writer.Complete(to, session.SealProbe(now, writer, size - Limits.SealOverhead));
    }

    private static void Move(Instant now, PeerChannel peer, PeerPath path, PathCandidate candidate, NodeEvents events)
    {
        var roundTrip = candidate.RoundTrip(now);
        path.MoveTo(candidate.Address);
        if (roundTrip is { } sample)
            path.Recovery.OnRoundTripSample(now, sample);

        peer.OnMoved(path);
        peer.Candidates!.StopAll();
        peer.Candidates.Remove(candidate);
        events.Add(new NodeEvent { Kind = NodeEventKind.PeerMoved, Peer = peer.Id, Address = path.Address });
    }
}
