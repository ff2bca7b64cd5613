namespace MsgNet.Core;

/// <summary>What the user of a <see cref="UdpNode"/> may choose.</summary>
public sealed record UdpNodeSettings
{
    /// <summary>Wall clock at <see cref="Instant.Zero"/>, in microseconds since 1970.</summary>
    public required long UnixMicrosecondsAtZero { get; init; }

    /// <summary>
    /// When the node was made. A first packet that is older, or hardly younger, has to come again with a cookie: an earlier node of the
    /// same identity may have taken it (SEC-057).
    /// </summary>
    public required Instant StartedAt { get; init; }

    /// <summary>
    /// True when this is the first node ever of an identity that was generated in this process: no earlier one can have taken anything.
    /// </summary>
    public bool IdentityIsFresh { get; init; }

    /// <summary>Ask every HELLO for a cookie, so that no recorded first flight is ever taken, whatever the clocks say (SEC-050).</summary>
    public bool EarlyNeedsCookie { get; init; }

    /// <summary>Peers with state at once; 1 to <see cref="Limits.PeersMax"/>.</summary>
    public int PeersMax { get; init; } = Limits.PeersMax;

    /// <summary>Largest message of a lane, in bytes; 64 KiB to 16 MiB.</summary>
    public int ReliableMessageSizeMax { get; init; } = Limits.ReliableMessageDefault;

    /// <summary>Bytes the lanes of one peer may keep of what they received; at least four times the largest message.</summary>
    public long LaneReceiveBudget { get; init; } = Limits.ReceiveBudgetDefault;

    /// <summary>
    /// Whether windows of lanes may grow beyond that budget, out of <see cref="Limits.LaneWindowsShared"/> segments which all peers of the
    /// node have together.
    /// </summary>
    public bool LanesShareWindows { get; init; } = true;

    /// <summary>
    /// Ask the driver about a peer that dialled before anything of it is delivered: <see cref="NodeEventKind.PeerAsks"/> (SEC-067).
    /// </summary>
    public bool AskBeforeAccepting { get; init; }

    /// <summary>Tell whoever asks an address of this node for its public key (WHO); it is no secret, but it tells who is where.</summary>
    public bool AnswerWho { get; init; }

    /// <summary>Offer AES-256-GCM where the cryptography has it (SEC-125).</summary>
    public bool OfferAes { get; init; } = true;

    /// <summary>What chooses the window and the rate of each path.</summary>
    public CongestionControl CongestionControl { get; init; }

    /// <summary>Overwrite buffers when they are given back, to catch code that kept a borrowed span.</summary>
    public bool PoisonReturnedBuffers { get; init; }

    /// <summary>Packets under one key before it is replaced, if its suite allows as many; for tests, which cannot send 2^40.</summary>
    internal ulong RekeyAfterPackets { get; init; } = Limits.RekeyAfterPackets;

    /// <summary>Packets under one key before it is refused.</summary>
    internal ulong PacketsMax { get; init; } = PacketCounter.RejectAfter;

    /// <summary>Packets that do not open under one key before its session is closed.</summary>
    internal long ForgeriesMax { get; init; } = Limits.ForgeriesMax;
}
