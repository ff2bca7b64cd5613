namespace MsgNet.Core;

/// <summary>
/// The Default profile: a window after RFC 5681, recovery after RFC 6582, timers after RFC 9002, in packets. A cumulative acknowledgement
/// does not tell which sending arrived, nor what arrived behind a gap, which <see cref="PathRecovery"/> and the controllers behind it live
/// on.
/// </summary>
/// <remarks>
/// <code>
/// under way = sent − acknowledged − lost − repeats            a repeat says that one packet behind the gap has arrived
///
/// Open ──3 repeats──► Recovering (window = half) ──all acknowledged that was sent then──► Open
///   └──PTO──► all lost, window 1, threshold half; grows by one for each acknowledged
/// </code>
/// </remarks>
internal sealed class MspAdaptiveRecovery(MspMachine machine) : IMspRecovery
{
    private const int WindowMin = 4;
    private const int RepeatsOfLoss = 3;
    private const int DoublingsMax = 10;

    private RoundTripEstimator roundTrip = new();
    private Sending[] sendings = new Sending[16];
    private TokenBucket pace;
    private ulong first;
    private ulong end;
    private int lost;
    private int repeats;
    private int window = WindowMin; // MSP-036
    private int threshold = Limits.MspWindowMax;
    private int credit;
    private bool isRecovering;
    private bool mustSend;
    private ulong recoveredAt;
    private int timeouts;
    private Instant timerFrom;

    /// <summary>Packets that may be under way.</summary>
    public int Window => window;

    public Instant NextTimer => first == end ? Instant.Never : timerFrom + Backoff(timeouts);

    public TimeSpan RoundTrip => roundTrip.HasSample ? roundTrip.Smoothed : TimeSpan.Zero;

    private int Outstanding => (int)(end - first);

    private int UnderWay => Math.Max(0, Outstanding - lost - repeats);

    public Instant NextSend(Instant now, ulong sequence)
    {
        if (!mustSend && UnderWay >= window)
            return Instant.Never;
        if (sequence < end || pace.Available(now, Limits.MspPacketsPerSecond, Limits.MspPacketsBurst) > 0)
            return now;
        return now + (TimeSpan.FromSeconds(1) / Limits.MspPacketsPerSecond);
    }

    public TimeSpan FirstInterval(int firstsSent) => Backoff(Math.Max(0, firstsSent - 1)); // MSP-041

    public void OnSent(Instant now, ulong sequence)
    {
        mustSend = false;
        if (sequence < end)
        {
            ref var again = ref At(sequence);
            if (again.IsLost)
                lost--;
            again = new Sending { SentAt = now, IsRepeated = true };
        }
        else
        {
            pace.TryTake(now, Limits.MspPacketsPerSecond, Limits.MspPacketsBurst, 0); // MSP-040
            Add(new Sending { SentAt = now });
        }

        if (sequence == first)
            timerFrom = now;
    }

    public void OnAcknowledged(Instant now, ulong firstUnacknowledged)
    {
        var count = (int)(firstUnacknowledged - first);
        var isUsed = 2 * UnderWay >= window;
        var newestSentAt = At(firstUnacknowledged - 1).SentAt;
        var wasRepeated = false;
        for (; first < firstUnacknowledged; first++)
        {
            ref readonly var sending = ref At(first);
            wasRepeated |= sending.IsRepeated;
            lost -= sending.IsLost ? 1 : 0;
        }

        if (!wasRepeated) // MSP-039: a repeat, or what waited behind one, tells no time
            roundTrip.OnSample(now - newestSentAt, TimeSpan.Zero);
        timeouts = 0;
        timerFrom = now;
        if (!isRecovering)
        {
            repeats = 0;
            if (isUsed)
                Grow(count);
        }
        else if (first >= recoveredAt)
        {
            isRecovering = false;
            repeats = 0;
        }
        else
        {
            // Those behind the gap that repeats told of are among the acknowledged; the gap's own packet is not.
            repeats = Math.Max(0, repeats - (count - 1));
            LoseFirst(); // MSP-037: a partial acknowledgement
        }
    }

    public void OnRepeated(Instant now)
    {
        if (first == end)
            return;

        repeats = Math.Min(repeats + 1, Outstanding);
        if (isRecovering || repeats < RepeatsOfLoss || first < recoveredAt)
            return;

        // MSP-037
        threshold = window = Math.Max(WindowMin, (Outstanding - lost) / 2);
        credit = 0;
        isRecovering = true;
        recoveredAt = end;
        LoseFirst();
    }

    public void OnTimer(Instant now)
    {
        if (now < NextTimer)
            return;

        // MSP-038
        if (timeouts == 0)
            threshold = Math.Max(WindowMin, (Outstanding - lost) / 2);
        timeouts++;
        timerFrom = now;
        window = 1;
        credit = 0;
        repeats = 0;
        isRecovering = false;
        recoveredAt = end;
        for (var sequence = first; sequence < end; sequence++)
            Lose(sequence);
    }

    // MSP-038
    private TimeSpan Backoff(int doublings)
    {
        var timeout = roundTrip.ProbeTimeout.Ticks;
        var doubled = timeout << Math.Min(doublings, DoublingsMax);
        return TimeSpan.FromTicks(Math.Max(timeout, Math.Min(doubled, MspTimings.BackoffMax.Ticks)));
    }

    private void Grow(int acknowledged)
    {
        if (window < threshold)
        {
            window += acknowledged;
        }
        else
        {
            credit += acknowledged;
            if (credit >= window)
            {
                credit -= window;
                window++;
            }
        }

        window = Math.Min(window, Limits.MspWindowMax);
    }

    private void LoseFirst()
    {
        Lose(first);
        mustSend = true; // whatever the window says
    }

    private void Lose(ulong sequence)
    {
        ref var sending = ref At(sequence);
        if (sending.IsLost)
            return;

        sending.IsLost = true;
        lost++;
        machine.OnLost(sequence);
    }

    private void Add(in Sending sending)
    {
        if (Outstanding == sendings.Length)
        {
            var larger = new Sending[sendings.Length * 2];
            for (var sequence = first; sequence < end; sequence++)
                larger[(int)(sequence & (ulong)(larger.Length - 1))] = At(sequence);
            sendings = larger;
        }

        At(end++) = sending;
    }

    private ref Sending At(ulong sequence) => ref sendings[(int)(sequence & (ulong)(sendings.Length - 1))];

    private struct Sending
    {
        public Instant SentAt;
        public bool IsRepeated;
        public bool IsLost;
    }
}
