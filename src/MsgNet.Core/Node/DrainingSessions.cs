namespace MsgNet.Core;

/// <summary>
/// Sessions that this side closed. Their peer may not have got the CLOSE yet: what it sends is answered by another one, at most once a
/// second, until 3 PTO have passed and the keys are wiped (SEC-084, SEC-086). They belong to no peer, which can be dialled anew meanwhile.
/// </summary>
internal sealed class DrainingSessions(UdpNode node)
{
    private const int Timeouts = 3;
    private readonly TimerQueue<DrainingSession> timers = new();
    private readonly Queue<DrainingSession> toAnswer = new();

    public int Count => timers.Count;

    /// <summary>When <see cref="Expire"/> is due next.</summary>
    public Instant NextTimer => timers.Next;

    /// <summary>Takes a session from its peer; the CLOSE is written.</summary>
    public void Add(Instant now, ChannelSession session, CloseCode code)
    {
        if (timers.Count == Limits.DrainingMax && timers.TryPeekDue(Instant.Never, out var first))
            End(first);

        session.Peer.Sessions.Detach(session);
        node.Responder.OnSettled(session); // one that was refused: nobody waits for its first DATA
        var draining = new DrainingSession(session, code, now + (Timeouts * session.Path.Recovery.ProbeTimeout));
        session.Drain = draining;
        timers.Update(draining);
    }

    /// <summary>A packet of a draining session opened.</summary>
    public void OnLate(Instant now, DrainingSession draining, ReadOnlySpan<byte> frames)
    {
        if (HasClose(frames))
        {
            End(draining); // SEC-085: both said goodbye
            return;
        }

        if (now < draining.NextAnswer)
            return;

        draining.NextAnswer = now + NodeTimings.CloseInterval;
        toAnswer.Enqueue(draining);
    }

    /// <summary>Writes a repeated CLOSE; false when none is due.</summary>
    public bool TryWrite(Instant now, ref DatagramWriter writer)
    {
        while (toAnswer.TryDequeue(out var draining))
        {
            var session = draining.Session;
            var frames = new WireWriter(writer.Buffer[DataHeader.Length..]);
            FrameWriter.TryWriteClose(ref frames, draining.Code, default);
            var length = frames.Position + Limits.SealOverhead;
            if (session.IsDisposed || length > session.LedgerRoom || now >= node.RejectAt(session))
                continue;

            DataHeader.Write(writer.Buffer, ChannelMessageType.Data, session.RemoteIndex);
            writer.Seal(session.Sealing, frames.Position);
            session.LedgerSent += length;
            writer.Complete(session.Path.Address, length);
            return true;
        }

        return false;
    }

    /// <summary>Wipes the keys whose time is over.</summary>
    public void Expire(Instant now)
    {
        while (timers.TryPeekDue(now, out var draining))
            End(draining);
    }

    private void End(DrainingSession draining)
    {
        timers.Remove(draining);
        node.Release(draining.Session);
    }

    private static bool HasClose(ReadOnlySpan<byte> frames)
    {
        var reader = new FrameListReader(frames);
        while (reader.TryNext(out var frame) == FrameReadStatus.Frame)
        {
            if (frame.Type == FrameType.Close)
                return true;
        }

        return false;
    }
}
