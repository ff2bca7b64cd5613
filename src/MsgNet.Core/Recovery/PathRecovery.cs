namespace MsgNet.Core;

/// <summary>
/// The sending half of loss recovery on one path: which packets are in flight, which arrived, which are lost, how long a round trip takes,
/// and when the next packet may leave. It outlives keys: packets of several keys share one flight, one clock and one window (REC-024).
/// </summary>
/// <remarks>
/// <code>
/// OnPacketSent ─► in flight ─┬─ REPORT ─────────────────────────────────► acknowledged
///                            ├─ 3 packets or 9/8 round trip behind one ─► lost     (a signal to the controller; late report = spurious)
///                            └─ 3 PTO, its key removed, path changed ───► expired  (no signal)
/// </code>
/// A packet that carries a segment of a lane does not expire by time: while one is in flight a silent path is probed (REC-034). Once
/// reordering was seen, packets behind no longer count, only time (REC-044).
/// At most <see cref="Limits.SentPacketsMax"/> packets are remembered. Every packet is one of four, always:
/// sent = in flight + acknowledged + lost + expired. Nothing is sent again: what a loss means is the business of each frame's owner.
/// Allocates only while the rings of sent packets and the slab of their items grow. Not thread-safe.
/// </remarks>
internal sealed partial class PathRecovery
{
    /// <summary>Sending keys one path has at once: previous, current and next, EARLY, and the losers of a simultaneous open.</summary>
    public const int KeysMax = 8;

    private const int PacketThreshold = 3;
    private const int ExpiryTimeouts = 3;

    // How long a lost packet is remembered for a late report, in probe timeouts.
    private const int MemoryTimeouts = 2;

    private readonly CongestionControl control;
    private SentPackets? keys; // the oldest; each knows the one after it
    private int keyCount;
    private RoundTripEstimator roundTrip = new();
    private ICongestionController controller;
    private Pacer pacer;
    private ReorderWindow reordering;
    private Instant recoveryFrom;
    private Instant progressAt;
    private Instant largeReportedAt;
    private int datagramSize;
    private bool waitsForRun;

    /// <summary>Starts an idle path under <see cref="CongestionControl.Model"/>.</summary>
    /// <param name="datagramSize">UDP payload the path carries, <see cref="Limits.DatagramSizeMin"/> to 65,535 bytes.</param>
    public PathRecovery(int datagramSize)
        : this(datagramSize, CongestionControl.Model)
    {
    }

    /// <summary>Starts an idle path.</summary>
    /// <param name="datagramSize">UDP payload the path carries, <see cref="Limits.DatagramSizeMin"/> to 65,535 bytes.</param>
    /// <param name="control">What chooses its window and rate.</param>
    /// <exception cref="ArgumentException">The size is out of range, or there is no such control.</exception>
    public PathRecovery(int datagramSize, CongestionControl control)
    {
        Require(datagramSize);
        this.datagramSize = datagramSize;
        this.control = control;
        controller = CreateController(control, datagramSize);
        pacer = new Pacer(datagramSize);
    }

    /// <summary>UDP payload the path carries. Set it when path MTU discovery found another; nothing else changes.</summary>
    public int DatagramSize
    {
        get => datagramSize;
        set
        {
            Require(value);
            datagramSize = pacer.DatagramSize = value;
            LargeLosses = 0;
            controller.SetDatagramSize(value);
        }
    }

    /// <summary>Smoothed round-trip time; 333 ms before the first sample.</summary>
    public TimeSpan SmoothedRtt => roundTrip.Smoothed;

    /// <summary>Mean deviation of the round-trip time.</summary>
    public TimeSpan RttVariation => roundTrip.Variation;

    /// <summary>The least sample; zero before the first.</summary>
    public TimeSpan MinRtt => roundTrip.Min;

    /// <summary>The newest sample; zero before the first.</summary>
    public TimeSpan LatestRtt => roundTrip.Latest;

    /// <summary>PTO: smoothed + max(4·variation, 1 ms) + 5 ms, 10 ms to 5 s; at first 333 ms (REC-033). Never doubled here.</summary>
    public TimeSpan ProbeTimeout => roundTrip.ProbeTimeout;

    /// <summary>Bytes that may be in flight.</summary>
    public long CongestionWindow => controller.Window;

    /// <summary>Bytes of eliciting packets neither reported nor given up.</summary>
    public long BytesInFlight { get; private set; }

    /// <summary>Packets of <see cref="BytesInFlight"/>.</summary>
    public long PacketsInFlight => PacketsSent - PacketsAcknowledged - PacketsLost - PacketsExpired;

    /// <summary>Bytes per second at which packets may leave now.</summary>
    public long PacingRate => (long)controller.PacingRate;

    /// <summary>Eliciting packets sent.</summary>
    public long PacketsSent { get; private set; }

    /// <summary>Eliciting packets reported while in flight.</summary>
    public long PacketsAcknowledged { get; private set; }

    /// <summary>Packets declared lost.</summary>
    public long PacketsLost { get; private set; }

    /// <summary>Packets that left flight without a congestion signal.</summary>
    public long PacketsExpired { get; private set; }

    /// <summary>Packets reported after they were declared lost or expired; they are counted there too.</summary>
    public long PacketsSpurious { get; private set; }

    /// <summary>
    /// Eliciting packets larger than <see cref="Limits.DatagramSizeMin"/> that were lost or expired since the newest one of them that was
    /// reported left, or since the datagram size last changed: a path that no longer carries them loses every one (SEC-093).
    /// </summary>
    public int LargeLosses { get; private set; }

    /// <summary>When the first eliciting packet left since the last authenticated answer; <see cref="Instant.Never"/> if none.</summary>
    public Instant OldestUnanswered { get; private set; } = Instant.Never;

    /// <summary>True when a packet was reported at <paramref name="moment"/> or after it; since zero always.</summary>
    public bool WasHeardSince(Instant moment) => progressAt >= moment;

    /// <summary>When <see cref="OnTimer"/> must be called next; <see cref="Instant.Never"/> while nothing is in flight.</summary>
    public Instant NextTimer
    {
        get
        {
            var next = Instant.Min(LossAt, ProbeAt);
            for (var key = keys; key is not null; key = key.After)
            {
                if (key.FirstExpiring < key.Next)
                    next = Instant.Min(next, key[key.FirstExpiring].SentAt + Expiry);
            }

            return next;
        }
    }

    private TimeSpan Expiry => ExpiryTimeouts * roundTrip.ProbeTimeout;

    /// <summary>Adds a sending key; its numbers start at 0.</summary>
    /// <param name="index">The index its packets carry and reports of them name.</param>
    /// <exception cref="ArgumentException">The index is in use on this path, or there are <see cref="KeysMax"/> keys.</exception>
    public void AddKey(uint index)
    {
        if (Find(index) is not null)
            throw new ArgumentException($"Index {index:x8} is in use on this path; remove it first.", nameof(index));
        if (keyCount == KeysMax)
            throw new ArgumentException($"A path has at most {KeysMax} keys; remove a wiped one first.", nameof(index));

        ref var last = ref keys;
        while (last is not null)
            last = ref last.After;
        last = new SentPackets(index);
        keyCount++;
    }

    /// <summary>Forgets a wiped key: what it has in flight leaves without a congestion signal (REC-041). Ignores unknown indices.</summary>
    public void RemoveKey(uint index)
    {
        ref var key = ref keys;
        while (key is not null && key.Index != index)
            key = ref key.After;
        if (key is null)
            return;

        Abandon(key);
        key = key.After;
        keyCount--;
    }

    /// <summary>
    /// Whether an eliciting packet of <paramref name="bytes"/> (the whole UDP payload) may leave now: the window has room, the pacer has
    /// tokens and the table of sent packets a place (REC-040, REC-052, REC-060). Ask again after each packet.
    /// </summary>
    public bool CanSend(Instant now, int bytes) =>
        Opens(bytes) && Paced(now, bytes) <= now;

    /// <summary>
    /// When a full datagram may leave: <paramref name="now"/>, later, or <see cref="Instant.Never"/> if only a report or a timer can tell.
    /// </summary>
    public Instant NextSend(Instant now) =>
        Opens(datagramSize) ? Paced(now, datagramSize) : Instant.Never;

    /// <summary>Records one packet as it leaves, whether <see cref="CanSend"/> allowed it or, as for CLOSE, nobody asked.</summary>
    /// <param name="now">The present moment.</param>
    /// <param name="index">The index it carries: a key that was added.</param>
    /// <param name="number">Its counter: one more than the last one sent or skipped under this key.</param>
    /// <param name="bytes">Its whole UDP payload, 1 to 65,535.</param>
    /// <param name="eliciting">Whether it holds a frame that elicits a REPORT.</param>
    /// <param name="appLimited">True when nothing waits to be sent after this packet.</param>
    /// <exception cref="ArgumentException">The key is unknown, the number not the next one, or the size out of range.</exception>
    public void OnPacketSent(Instant now, uint index, ulong number, int bytes, bool eliciting, bool appLimited) =>
        OnPacketSent(now, index, number, bytes, eliciting, appLimited, []);

    /// <summary>
    /// As the shorter form, for a packet that carries items of lanes: what becomes of each is told once by <see cref="TryTakeOutcome"/>.
    /// </summary>
    internal void OnPacketSent(
        Instant now, uint index, ulong number, int bytes, bool eliciting, bool appLimited, ReadOnlySpan<PacketItem> carried)
    {
        if (bytes is <= 0 or > ushort.MaxValue)
            throw new ArgumentException("Give the whole UDP payload, 1 to 65,535 bytes.", nameof(bytes));
        if (!eliciting && !carried.IsEmpty)
            throw new ArgumentException("Nobody reports a packet without an eliciting frame; give it no items.", nameof(carried));

        var key = KeyFor(now, index, number);
        ref var packet = ref key.Add();
        packet.SentAt = now;
        packet.Bytes = (ushort)bytes;
        packet.State = SentState.Silent;
        if (!eliciting)
        {
            key.Advance();
            return;
        }

        controller.OnSent(now, BytesInFlight, ref packet);
        packet.State = SentState.InFlight;
        Carry(now, key, ref packet, carried);
        pacer.OnSent(now, bytes, controller.PacingRate);
        BytesInFlight += bytes; // REC-051
        PacketsSent++;
        OldestUnanswered = Instant.Min(OldestUnanswered, now);
        if (appLimited && BytesInFlight < controller.Window)
            controller.OnAppLimited(BytesInFlight);
    }

    /// <summary>Records that the next number of a key was left out on purpose; a report of it is proof of a lie (REC-012).</summary>
    /// <param name="now">The present moment.</param>
    /// <param name="index">A key that was added.</param>
    /// <param name="number">One more than the last number sent or skipped under this key.</param>
    /// <exception cref="ArgumentException">The key is unknown or the number not the next one.</exception>
    public void OnNumberSkipped(Instant now, uint index, ulong number) =>
        KeyFor(now, index, number).AddSkipped(now);

    /// <summary>
    /// Something waits and may not go where nothing is proven: it is as unanswered as if it had gone (SEC-094).
    /// </summary>
    public void OnHeldBack(Instant now) => OldestUnanswered = Instant.Min(OldestUnanswered, now);

    /// <summary>An authenticated packet came: the peer lives.</summary>
    public void OnPacketReceived() => OldestUnanswered = Instant.Never;

    /// <summary>Takes a round-trip time that no report measured: from a HELLO sent once to its ACK (REC-023).</summary>
    public void OnRoundTripSample(Instant now, TimeSpan rtt)
    {
        roundTrip.OnSample(rtt, TimeSpan.Zero);
        controller.OnRoundTrip(now, roundTrip.Latest, roundTrip.Smoothed);
    }

    /// <summary>Takes a REPORT that came over this path in an authenticated packet.</summary>
    public ReportOutcome OnReport(Instant now, in ReportFrame report)
    {
        if (Find(report.Index) is not { } key)
            return ReportOutcome.UnknownKey; // REC-003

        if (report.Largest >= key.Next)
            return ReportOutcome.NeverSent; // REC-011
        if (key.ClaimsSkipped(report))
            return ReportOutcome.Skipped; // REC-012

        var before = PacketsAcknowledged + PacketsSpurious;
        var inFlightBefore = BytesInFlight;
        // REC-021: only a first report of the largest packet, and that eliciting, measures the path.
        var measures = report.Largest >= key.Base && key[report.Largest].State is SentState.InFlight or SentState.Lost or SentState.Expired;
        var sentAt = measures ? key[report.Largest].SentAt : Instant.Never;
        foreach (var range in report)
        {
            if (range.Largest < key.Base)
                break;
            // REC-048
            for (var number = key.SkipSettled(Math.Max(range.Smallest, key.Base));
                number <= range.Largest;
                number = key.SkipSettled(number + 1))
            {
                if (number + 1 < key.ReportedEnd && key[number].State is SentState.InFlight or SentState.Lost)
                    reordering.OnReordered(); // REC-044
                Acknowledge(now, key, ref key[number]);
            }
        }

        if (PacketsAcknowledged + PacketsSpurious == before && report.Largest < key.ReportedEnd)
            return ReportOutcome.NothingNew;

        var delivered = inFlightBefore - BytesInFlight;
        OnProgress(now);
        key.ReportedEnd = Math.Max(key.ReportedEnd, report.Largest + 1);
        if (measures)
            Measure(now, sentAt, report.DelayMicroseconds);
        key.Advance();
        DetectLost(now, key);
        GiveUpOvertaken();
        controller.OnReported(now, delivered, BytesInFlight);
        ForgetOld(now, key);
        return ReportOutcome.Accepted;
    }

    /// <summary>
    /// Declares lost what is due by time, expires what nobody reported for 3 PTO, and makes a probe due. Early calls do nothing.
    /// </summary>
    public void OnTimer(Instant now)
    {
        for (var key = keys; key is not null; key = key.After)
        {
            DetectLost(now, key);
            Expire(now, key);
            ForgetOld(now, key);
        }

        OnProbeTimer(now);
    }

    /// <summary>
    /// Starts afresh on another remote address: initial round-trip time and window. What is in flight to the old one leaves without a
    /// congestion signal; late reports of it are understood and teach nothing.
    /// </summary>
    /// <param name="datagramSize">UDP payload the new path carries, <see cref="Limits.DatagramSizeMin"/> to 65,535 bytes.</param>
    public void OnPathChanged(int datagramSize)
    {
        Require(datagramSize);
        for (var key = keys; key is not null; key = key.After)
            Abandon(key);
        this.datagramSize = datagramSize;
        LargeLosses = 0;
        roundTrip = new RoundTripEstimator();
        reordering = default;
        probes = largeProbes = 0;
        controller = CreateController(control, datagramSize);
        pacer = new Pacer(datagramSize);
    }
}
