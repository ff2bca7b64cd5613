namespace MsgNet.Core;

/// <summary>The Serval profile: each packet by itself again after 1500 ms, for ever; the queue of five is the only window.</summary>
internal sealed class MspServalRecovery(MspMachine machine) : IMspRecovery
{
    private readonly Instant[] sentAt = new Instant[8];
    private ulong first;
    private ulong end;

    public Instant NextTimer
    {
        get
        {
            var oldest = Instant.Never;
            for (var sequence = first; sequence < end; sequence++)
                oldest = Instant.Min(oldest, At(sequence));
            return oldest + MspTimings.Retransmission + new TimeSpan(1); // MSP-032: strictly after
        }
    }

    public TimeSpan RoundTrip => TimeSpan.Zero;

    public Instant NextSend(Instant now, ulong sequence) => now;

    public TimeSpan FirstInterval(int firstsSent) => MspTimings.Keepalive;

    public void OnSent(Instant now, ulong sequence)
    {
        Invariant.Check(sequence - first < (ulong)sentAt.Length);
        At(sequence) = now;
        end = Math.Max(end, sequence + 1);
    }

    public void OnAcknowledged(Instant now, ulong firstUnacknowledged) => first = firstUnacknowledged;

    public void OnRepeated(Instant now)
    {
    }

    public void OnTimer(Instant now)
    {
        for (var sequence = first; sequence < end; sequence++)
        {
            if (At(sequence) + MspTimings.Retransmission < now) // MSP-032
                machine.OnLost(sequence);
        }
    }

    private ref Instant At(ulong sequence) => ref sentAt[(int)(sequence & (ulong)(sentAt.Length - 1))];
}
