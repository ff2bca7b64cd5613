namespace MsgNet.Core;

/// <summary>
/// What two peers remember of each other beyond one set of keys: the names and ids of both directions, open requests, stored replies,
/// unfinished fragments (SEC-101 to SEC-104). It lives while anything uses it, and 180 s longer.
/// </summary>
internal sealed class Association(ulong localIncarnation, NodeCounters counters)
{
    // Ids count from 1, so no correct peer comes near 2^47; the bits above tell the lives of the peer apart.
    private const int IdBits = 47;
    private const ulong IdMask = (1UL << IdBits) - 1;

    // Made by the first that needs one: most peers never ask, and every datagram looks here for what is due.
    private ResetBudget? resets;
    private IncomingIds? incomingIds;
    private IncomingNames? incomingNames;
    private PendingRequests? requests;
    private ReplyStore? replies;
    private FragmentReassembler? fragments;
    private OutgoingNames outgoingNames = new();

    /// <summary>This side's half: random, not 0, new with every association.</summary>
    public ulong LocalIncarnation { get; } = localIncarnation;

    /// <summary>The peer's half; 0 while unknown.</summary>
    public ulong RemoteIncarnation { get; private set; }

    /// <summary>Newest HELLO timestamp of the peer's present incarnation (SEC-059).</summary>
    public ulong LastHelloTimestamp { get; private set; }

    /// <summary>The EARLY packets of the attempt last delivered; null when none was, in this life of the peer.</summary>
    public EarlyWindow? EarlyWindow { get; private set; }

    /// <summary>
    /// Until then the peer may repeat what a first flight of it delivered here, not knowing this half; zero when it is known to know it.
    /// </summary>
    public Instant UnansweredUntil { get; private set; }

    public ref OutgoingNames OutgoingNames => ref outgoingNames;

    public OutgoingIds OutgoingIds { get; } = new();

    public PendingRequests Requests => requests ??= new PendingRequests();

    /// <summary>Requests of this side are open.</summary>
    public bool HasRequests => requests is { Count: > 0 };

    /// <summary>Lanes of both sides; null before the first.</summary>
    public LaneTable? Lanes { get; set; }

    /// <summary>Replies that found no room on their lanes.</summary>
    public KeptReplies KeptReplies { get; } = new();

    public IncomingNames IncomingNames => incomingNames ??= new IncomingNames(resets ??= new ResetBudget());

    public ReplyStore Replies => replies ??= new ReplyStore(IncomingIds);

    public FragmentReassembler Fragments => fragments ??= new FragmentReassembler(counters);

    /// <summary>When a request, a stored reply or an unfinished frame is due.</summary>
    public Instant NextTimer
    {
        get
        {
            var next = requests?.NextTimer ?? Instant.Never;
            if (replies is not null)
                next = Instant.Min(next, replies.NextTimer);
            return fragments is null ? next : Instant.Min(next, fragments.NextTimer);
        }
    }

    /// <summary>Frames of the peer that did not parse; 100 close the session (MP-027).</summary>
    public int BadFrames { get; set; }

    /// <summary>Which of all halves of peers this node has met: replies to an earlier one must not reach this one.</summary>
    public ushort Life { get; private set; }

    /// <summary>Of lanes nothing waits to be sent or to be acknowledged.</summary>
    public bool AreLanesDrained => Lanes is not { IsDrained: false } && KeptReplies.Count == 0;

    /// <summary>Begins this side's half.</summary>
    /// <param name="random">Draws the incarnation (SEC-101).</param>
    /// <param name="life">A number the node has not given lately.</param>
    /// <param name="counters">Where drops are counted.</param>
    public static Association Create(IRandom random, ushort life, NodeCounters counters)
    {
        var incarnation = random.NextUInt64();
        return new Association(incarnation == 0 ? 1 : incarnation, counters) { Life = life };
    }

    /// <summary>
    /// Takes note of the peer's incarnation; true when it differs from the one known: the peer restarted, and its half is forgotten.
    /// </summary>
    /// <param name="incarnation">What a handshake showed.</param>
    /// <param name="life">A number the node has not given lately, for a new half of the peer.</param>
    public bool OnIncarnation(ulong incarnation, ushort life)
    {
        var restarted = RemoteIncarnation != 0 && RemoteIncarnation != incarnation;
        RemoteIncarnation = incarnation;
        if (!restarted) // SEC-103
            return false;

        Life = life;
        LastHelloTimestamp = 0;
        EarlyWindow = null;
        UnansweredUntil = Instant.Zero;
        HadKeys = false;
        ForgetIncoming();

        // The new incarnation knows none of our numbers: every name is announced again.
        OutgoingNames.NewPath();
        return true;
    }

    /// <summary>True when the frames of a HELLO with this timestamp have not been delivered yet (SEC-059).</summary>
    public bool TryTakeTimestamp(ulong timestamp)
    {
        if (timestamp <= LastHelloTimestamp)
            return false;

        LastHelloTimestamp = timestamp;
        return true;
    }

    /// <summary>The frames of an attempt are delivered: so may be its EARLY packets.</summary>
    public void OnFirstFlight(Instant now, ulong timestamp)
    {
        EarlyWindow = new EarlyWindow(timestamp);
        UnansweredUntil = now + NodeTimings.AttemptMax;
    }

    /// <summary>Keys were proven with the peer's present incarnation.</summary>
    public bool HadKeys { get; private set; }

    /// <summary>Keys are proven: the peer knows this half.</summary>
    public void OnEstablished()
    {
        UnansweredUntil = Instant.Zero;
        HadKeys = true;
    }

    /// <summary>True the first time a TAGGED ONCE id is seen.</summary>
    public bool TryAcceptId(ulong id) => IncomingIds.TryAccept(id);

    /// <summary>An ACK or RESET of a name the peer announced is due.</summary>
    public bool HasControl(Instant now) => incomingNames is not null && incomingNames.HasControl(now);

    /// <summary>Writes those that are due, as many as fit and may leave; false when it wrote none.</summary>
    public bool TryWriteControl(Instant now, ref WireWriter writer) =>
        incomingNames is not null && incomingNames.TryWriteControl(now, ref writer);

    /// <summary>Drops replies that were kept long enough, and frames whose missing pieces will not come.</summary>
    public void Expire(Instant now)
    {
        fragments?.Expire(now);
        replies?.Expire(now);
    }

    /// <summary>Gives back what it has of pools.</summary>
    public void Release()
    {
        fragments?.Clear();
        Lanes?.Dispose();
    }

    /// <summary>What the driver answers a request by; false for an id that no correct peer has reached.</summary>
    public bool TryMakeToken(ulong id, out ulong token)
    {
        token = ((ulong)Life << IdBits) | id;
        return id <= IdMask;
    }

    /// <summary>The request a token stands for; false when it came from an earlier life of the peer (REQ-011).</summary>
    public bool TryReadToken(ulong token, out ulong id)
    {
        id = token & IdMask;
        return id != 0 && token >> IdBits == Life;
    }

    /// <summary>
    /// Ends the request that a REPLY answers, and frees its id; false when none of that id waits for it. The answer itself is left to add.
    /// </summary>
    /// <param name="peer">The peer.</param>
    /// <param name="id">The id of the request.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="carrier">The lane it came on; null for a datagram.</param>
    /// <param name="reply">What to tell the requester.</param>
    public bool TryTakeReplied(PeerId peer, ulong id, ReplyStatus status, Lane? carrier, out NodeEvent reply)
    {
        reply = default;
        if (!Requests.TryTakeReplied(id, carrier, out var request))
            return false;

        OutgoingIds.Release(id);
        reply = new NodeEvent
        {
            Kind = NodeEventKind.Reply,
            Peer = peer,
            Protocol = request.Protocol,
            RequestId = id,
            State = request.State,
            Status = (byte)status,
            Lane = carrier,
        };
        return true;
    }

    private IncomingIds IncomingIds => incomingIds ??= new IncomingIds();

    private void ForgetIncoming()
    {
        fragments?.Clear();
        incomingIds = null;
        incomingNames = null;
        replies = null;
        fragments = null;
        BadFrames = 0;
    }
}
