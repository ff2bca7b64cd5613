namespace MsgNet.Core;

/// <content>Packets and timers.</content>
public sealed partial class MspConnection
{
    private const int ConsumedOfAck = 2;

    private Instant heardAt;
    private Instant spokeAt;
    private Instant ackDueAt = Instant.Never;
    private Instant sendsAt = Instant.Never;
    private Instant lingersUntil;
    private int consumedSinceAck;
    private int firstsSent;
    private bool hasSpoken;
    private bool isKnownByPeer;
    private ulong accepted;
    private ulong receivedEnd;
    private ulong sentEnd;

    /// <summary>Packets it holds that were received and not consumed, as its endpoint has counted them.</summary>
    internal int Held { get; set; }

    private Instant NextTimer
    {
        get
        {
            if (IsLingering)
                return Instant.Min(lingersUntil, ackDueAt);

            var waits = Instant.Min(heardAt + MspTimings.Timeout, recovery.NextTimer);
            return Instant.Min(Instant.Min(waits, sendsAt), Instant.Min(ackDueAt, SpeaksAt));
        }
    }

    // When a packet without data leaves if nothing else does.
    private Instant SpeaksAt
    {
        get
        {
            if (!hasSpoken && !IsAccepted)
                return spokeAt + MspTimings.ConnectDelay; // MSP-033
            return !machine.HasHeard && machine.NextSequence == 0
                ? spokeAt + recovery.FirstInterval(firstsSent) // MSP-041
                : spokeAt + MspTimings.Keepalive; // MSP-034
        }
    }

    /// <summary>Takes a packet for it.</summary>
    internal void OnPacket(Instant now, in MspPacket packet, MspEvents events)
    {
        var couldPeek = TryPeek(out _);
        var first = machine.FirstUnacknowledged;
        var isFirst = (packet.Flags & MspFlags.First) != 0;
        var verdict = machine.OnPacket(packet, out var sequence);
        NoteAcknowledged(now, packet, first, events); // whatever else the packet is, the machine has taken its acknowledgement
        switch (verdict)
        {
            case MspVerdict.Stopped:
                FinishWithout(MspEnd.StoppedByPeer, events); // MSP-017
                return;
            case MspVerdict.BadAck:
                endpoint.Counters.BadAcks++; // MSP-021
                return;
            case MspVerdict.Taken or MspVerdict.Duplicate when isFirst && isKnownByPeer:
                endpoint.Counters.LateFirsts++; // MSP-027
                return;
            case MspVerdict.Duplicate:
                endpoint.Counters.Duplicates++;
                DueAck(now); // MSP-024
                break;
            case MspVerdict.BeyondWindow:
                endpoint.Counters.BeyondWindow++; // MSP-022
                break;
            case MspVerdict.Broken:
                endpoint.Counters.Malformed++; // MSP-026
                break;
            case MspVerdict.Accepted:
                NoteAccepted(now, sequence);
                break;
        }

        NoteHeard(now, packet, isFirst, events);
        AfterConsuming(now, events);
        if (!couldPeek && TryPeek(out _))
            events.Add(MspEventKind.Readable, this, null);
    }

    /// <summary>Takes a packet while it lingers.</summary>
    internal void OnLatePacket(Instant now, in MspPacket packet)
    {
        // MSP-056
        if (machine.OnPacket(packet) != MspVerdict.Duplicate)
            return;

        endpoint.Counters.Duplicates++;
        DueAck(now);
        lingersUntil = now + MspTimings.Linger;
    }

    /// <summary>A packet's data lies at least so many packets ahead of what was consumed.</summary>
    internal bool IsBeyond(in MspPacket packet, int window)
        => packet.IsData && unchecked((short)(packet.Sequence - machine.Consumed)) >= window;

    /// <summary>Does what is due.</summary>
    internal void OnTimer(Instant now, MspEvents events)
    {
        if (IsLingering)
        {
            if (lingersUntil <= now)
                endpoint.Forget(this);
        }
        else if (heardAt + MspTimings.Timeout <= now)
        {
            FinishWithout(MspEnd.TimedOut, events); // MSP-035
        }
        else
        {
            recovery.OnTimer(now);
        }
    }

    /// <summary>Writes its next packet; 0 when there is none to send now.</summary>
    internal int Write(Instant now, Span<byte> buffer)
    {
        sendsAt = Instant.Never;
        if (!IsLingering && machine.TryPeekSend(out var sequence, out _))
        {
            sendsAt = recovery.NextSend(now, sequence);
            if (sendsAt <= now)
                return WriteData(now, sequence, buffer);
        }

        if (ackDueAt > now && (IsLingering || SpeaksAt > now))
            return 0;

        firstsSent += machine.HasHeard ? 0 : 1;
        NoteSpoken(now);
        return machine.WriteAck(buffer);
    }

    private int WriteData(Instant now, ulong sequence, Span<byte> buffer)
    {
        if (sequence < sentEnd)
            endpoint.Counters.Retransmissions++;
        sentEnd = Math.Max(sentEnd, sequence + 1);
        recovery.OnSent(now, sequence);
        NoteSpoken(now);
        return machine.WriteData(sequence, buffer);
    }

    private void NoteSpoken(Instant now)
    {
        spokeAt = now;
        hasSpoken = true;
        ackDueAt = Instant.Never;
        consumedSinceAck = 0;
    }

    private void NoteAccepted(Instant now, ulong sequence)
    {
        // What has no gap behind or before it is acknowledged once it is consumed; only the very first is also announced.
        var isInOrder = accepted == receivedEnd && sequence == receivedEnd;
        if (!isInOrder)
            DueAck(now); // MSP-024
        else if (accepted == 0)
            DueAck(now + MspTimings.AckDelay); // MSP-025
        accepted++;
        receivedEnd = Math.Max(receivedEnd, sequence + 1);
    }

    private void NoteHeard(Instant now, in MspPacket packet, bool isFirst, MspEvents events)
    {
        heardAt = now;
        if (packet.IsData)
            received |= MspStates.ReceivedData;
        if (isFirst && !packet.IsData)
            DueAck(now + MspTimings.AckDelay); // MSP-025
        if (!isFirst && !isKnownByPeer)
        {
            isKnownByPeer = true;
            endpoint.NoteKnown(this);
        }

        if ((received & MspStates.ReceivedPacket) != 0)
            return;

        received |= MspStates.ReceivedPacket;
        if (!IsAccepted)
            events.Add(MspEventKind.Connected, this, null);
    }

    private void NoteAcknowledged(Instant now, in MspPacket packet, ulong first, MspEvents events)
    {
        var acknowledged = machine.FirstUnacknowledged;
        if (acknowledged == first)
        {
            if (packet is { HasAck: true, IsData: false } && packet.Ack == unchecked((ushort)(first - 1)))
                recovery.OnRepeated(now);
            return;
        }

        recovery.OnAcknowledged(now, acknowledged);
        events.Add(MspEventKind.Delivered, this, null);
        if (!isFull || !HasRoom)
            return;

        isFull = false;
        events.Add(MspEventKind.Writable, this, null);
    }

    // MSP-057: a peer that has finished, and whose last acknowledgement was lost, knows nothing any more.
    private void FinishWithout(MspEnd end, MspEvents events)
    {
        var isComplete = machine.IsEnded && machine.IsShutdown && Delivered == Sent;
        Finish(isComplete ? MspEnd.Completed : end, events);
        endpoint.Forget(this);
    }

    private void DueAck(Instant when) => ackDueAt = Instant.Min(ackDueAt, when);
}
