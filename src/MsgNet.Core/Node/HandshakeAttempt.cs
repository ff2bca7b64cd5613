namespace MsgNet.Core;

/// <summary>
/// One try to reach a peer: HELLO images sent again and again, to two of its addresses at a time, until an ACK opens or the time is over.
/// <code>
///   lane 1   A image 1 (×3) → C image 3 (×3) → …       to one address: 300, 600, 1200, 2400, 2400 … ms ± 10 %
///   lane 2   250 ms later: B image 2 (×3) → D …         ACK to any pending image → done · deadline → failed
/// </code>
/// </summary>
internal sealed class HandshakeAttempt(ulong timestamp, Instant start, Instant deadline) : IDisposable
{
    private readonly List<HelloTarget> targets = [];
    private readonly List<HelloLane> lanes = [];
    private int turns;

    /// <summary>The attempt's id: wall clock at its start in µs, above every earlier one (SEC-034).</summary>
    public ulong Timestamp { get; } = timestamp;

    /// <summary>When the attempt began.</summary>
    public Instant StartedAt { get; } = start;

    /// <summary>When it fails.</summary>
    public Instant Deadline { get; private set; } = deadline;

    /// <summary>The frames every image carries; null until the first image is written.</summary>
    public byte[]? FirstFlight { get; set; }

    /// <summary>What they carry of lanes; one sending, however many images repeat it.</summary>
    public PacketItem[] Carried { get; set; } = [];

    /// <summary>What did not fit the HELLO and left after it (SEC-042).</summary>
    public EarlyFlight Early { get; } = new();

    /// <summary>RETRYs taken; at most three (SEC-041).</summary>
    public int Retries { get; set; }

    /// <summary>The addresses tried at the moment, at most two; the first image of each may not be written yet.</summary>
    public IReadOnlyList<HelloLane> Lanes => lanes;

    /// <summary>When the next HELLO is due.</summary>
    public Instant NextSend
    {
        get
        {
            var next = NextLane;
            foreach (var lane in lanes)
                next = Instant.Min(next, lane.NextSend);
            return next;
        }
    }

    // SEC-043: the second address waits, since most first ones answer.
    private Instant NextLane =>
        lanes.Count == 0 ? (targets.Count == 0 ? Instant.Never : StartedAt)
        : lanes.Count < NodeTimings.RacingMax && targets.Count > lanes.Count ? lanes[^1].StartedAt + NodeTimings.RaceDelay
        : Instant.Never;

    /// <summary>Adds an address to try.</summary>
    public void AddTarget(in NetAddress address)
    {
        foreach (var known in targets)
        {
            if (known.Address == address)
                return;
        }

        if (targets.Count < Limits.AddressesPerPeerMax)
            targets.Add(new HelloTarget(address));
    }

    /// <summary>
    /// The peer has proven by keys of its own to be at an address: that is asked at once, instead of the one taken up first, unless it
    /// is being asked (SEC-044).
    /// </summary>
    public void OnReachedBy(Instant now, in NetAddress address)
    {
        AddTarget(address);
        HelloTarget? proven = null;
        foreach (var target in targets)
            proven = target.Address == address ? target : proven;
        if (proven is null || IsTaken(proven) || lanes.Count == 0)
            return;

        var lane = lanes[0];
        foreach (var other in lanes)
            lane = other.Target.Turn < lane.Target.Turn ? other : lane;
        proven.Turn = ++turns;
        lane.GoTo(now, proven);
    }

    /// <summary>Every address and how many HELLOs went there.</summary>
    public (NetAddress Address, int Sends)[] Describe()
    {
        var tried = new (NetAddress, int)[targets.Count];
        for (var i = 0; i < tried.Length; i++)
            tried[i] = (targets[i].Address, targets[i].Sends);
        return tried;
    }

    /// <summary>A caller that waits longer keeps the attempt going, up to its own maximum.</summary>
    public void Extend(Instant until) =>
        Deadline = Instant.Max(Deadline, Instant.Min(until, StartedAt + NodeTimings.AttemptMax));

    /// <summary>The lane whose HELLO is due now; null when none is.</summary>
    public HelloLane? DueLane(Instant now)
    {
        foreach (var lane in lanes)
        {
            if (now < lane.NextSend)
                continue;

            if (lane.IsUsedUp)
                lane.MoveTo(TakeTarget(lane), Patience(now));
            return lane;
        }

        if (now < NextLane || targets.Count == 0)
            return null;

        var added = new HelloLane(TakeTarget(null), Patience(now), now);
        lanes.Add(added);
        return added;
    }

    /// <summary>
    /// The next image that has left and that EARLY packets have yet to follow; null when there is none. Each lane's newest is one: which of
    /// the two will be answered is not known. One whose ACK was of no use has no keys any more.
    /// </summary>
    /// <param name="count">Packets that are to follow each.</param>
    public HelloImage? FindEarlyImage(int count)
    {
        foreach (var lane in lanes)
        {
            if (lane.Newest is { Sends: > 0, Handshake.IsWaiting: true } image && image.EarlySent < count)
                return image;
        }

        return null;
    }

    public void Dispose()
    {
        foreach (var lane in lanes)
        {
            lane.Newest?.Dispose();
            lane.Previous?.Dispose();
        }

        lanes.Clear();
    }

    // The address that no lane has had for longest; the lane's own when there is no other.
    private HelloTarget TakeTarget(HelloLane? lane)
    {
        var next = lane?.Target;
        foreach (var target in targets)
        {
            if (!IsTaken(target) && (next is null || target.Turn < next.Turn))
                next = target;
        }

        next!.Turn = ++turns;
        return next;
    }

    private bool IsTaken(HelloTarget target)
    {
        foreach (var lane in lanes)
        {
            if (lane.Target == target)
                return true;
        }

        return false;
    }

    // Sends of the next image: three, or as many as let every address that was not tried yet have its turn before the deadline.
    private int Patience(Instant now)
    {
        var untried = 0;
        foreach (var target in targets)
        {
            if (target.Turn == 0)
                untried++;
        }

        var turnsLeft = 1 + ((untried + NodeTimings.RacingMax - 1) / NodeTimings.RacingMax);
        var time = Deadline - now;
        var sends = NodeTimings.ImageSendsMax;
        while (sends > 1 && untried > 0 && turnsLeft * NodeTimings.HelloIntervalFirst * ((1 << sends) - 1) > time)
            sends--;
        return sends;
    }
}
