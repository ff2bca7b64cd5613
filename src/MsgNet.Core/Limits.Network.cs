namespace MsgNet.Core;

/// <content>Bounds above the protocols: what the library keeps for its users.</content>
public static partial class Limits
{
    // ---- Network ----

    /// <summary>
    /// Sessions a network keeps for its own sends: four protocols with each of the most peers; the one not used for longest goes.
    /// </summary>
    public const int NetworkSessionsMax = 65_536;

    /// <summary>
    /// Bytes a session within one process holds for its peer's handler; the same as a lane's send buffer.
    /// </summary>
    public const int MemoryBufferBytesMax = 256 * 1024;

    /// <summary>What a message costs in that buffer beyond its bytes, so that empty messages are bounded too.</summary>
    public const int MemoryMessageOverhead = 64;

    /// <summary>
    /// Sends in <see cref="CallerFlushesInterval"/>, or after something was received, that leave with the call: at a few microseconds each
    /// they cost some percent of a core at most.
    /// </summary>
    public const int CallerFlushesMax = 8;

    /// <summary>Sends further apart than this, eight together, never wait for each other.</summary>
    public static readonly TimeSpan CallerFlushesInterval = TimeSpan.FromMilliseconds(1);

    /// <summary>Datagrams handed to the system in one call: what Linux takes since 6.10.</summary>
    public const int RunDatagramsMax = 128;

    /// <summary>What it took before.</summary>
    public const int RunDatagramsMin = 64;

    /// <summary>Bytes of them together: the largest UDP payload over IPv4.</summary>
    public const int RunBytesMax = 65_507;

    /// <summary>Batches of datagrams, each of one run or several, that a host's threads seal and send at the same time.</summary>
    public const int OutgoingBatchesMax = 8;

    /// <summary>
    /// A datagram is padded by at most this part of itself, to leave together with others: 93 bytes of 5,956, where a call of the system
    /// costs as much as to seal and copy a thousand.
    /// </summary>
    public const int PaddingShare = 64;

    /// <summary>
    /// How long a receiving thread looks for datagrams before it sleeps, unless the application says otherwise: two to three times what
    /// sleeping, waking and cold caches cost, so that it never takes much more of a core than sleep would.
    /// </summary>
    public static readonly TimeSpan ReceiveSpin = TimeSpan.FromMicroseconds(25);

    /// <summary>The longest such look that an application may choose.</summary>
    public static readonly TimeSpan ReceiveSpinMax = TimeSpan.FromMilliseconds(1);

    /// <summary>Sends left to the work item that flushes them: one message each to as many peers takes 512 KiB.</summary>
    public const int SendsLeftMax = 2_048;

    /// <summary>Longest wait for a reply: longer and it is no request but a subscription.</summary>
    public static readonly TimeSpan RequestTimeoutMax = TimeSpan.FromHours(1);

    /// <summary>Peer events a slow reader may fall behind; then the oldest go.</summary>
    public const int PeerEventsMax = 1024;

    /// <summary>Failed ways to peers remembered, so that the next session tries another first.</summary>
    public const int RouteFailuresMax = 1024;

    /// <summary>How long a failed way stands behind the others: longer than a dial, shorter than a user's patience.</summary>
    public static readonly TimeSpan RouteFailureLifetime = TimeSpan.FromSeconds(30);

    /// <summary>Protocols measured under their own name; whoever stores metrics pays for each.</summary>
    public const int MeasuredProtocolsMax = 256;

    // ---- Streams (api.md 15) ----

    /// <summary>
    /// Calls of one stream handler at once: what eight peers can have open. Later streams wait with a closed window.
    /// </summary>
    public const int StreamHandlersMax = 1_024;

    /// <summary>
    /// Bytes thrown away after a stream was disposed before the peer is told: what it may have had under way, one send buffer.
    /// </summary>
    public const int StreamDiscardMax = 256 * 1024;

    // ---- Peerstore ----

    /// <summary>Addresses kept for one peer; the least recently useful goes.</summary>
    public const int AddressesPerPeerMax = 32;

    /// <summary>How long an address that a handshake proved is worth dialling again: what go-libp2p keeps one for.</summary>
    public static readonly TimeSpan ProvenAddressLifetime = TimeSpan.FromMinutes(15);

    /// <summary>Peers the peerstore remembers; the least recently useful goes.</summary>
    public const int PeerstorePeersMax = 65_536;

    /// <summary>Binary length of one multiaddress: an identify message or a peer record of 4 KiB holds no longer one.</summary>
    public const int MultiaddressBytesMax = 4_096;
}
