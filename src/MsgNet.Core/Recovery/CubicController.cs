namespace MsgNet.Core;

/// <summary>
/// CUBIC (RFC 9438): after a loss the window falls to 0.7 of what it was, and grows back as a cubic function of time that is flat where the
/// loss was; where Reno would be faster, it grows like Reno. Section numbers below are those of the RFC.
/// </summary>
/// <remarks>
/// <code>
/// SlowStart ──a loss, or a round trip longer by 1/8──► Avoidance ──a loss (one a round trip)──► Avoidance, 0.7 of the window
///     ▲                                                    │
///     └──────────────── silence of 3 PTO ──────────────────┘
/// </code>
/// A reduction is undone when every packet that caused it was reported after all. What a sender that has little to say delivers makes the
/// window no larger. Bytes, bytes per second. Not thread-safe.
/// </remarks>
internal sealed class CubicController : ICongestionController
{
    private const double Scaling = 0.4; // C, segments a second cubed
    private const double Reduction = 0.7; // β
    private const double RenoIncrease = 3 * (1 - Reduction) / (1 + Reduction); // α while below the window before the reduction
    private const double TargetMax = 1.5;
    private const double PacingSlowStart = 2;
    private const double PacingAvoidance = 1.25;
    private const int WindowInitial = 10; // REC-053
    private const int WindowMin = 4;
    private const int RoundSamplesMin = 8;

    private static readonly TimeSpan RiseMin = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan RiseMax = TimeSpan.FromMilliseconds(16);

    private int datagramSize;
    private double window; // bytes
    private double threshold = double.PositiveInfinity;
    private TimeSpan smoothed;
    private long delivered;
    private long appLimitedUntil;
    private long grown;
    private Instant grownAt;

    // The curve: its plateau, its start, the time from there to the plateau, and Reno's window beside it; segments and seconds.
    private double plateau;
    private double before;
    private double reno;
    private double toPlateau;
    private Instant curveFrom = Instant.Never;

    // The recovery under way, and what stood before it.
    private Instant recoveryFrom;
    private long lostInRecovery;
    private Saved? saved;

    // Rounds of slow start, for its exit before a loss.
    private long roundEnd;
    private TimeSpan roundLeast = TimeSpan.MaxValue;
    private TimeSpan lastRoundLeast = TimeSpan.MaxValue;
    private int roundSamples;

    public CubicController(int datagramSize)
    {
        this.datagramSize = datagramSize;
        window = WindowInitial * datagramSize;
    }

    public long Window => (long)window;

    public double PacingRate =>
        (IsSlowStart ? PacingSlowStart : PacingAvoidance) * window / Math.Max(smoothed.TotalSeconds, 0.001);

    private bool IsSlowStart => window < threshold;

    public void SetDatagramSize(int size)
    {
        // The curve is in segments: it starts anew from the same bytes.
        window = Math.Max(window, WindowMin * size);
        plateau = plateau * datagramSize / size;
        datagramSize = size;
        curveFrom = Instant.Never;
    }

    public void OnSent(Instant now, long bytesInFlight, ref SentPacket packet)
    {
        packet.Delivered = delivered;
        packet.AppLimited = appLimitedUntil > delivered;
    }

    public void OnAppLimited(long bytesInFlight) => appLimitedUntil = delivered + bytesInFlight;

    public void OnDelivered(Instant now, in SentPacket packet)
    {
        delivered += packet.Bytes;
        if (packet.Delivered >= roundEnd)
            StartRound();
        // Section 5.8, and RFC 9002 section 7.3.2: no growth in recovery, nor by one who does not use the window.
        if (!packet.AppLimited && packet.SentAt >= recoveryFrom)
            grown += packet.Bytes;
    }

    public void OnDeliveredLate(Instant now, in SentPacket packet)
    {
        delivered += packet.Bytes;
        if (packet.State == SentState.Lost && packet.SentAt < recoveryFrom && lostInRecovery > 0 && --lostInRecovery == 0)
            Undo();
    }

    public void OnLost(Instant now, in SentPacket packet)
    {
        if (packet.SentAt < recoveryFrom)
        {
            lostInRecovery++;
            return;
        }

        saved = new Saved(window, threshold, plateau, before, reno, toPlateau, curveFrom, recoveryFrom);
        recoveryFrom = now;
        lostInRecovery = 1;
        Reduce();
        window = threshold;
    }

    public void OnRoundTrip(Instant now, TimeSpan latest, TimeSpan smoothedRoundTrip)
    {
        smoothed = smoothedRoundTrip;
        roundLeast = latest < roundLeast ? latest : roundLeast;
        if (++roundSamples < RoundSamplesMin || !IsSlowStart || lastRoundLeast == TimeSpan.MaxValue)
            return;

        // After HyStart++ (RFC 9406): a round whose least is longer by an eighth has filled the path.
        var rise = new TimeSpan(Math.Clamp(lastRoundLeast.Ticks / 8, RiseMin.Ticks, RiseMax.Ticks));
        if (roundLeast >= lastRoundLeast + rise)
            threshold = window;
    }

    /// <summary>Section 4.8 and RFC 9002 section 7.6: the path may be another; slow start up to 0.7 of what was.</summary>
    public void OnSilence()
    {
        if (window <= WindowMin * datagramSize)
            return;
        saved = null;
        Reduce();
        window = WindowMin * datagramSize; // REC-053
        curveFrom = Instant.Never;
    }

    public void OnReported(Instant now, long deliveredNow, long bytesInFlight)
    {
        var bytes = grown;
        grown = 0;
        if (bytes == 0)
            return;
        // Section 5.8: time in which the window was not used is no time to have grown in.
        if (now - grownAt > smoothed && !curveFrom.IsNever)
            curveFrom += now - grownAt;
        grownAt = now;
        if (IsSlowStart)
            window = Math.Min(window + bytes, threshold);
        else
            Grow(now, (double)bytes / datagramSize);
        window = Math.Min(window, (double)Limits.SentPacketsMax * datagramSize); // no more can be in flight
    }

    private void Grow(Instant now, double segments)
    {
        var current = window / datagramSize;
        if (curveFrom.IsNever)
            StartCurve(now, current);

        // Section 4.2
        var elapsed = (now - curveFrom).TotalSeconds;
        // Section 4.3: Reno's window, with its full step once it is back where it was.
        reno += (reno < before ? RenoIncrease : 1) * segments / current;
        if (Cubic(elapsed) < reno)
        {
            window = Math.Max(window, reno * datagramSize);
            return;
        }

        // Sections 4.4 and 4.5
        var target = Math.Clamp(Cubic(elapsed + smoothed.TotalSeconds), current, TargetMax * current);
        window = (current + ((target - current) / current * segments)) * datagramSize;
    }

    private double Cubic(double elapsed) => (Scaling * Math.Pow(elapsed - toPlateau, 3)) + plateau; // REC-059

    private void StartCurve(Instant now, double current)
    {
        curveFrom = now;
        reno = current;
        if (plateau < current)
            plateau = current;
        toPlateau = Math.Cbrt((plateau - current) / Scaling);
    }

    private void Reduce()
    {
        var current = window / datagramSize;
        before = current;
        // Section 4.7: who lost below the last plateau leaves room to a newcomer.
        plateau = current < plateau ? current * (1 + Reduction) / 2 : current;
        threshold = Math.Max(window * Reduction, WindowMin * datagramSize);
        curveFrom = Instant.Never;
    }

    // Section 4.9
    private void Undo()
    {
        if (saved is not { } was)
            return;
        saved = null;
        if (window < was.Window)
            (window, threshold, plateau, before, reno, toPlateau, curveFrom, recoveryFrom) = was;
    }

    private void StartRound()
    {
        roundEnd = delivered;
        lastRoundLeast = roundSamples >= RoundSamplesMin ? roundLeast : lastRoundLeast;
        roundLeast = TimeSpan.MaxValue;
        roundSamples = 0;
    }

    private readonly record struct Saved(
        double Window,
        double Threshold,
        double Plateau,
        double Before,
        double Reno,
        double ToPlateau,
        Instant CurveFrom,
        Instant RecoveryFrom);
}
