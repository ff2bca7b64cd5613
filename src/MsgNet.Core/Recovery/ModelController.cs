namespace MsgNet.Core;

/// <summary>
/// How fast and how much: a model of the path, after BBR, that survives random loss. It knows two things, the largest delivery rate of the
/// last ten rounds and the least round-trip time of the last ten seconds; their product is what fits the path without a queue.
/// </summary>
/// <remarks>
/// <code>
/// Startup ──3 rounds grew &lt; 25 %, a queue stands, or a round lost most──► Drain ──in flight ≤ BDP──► Cruise
///                                                                   (gains 1.25, 0.75, 1 × 6, one min RTT each)
///                                                                                   │  ▲
///                                                          10 s without a new min RTT ▼  │ after 200 ms and a round
///                                                                                 ProbeRoundTrip (½ BDP)
/// </code>
/// Queue. Alone, the gains above keep the queue short. With others there, each would hold two products in flight: <see cref="QueueBound"/>
/// takes from each while a queue stands, whoever lost what.
/// Loss. What is lost in the best of the last ten rounds (the 0.75 phase is among them) while no queue stands did not come from our
/// queue: it is taken as random, up to 25 %, and sending is scaled by 1/(1 − p) so that the path stays full. Loss of more than 20 % above
/// the random share in two rounds running, whatever its cause, holds the flight at what the last round delivered; the bound grows back by
/// a quarter a round.
/// Limits of this: in a queue shorter than 5 ms congestion cannot be told from noise; there we oversend by at most a third of what we
/// deliver, and a latecomer gains share slowly. Random loss beyond 30 % ends in the bound. Beside senders that fill every queue, as TCP's
/// CUBIC does, we take the smaller share.
/// Silence. When nothing is reported for three probe timeouts the window falls to its minimum; the first report lets it double a round.
/// Bytes, bytes per second, <see cref="Instant"/>. Not thread-safe.
/// </remarks>
internal sealed partial class ModelController : ICongestionController
{
    private const int WindowInitial = 10; // REC-053
    private const int WindowMin = 4;
    private const double StartupGain = 2.77;
    private const double WindowGain = 2.0;
    private const int WindowExtraMin = 3;
    private const int WindowExtraMax = 8;
    private const double AllowanceMax = 512 * 1024;
    private const double RandomLossFade = 0.75;
    private const double PacingMargin = 0.99;
    private const double Growth = 1.25;
    private const int FullRounds = 3;
    private const int CyclePhases = 8;
    private const double RandomLossMax = 0.25;
    private const double ExcessLossMax = 0.20;
    private const double StartupLossMax = 0.40;
    private const double LossMin = 0.02;
    private const int LossRoundPacketsMin = 20;
    private const int StartupLossPacketsMin = 60;

    private static readonly TimeSpan MinRoundTripLifetime = TimeSpan.FromSeconds(10); // REC-055
    private static readonly TimeSpan ProbeRoundTripTime = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan QueueRoomMin = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan QueueRoomMax = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan RoundTripNominal = TimeSpan.FromMilliseconds(1);

    private DeliveryRate delivery;
    private WindowedMax bandwidth;
    private WindowedMax leastLoss; // of the arrived share: its maximum is the minimum of the loss
    private Mode mode = Mode.Startup;
    private TimeSpan minRoundTrip;
    private Instant minRoundTripAt;
    private TimeSpan smoothed;
    private double pacingRate;
    private double pacingRateMin;
    private long window;
    private bool queueStands;
    private long inflightBound = long.MaxValue;
    private QueueBound queue = new();
    private long round;
    private long roundEnd;
    private long roundDelivered;
    private long roundLost;
    private int excessRounds;
    private double fullBandwidth;
    private int fullRounds;
    private bool isFull;
    private int phase;
    private Instant phaseAt;
    private Instant probeUntil = Instant.Never;
    private long probeRoundEnd;
    private int datagramSize;

    public ModelController(int datagramSize)
    {
        this.datagramSize = datagramSize;
        window = WindowInitial * datagramSize;
        SetPacingRateMin();
        SetPacingRate();
    }

    private enum Mode : byte
    {
        Startup,
        Drain,
        Cruise,
        ProbeRoundTrip,
    }

    /// <summary>Bytes that may be in flight.</summary>
    public long Window
    {
        get
        {
            var cap = Math.Min(window, Math.Min(inflightBound, queue.Bytes));
            if (mode == Mode.ProbeRoundTrip)
                cap = Math.Min(cap, (long)(0.5 * Product));
            return Math.Max(cap, WindowMin * datagramSize);
        }
    }

    /// <summary>Bytes per second; never 0.</summary>
    public double PacingRate => Math.Max(pacingRate, pacingRateMin);

    /// <summary>The estimate of what the path delivers, bytes per second; 0 before the first sample.</summary>
    public double Bandwidth => bandwidth.Best;

    /// <summary>The share of packets lost whatever we do, 0 to 0.25.</summary>
    public double RandomLoss => leastLoss.Best == 0 ? 0 : Math.Min(RandomLossMax, 1 - leastLoss.Best);

    // The bandwidth-delay product; before there is one, the initial window.
    private double Product => Bandwidth == 0 || minRoundTrip == default
        ? WindowInitial * datagramSize
        : Bandwidth * minRoundTrip.TotalSeconds;

    // What every sender may have beyond its product, below 10 ms of its rate.
    private long Extra => (long)Math.Clamp(Bandwidth * 0.010, WindowExtraMin * datagramSize, WindowExtraMax * datagramSize);

    public void SetDatagramSize(int size)
    {
        datagramSize = size;
        window = Math.Max(window, WindowMin * size);
        SetPacingRateMin();
    }

    public void OnSent(Instant now, long bytesInFlight, ref SentPacket packet)
    {
        // After silence of our own the model is still right, but the phase clock is not: go on at an even rate.
        if (bytesInFlight == 0 && delivery.AppLimited && mode == Mode.Cruise)
            StartPhase(now, 2);
        delivery.OnSent(now, bytesInFlight, ref packet);
        queue.OnSent(bytesInFlight + packet.Bytes);
    }

    /// <summary>Nothing waits to be sent though <paramref name="bytesInFlight"/> leaves room in the window.</summary>
    public void OnAppLimited(long bytesInFlight) => delivery.OnAppLimited(bytesInFlight);

    public void OnDelivered(Instant now, in SentPacket packet)
    {
        delivery.OnDelivered(now, packet);
        roundDelivered += packet.Bytes;
    }

    /// <summary>A packet given up arrived after all: a loss of this round is taken back.</summary>
    public void OnDeliveredLate(Instant now, in SentPacket packet)
    {
        delivery.OnDeliveredLate(now, packet.Bytes);
        roundDelivered += packet.Bytes;
        if (packet.State == SentState.Lost)
            roundLost = Math.Max(0, roundLost - packet.Bytes);
    }

    public void OnLost(Instant now, in SentPacket packet) => roundLost += packet.Bytes;

    public void OnRoundTrip(Instant now, TimeSpan latest, TimeSpan smoothedRoundTrip)
    {
        smoothed = smoothedRoundTrip;
        SetPacingRateMin();
        queue.OnRoundTrip(latest);
        var expired = now - minRoundTripAt > MinRoundTripLifetime;
        if (minRoundTrip == default || latest <= minRoundTrip || (expired && mode == Mode.ProbeRoundTrip))
        {
            minRoundTrip = latest;
            minRoundTripAt = now;
        }
        else if (expired && isFull)
        {
            // The old value stands until the queue has been let out; the first sample in the probe replaces it.
            mode = Mode.ProbeRoundTrip;
            probeUntil = Instant.Never;
        }

        if (!isFull)
            SetPacingRate();
    }

    /// <summary>Nothing was reported for three probe timeouts (RFC 9002 section 7.6: persistent congestion).</summary>
    public void OnSilence() => window = WindowMin * datagramSize; // REC-053

    /// <summary>Ends the work on one report; losses it revealed have been told.</summary>
    public void OnReported(Instant now, long delivered, long bytesInFlight)
    {
        if (!delivery.TryTakeSample(now, minRoundTrip, out var sample))
        {
            GrowWindow(delivered);
            return;
        }

        var roundStarts = sample.PriorDelivered >= roundEnd;
        if (roundStarts)
        {
            roundEnd = delivery.Delivered;
            round++;
            JudgeQueue(sample.AppLimited);
            JudgeLoss();
        }

        // REC-058
        if (sample.Rate > 0 && (!sample.AppLimited || sample.Rate >= Bandwidth))
            bandwidth.Update(round, sample.Rate);
        if (roundStarts && !isFull && !sample.AppLimited)
            JudgePlateau();

        Move(now, bytesInFlight);
        GrowWindow(delivered);
        SetPacingRate();
    }

    private void Move(Instant now, long bytesInFlight)
    {
        switch (mode)
        {
            case Mode.Startup when isFull:
                mode = Mode.Drain;
                break;
            case Mode.Drain when bytesInFlight <= Product:
                StartCruise(now);
                break;
            case Mode.Cruise:
                MovePhase(now, bytesInFlight);
                break;
            case Mode.ProbeRoundTrip:
                MoveProbe(now, bytesInFlight);
                break;
        }
    }

    private void MovePhase(Instant now, long bytesInFlight)
    {
        var elapsed = now - phaseAt > minRoundTrip;
        var done = phase switch
        {
            // Probing for more ends when the pipe and a quarter are full, or something broke.
            0 => elapsed && (roundLost > 0 || bytesInFlight >= Growth * Product),
            1 => elapsed || bytesInFlight <= Product,
            _ => elapsed,
        };
        // A sender with little to say never fills the pipe; its probe ends by time.
        if (done || (phase == 0 && now - phaseAt > 3 * minRoundTrip))
            StartPhase(now, (phase + 1) % CyclePhases);
    }

    private void MoveProbe(Instant now, long bytesInFlight)
    {
        if (probeUntil.IsNever)
        {
            if (bytesInFlight > Window)
                return;
            probeUntil = now + ProbeRoundTripTime;
            probeRoundEnd = delivery.Delivered + bytesInFlight;
        }
        else if (now >= probeUntil && delivery.Delivered >= probeRoundEnd)
        {
            minRoundTripAt = now;
            StartCruise(now);
        }
    }

    private void StartCruise(Instant now)
    {
        mode = Mode.Cruise;
        // Any even phase; rounds differ between senders that share a bottleneck, so their probes do not march in step.
        StartPhase(now, 2 + (int)(round % (CyclePhases - 2)));
    }

    private void StartPhase(Instant now, int next)
    {
        phase = next;
        phaseAt = now;
    }

    private void GrowWindow(long delivered)
    {
        // Reports come up to AckDelayMax late and in twos: without an allowance a short path would stall between them. Its second part is
        // the same for every sender: where several stand in one queue it makes their shares equal. It stays below 10 ms of the rate. On
        // a fast path 5 ms of the rate would be megabytes, which leave the caches of both ends before they are read.
        var allowance = Math.Min(Bandwidth * Limits.AckDelayMax.TotalSeconds, AllowanceMax) + Extra; // REC-057, REC-069
        var gain = isFull ? WindowGain / (1 - RandomLoss) : StartupGain;
        var target = (long)((gain * Product) + allowance);
        if (isFull)
            window = Math.Min(window + delivered, target);
        else if (window < target)
            window += delivered;
        window = Math.Max(window, WindowMin * datagramSize);
    }

    private void SetPacingRateMin() =>
        pacingRateMin = WindowMin * datagramSize / Math.Max(smoothed.TotalSeconds, RoundTripNominal.TotalSeconds);

    private void SetPacingRate()
    {
        var even = PacingMargin / (1 - RandomLoss);
        var gain = mode switch
        {
            Mode.Startup => StartupGain,
            Mode.Drain => 1 / StartupGain,
            Mode.Cruise when phase == 0 => Growth * even,
            Mode.Cruise when phase == 1 => 0.75,
            _ => even,
        };
        if (Bandwidth > 0 && (isFull || gain * Bandwidth > pacingRate))
            pacingRate = gain * Bandwidth;
        else if (Bandwidth == 0)
            pacingRate = StartupGain * WindowInitial * datagramSize / Math.Max(smoothed.TotalSeconds, RoundTripNominal.TotalSeconds);
    }
}
