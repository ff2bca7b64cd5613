namespace MsgNet.Core;

/// <summary>Round-trip time of one path as RFC 9002 section 5 smooths it, and the probe timeout that follows from it.</summary>
internal struct RoundTripEstimator()
{
    private static readonly TimeSpan Initial = TimeSpan.FromMilliseconds(333);
    private static readonly TimeSpan Granularity = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan ProbeTimeoutMin = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan TailSlack = TimeSpan.FromMilliseconds(8);
    private static readonly TimeSpan SampleMin = TimeSpan.FromMicroseconds(1);

    /// <summary>Longest probe timeout, however slow the path.</summary>
    public static readonly TimeSpan ProbeTimeoutMax = TimeSpan.FromSeconds(5);

    public bool HasSample { readonly get; private set; }

    public TimeSpan Smoothed { readonly get; private set; } = Initial;

    public TimeSpan Variation { readonly get; private set; } = Initial / 2;

    /// <summary>The least sample, delays included (RFC 9002 section 5.2); zero before the first.</summary>
    public TimeSpan Min { readonly get; private set; }

    /// <summary>The newest sample; zero before the first.</summary>
    public TimeSpan Latest { readonly get; private set; }

    /// <summary>Without a sample exactly the initial 333 ms, later 10 ms to 5 s.</summary>
    public readonly TimeSpan ProbeTimeout
    {
        get
        {
            if (!HasSample)
                return Initial;
            var timeout = Smoothed.Ticks + Math.Max(4 * Variation.Ticks, Granularity.Ticks) + Limits.AckDelayMax.Ticks;
            return new TimeSpan(Math.Clamp(timeout, ProbeTimeoutMin.Ticks, ProbeTimeoutMax.Ticks));
        }
    }

    /// <summary>
    /// After this without a report the last segment sent is probed for: PTO, but at most 3/2 smoothed + 8 ms, so that the repair of a lost
    /// tail is in the peer's hands 2 smoothed + 10 ms after its first sending even before the variation has settled.
    /// </summary>
    public readonly TimeSpan TailTimeout
    {
        get
        {
            var tail = (Smoothed * 1.5) + TailSlack;
            return tail < ProbeTimeout ? tail : ProbeTimeout; // REC-034
        }
    }

    /// <summary>The longer of the smoothed and the newest round trip.</summary>
    public readonly TimeSpan Longest => Smoothed > Latest ? Smoothed : Latest;

    /// <summary>A packet below the largest reported is lost once it is older than this: 9/8 of the round trip, at least 1 ms.</summary>
    public readonly TimeSpan LossDelay => new(Math.Max(Longest.Ticks * 9 / 8, Granularity.Ticks));

    /// <summary>Takes a sample; of the delay the peer claims at most <see cref="Limits.AckDelayMax"/> counts.</summary>
    public void OnSample(TimeSpan sample, TimeSpan peerDelay)
    {
        Latest = sample < SampleMin ? SampleMin : sample;
        if (!HasSample)
        {
            HasSample = true;
            Min = Smoothed = Latest;
            Variation = Latest / 2;
            return;
        }

        if (Latest < Min)
            Min = Latest;

        // RFC 9002 section 5.3: a claimed delay must not push the sample below the minimum.
        var delay = peerDelay > Limits.AckDelayMax ? Limits.AckDelayMax : peerDelay; // REC-022
        var adjusted = Latest >= Min + delay ? Latest - delay : Latest;
        Variation = new TimeSpan(((3 * Variation.Ticks) + Math.Abs(Smoothed.Ticks - adjusted.Ticks)) / 4);
        Smoothed = new TimeSpan(((7 * Smoothed.Ticks) + adjusted.Ticks) / 8);
    }
}
