namespace MsgNet.Core;

/// <summary>
/// What two peers remember of each other beyond one set of keys: the names and ids of both directions, open requests, stored replies, unfinished
/// fragments (SEC-101 to SEC-104). It lives while anything uses it, and 180 s longer.
/// </summary>
internal sealed class Association(ulong localIncarnation)
{
    private readonly ResetBudget resets = new();
    private IncomingIds incomingIds = new();

    /// <summary>This side's half: random, not 0, new with every association.</summary>
    public ulong LocalIncarnation { get; } = localIncarnation;

    /// <summary>The peer's half; 0 while unknown.</summary>
    public ulong RemoteIncarnation { get; private set; }

    /// <summary>Newest HELLO timestamp of the peer's present incarnation (SEC-059).</summary>
    public ulong LastHelloTimestamp { get; private set; }

    public OutgoingNames OutgoingNames { get; } = new();

    public OutgoingIds OutgoingIds { get; } = new();

    public PendingRequests Requests { get; } = new();

    public IncomingNames IncomingNames { get; private set; } = null!;

    public ReplyStore Replies { get; private set; } = null!;

    public FragmentReassembler Fragments { get; private set; } = null!;

    /// <summary>Frames of the peer that did not parse; 100 close the session (MP-012).</summary>
    public int BadFrames { get; set; }

    public static Association Create(IRandom random)
    {
        var incarnation = random.NextUInt64();
        var association = new Association(incarnation == 0 ? 1 : incarnation);
        association.ForgetIncoming();
        return association;
    }

    /// <summary>Takes note of the peer's incarnation; true when it differs from the one known: the peer restarted, and its half is forgotten.</summary>
    public bool OnIncarnation(ulong incarnation)
    {
        var restarted = RemoteIncarnation != 0 && RemoteIncarnation != incarnation;
        RemoteIncarnation = incarnation;
        if (!restarted)
            return false;

        LastHelloTimestamp = 0;
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

    /// <summary>True for a HELLO of another incarnation that is no newer than what this one sent.</summary>
    public bool IsOutdated(ulong incarnation, ulong timestamp) => incarnation != RemoteIncarnation && timestamp <= LastHelloTimestamp;

    /// <summary>True the first time a TAGGED ONCE id is seen.</summary>
    public bool TryAcceptId(ulong id) => incomingIds.TryAccept(id);

    private void ForgetIncoming()
    {
        Fragments?.Clear();
        incomingIds = new IncomingIds();
        IncomingNames = new IncomingNames(resets);
        Replies = new ReplyStore(incomingIds);
        Fragments = new FragmentReassembler();
        BadFrames = 0;
    }
}
