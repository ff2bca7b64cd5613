namespace MsgNet.Core;

/// <summary>
/// Every bound of the protocols in one place, each with its reason. Options may lower some of them, never raise one above this table.
/// </summary>
public static partial class Limits
{
    // ---- Datagrams (secure-datagrams.md 2, multipacket.md 4) ----

    /// <summary>UDP payload every path is assumed to carry: the IPv6 minimum MTU of 1,280 less headers, rounded down (RFC 8899).</summary>
    public const int DatagramSizeMin = 1200;

    /// <summary>An Ethernet frame less IPv4 and UDP headers: what most paths carry, and the most that EARLY and ACK have.</summary>
    public const int DatagramSizeEthernet = 1472;

    /// <summary>The same over IPv6, whose header is 20 bytes longer.</summary>
    public const int DatagramSizeEthernetIPv6 = 1452;

    /// <summary>Largest UDP payload probed for: a jumbo frame of 9,000 bytes less IPv4 and UDP headers.</summary>
    public const int DatagramSizeMax = 8972;

    /// <summary>The same over IPv6.</summary>
    public const int DatagramSizeMaxIPv6 = 8952;

    /// <summary>Probes of one size before a smaller one is tried (RFC 8899 section 5.1.2).</summary>
    public const int DatagramSizeTriesMax = 3;

    /// <summary>Datagrams above the least size lost in a row that mean the path no longer carries them.</summary>
    public const int LargeLossesMax = 3;

    /// <summary>DATA header and tag around the frames.</summary>
    public const int SealOverhead = 32;

    /// <summary>Largest HELLO: what passes on every path without probing.</summary>
    public const int HelloSizeMax = 1200;

    /// <summary>Largest datagram a port accepts at all; a larger one is not ours.</summary>
    public const int DatagramReceiveMax = 65_535;

    // ---- Messages (multipacket.md 4) ----

    /// <summary>Largest unreliable message: 64 fragments of a small datagram hold it, and its length fits 16 bits.</summary>
    public const int UnreliableMessageMax = 65_535;

    /// <summary>Default largest reliable message: what a peer may make us buffer without being asked.</summary>
    public const int ReliableMessageDefault = 1 << 20;

    /// <summary>Least bound on reliable messages that may be set: what travels unreliably must fit a lane too.</summary>
    public const int ReliableMessageMin = 64 * 1024;

    /// <summary>Largest reliable message that may be allowed: above it a file is better sent as a stream.</summary>
    public const int ReliableMessageMax = 16 << 20;

    /// <summary>
    /// Messages of the largest size that the receive budget of a peer holds at least: half of it is cut into slots for large messages.
    /// </summary>
    public const int ReceiveBudgetMessages = 4;

    /// <summary>Bytes that the lanes of one peer may keep of what they received, unless larger messages are allowed.</summary>
    public const int ReceiveBudgetDefault = 8 << 20;

    /// <summary>Largest receive budget of one peer: a quarter of a gigabyte is what a node may hold for all of them.</summary>
    public const int ReceiveBudgetMax = 256 << 20;

    /// <summary>Longest protocol name: fits an INIT of one datagram with room for a message.</summary>
    public const int ProtocolNameMax = 140;

    /// <summary>Pieces of one fragmented frame: 64 × 1,163 B &gt; 65,535 B.</summary>
    public const int FragmentsMax = 64;

    /// <summary>
    /// Unfinished fragmented frames held per peer; the oldest goes. Half of them repair a full window of segments in 128 round trips,
    /// when a path turns out to carry less than they were cut for.
    /// </summary>
    public const int ReassembliesMax = 128;

    /// <summary>
    /// Segments of lanes under way in pieces: half of what the peer puts together at once, so that they do not push out each other.
    /// </summary>
    public const int SegmentsInPiecesMax = ReassembliesMax / 2;

    /// <summary>Bytes of unfinished fragmented frames per peer: four of the largest.</summary>
    public const int ReassemblyBytesMax = 256 * 1024;

    /// <summary>How long an unfinished fragmented frame waits for its pieces; longer than any sane reordering.</summary>
    public static readonly TimeSpan ReassemblyLifetime = TimeSpan.FromSeconds(2);

    // ---- Multipacket (multipacket.md 3, requests.md) ----

    /// <summary>Protocol names per carrier and direction; a sender never opens one more.</summary>
    public const int NamesMax = 256;

    /// <summary>Tagged ids a sender keeps open at once.</summary>
    public const int OpenIdsMax = 1024;

    /// <summary>Width of the receiver's window over tagged ids; the sender keeps newest − oldest open below it.</summary>
    public const int IdWindow = 16_384;

    /// <summary>Bad frames in one session before it is closed with code 2.</summary>
    public const int BadFramesMax = 100;

    /// <summary>RESET frames sent per second and peer: refusal must stay cheaper than the offence.</summary>
    public const int ResetsPerSecondMax = 10;

    /// <summary>
    /// Replies kept for repetition, per peer: as many as requests may be under way, so that not one of them loses its reply to the others.
    /// </summary>
    public const int StoredRepliesMax = OpenIdsMax;

    /// <summary>Bytes of replies kept for repetition, per peer.</summary>
    public const int StoredReplyBytesMax = 64 * 1024;

    /// <summary>
    /// How long a reply is kept for repetition: a request in a first flight may run 20 s before its sender has keys to hear the answer, and
    /// waits 10 s by default.
    /// </summary>
    public static readonly TimeSpan StoredReplyLifetime = TimeSpan.FromSeconds(30);

    /// <summary>Least time between two ACKs of one INIT mapping.</summary>
    public static readonly TimeSpan AckRepeatMin = TimeSpan.FromMilliseconds(25);

    // ---- Queues (recovery.md 5, api.md 4) ----

    /// <summary>Unreliable messages queued per peer: of 27 bytes each they fill <see cref="QueueBytesMax"/>.</summary>
    public const int QueueMessagesMax = 2_048;

    /// <summary>Bytes of unreliable messages queued per peer, each with the head of its frame.</summary>
    public const int QueueBytesMax = 64 * 1024;

    /// <summary>Runs of messages alike in that queue, requests among them; they take 12 KiB.</summary>
    public const int QueueRunsMax = 256;

    /// <summary>How much later than its first a message of a run may come: by so much less than its time it may wait.</summary>
    public static readonly TimeSpan QueueRunSpan = TimeSpan.FromMilliseconds(1);

    /// <summary>How long an unreliable message may wait in the queue of an open path: older news is no news.</summary>
    public static readonly TimeSpan QueueLifetime = TimeSpan.FromMilliseconds(500);

    /// <summary>Messages queued for one handler.</summary>
    public const int HandlerQueueMessagesMax = 256;

    /// <summary>Bytes queued for one handler; a larger single message enters an empty queue.</summary>
    public const int HandlerQueueBytesMax = 1 << 20;

    /// <summary>
    /// Messages for inline handlers that a host holds while it works on what arrived at once: a run of datagrams, 65,507
    /// bytes, holds 1,800 of 32 bytes.
    /// </summary>
    public const int InlineBatchMessagesMax = 4_096;

    /// <summary>Bytes of those messages: what a handler's queue may hold; a larger single message enters an empty batch.</summary>
    public const int InlineBatchBytesMax = 1 << 20;

    /// <summary>Calls of one handler at once; each holds a slot with a timer.</summary>
    public const int HandlerConcurrencyMax = 1024;

    /// <summary>Longest timeout of a handler's call: whoever asked has given up long before.</summary>
    public static readonly TimeSpan HandlerTimeoutMax = TimeSpan.FromHours(1);

    // ---- Tables (api.md 7, secure-datagrams.md 6) ----

    /// <summary>Peers with state in one node.</summary>
    public const int PeersMax = 16_384;

    /// <summary>Handshakes answered but not yet confirmed; the oldest goes.</summary>
    public const int HalfOpenMax = 4_096;

    /// <summary>Confirmed peers at one IPv4 address or IPv6 /64: more than a household or office has there, less than a table.</summary>
    public const int PeersPerAddressMax = 64;

    /// <summary>
    /// Half-open handshakes above which every HELLO needs a cookie: more than honest dials leave open, an eighth of the table.
    /// </summary>
    public const int HalfOpenCalm = 512;

    /// <summary>
    /// Handshakes begun per second with addresses of confirmed peers, and as many with all others. Both take about a quarter of a core.
    /// </summary>
    public const int HandshakesPerSecond = 500;

    /// <summary>
    /// Handshakes begun at once: some 10 ms of a core, the longest a flood makes datagrams of sessions wait. Half of it is for HELLOs with
    /// a cookie only.
    /// </summary>
    public const int HandshakesBurst = 50;

    /// <summary>HELLOs with a cookie opened per second and address: as often as anybody behind it could have a reason to.</summary>
    public const int HellosPerAddressPerSecond = 20;

    /// <summary>HELLOs with a cookie opened at once from one address: those of one attempt.</summary>
    public const int HellosPerAddressBurst = 5;

    /// <summary>RETRYs sent per second: 5 Mbit/s, and about a tenth of a core.</summary>
    public const int RetriesPerSecond = 10_000;

    /// <summary>RETRYs sent at once: those of a tenth of a second.</summary>
    public const int RetriesBurst = 1_000;

    /// <summary>RETRYs sent per second and address, which may belong to a victim of whoever made it up.</summary>
    public const int RetriesPerAddressPerSecond = 20;

    /// <summary>
    /// Ephemeral keys remembered per generation of 60 s, to answer a repeated HELLO once. More than the two handshake budgets admit in that
    /// time: 2 × (500 × 60 + 50) = 60,100; and with every half-open handshake, which delivers late what it held, 64,196 attempts.
    /// </summary>
    public const int EphemeralCacheMax = 65_536;

    /// <summary>EARLY packets of one attempt: enough for a burst of small messages.</summary>
    public const int EarlyPacketsMax = 32;

    /// <summary>
    /// Bytes that one attempt sends as EARLY to an address nobody has answered from: the initial congestion window of ten datagrams.
    /// </summary>
    public const int EarlyBytesMax = 10 * DatagramSizeMin;

    /// <summary>Width of the replay window over packet counters, in bits; 8,128 of them are usable (RFC 6479).</summary>
    public const int ReplayWindowBits = 8_192;

    /// <summary>Bytes an unproven address may be sent for each byte received from it.</summary>
    public const int AmplificationFactor = 3;

    /// <summary>Remote addresses of one peer whose round-trip time and window are remembered: enough for a handshake on the move.</summary>
    public const int PathsMax = 4;

    /// <summary>Other addresses of one peer with a ledger; a peer that moves is at one, the rest is for copies of its packets.</summary>
    public const int PathCandidatesMax = 4;

    /// <summary>Challenges to one candidate address.</summary>
    public const int PathChallengesMax = 3;

    /// <summary>
    /// Remote addresses whose rate of HELLO, RETRY, HINT or IAM is remembered, in each table: 128 KiB, and more than a second of any.
    /// </summary>
    public const int AddressBucketsMax = 4_096;

    /// <summary>
    /// Ended halves of peers that may not know it, each kept for 20 s (150 KiB): as many as a busy host closes in that time while
    /// handshakes are under way, with room to spare. The table is made in one piece, as large as one datagram may allocate.
    /// </summary>
    public const int FormerHalvesMax = 1_024;

    /// <summary>
    /// Floors of timestamps for peers whose clocks are ahead (8 KiB): enough that a peer shares one with few, and a bound on what many keys
    /// can do, which is a RETRY for everybody.
    /// </summary>
    public const int TimestampFloorsMax = 1_024;

    /// <summary>Answers to strangers that wait to leave: more than one receive batch can cause.</summary>
    public const int LooseRepliesMax = 128;

    /// <summary>HINTs sent per second, to everybody: what a flood of DATA with wrong indices can cost at most.</summary>
    public const int HintsPerSecondMax = 1_000;

    /// <summary>HINTs sent per second to one address and port: one is enough to make its peer ask.</summary>
    public const int HintsPerAddressPerSecondMax = 1;

    /// <summary>Closed sessions that may still have to repeat their CLOSE; the one nearest to its end goes.</summary>
    public const int DrainingMax = 1_024;

    /// <summary>Packets under one key before it is replaced: far from where ChaCha20-Poly1305 wears out.</summary>
    public const ulong RekeyAfterPackets = 1UL << 40;

    /// <summary>
    /// The same under AES-256-GCM: after so many of at most 2,048 bytes an attacker tells it from a random cipher with a chance of at most
    /// 2^-57 (RFC 9001 appendix B.1).
    /// </summary>
    public const ulong RekeyAfterPacketsAes = 1UL << 28;

    /// <summary>Packets that did not open under one key before its session is closed: 2^36, the bound of RFC 8439's tag.</summary>
    public const long ForgeriesMax = 1L << 36;

    /// <summary>Addresses asked for their key at once (WHO): a scan of a network is not what it is for.</summary>
    public const int QuestionsMax = 256;

    /// <summary>Answers to WHO in a second, to all addresses together: a small part of a core and of a link.</summary>
    public const int IamsPerSecondMax = 1_000;

    /// <summary>Answers to WHO in a second to one address and port: who asks again has had its answer lost.</summary>
    public const int IamsPerAddressPerSecondMax = 1;

    // ---- Recovery (recovery.md) ----

    /// <summary>Sent packets remembered per path: two full congestion windows of any path worth using.</summary>
    public const int SentPacketsMax = 16_384;

    /// <summary>Items of sent packets remembered per path, four a packet: 2 MiB. Beyond it the path is closed.</summary>
    public const int SentItemsMax = 4 * SentPacketsMax;

    /// <summary>Ranges of one REPORT.</summary>
    public const int ReportRangesMax = 32;

    /// <summary>Longest delay of a REPORT; a constant both ends know.</summary>
    public static readonly TimeSpan AckDelayMax = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// Longest wait before a lost acknowledgement, window or STOP of a lane is said again on a silent path: with the three probe timeouts
    /// until it is given up, still less than what a path that comes back is allowed.
    /// </summary>
    public static readonly TimeSpan LaneControlRepeatMax = TimeSpan.FromSeconds(1);

    // ---- MSP over datagrams (msp.md) ----

    /// <summary>Largest message: what every Serval node takes, over any number of hops.</summary>
    public const int MspMessageMax = 1_024;

    /// <summary>Longest data accepted in a packet: what a Serval node delivers over one hop.</summary>
    public const int MspDataMax = 1_138;

    /// <summary>Longest packet sent.</summary>
    public const int MspPacketMax = MspPacket.HeaderLength + MspMessageMax;

    /// <summary>
    /// Packets a sender keeps unacknowledged at most, and how far ahead a receiver keeps them. With 31,500 new ones in 10 s no sequence
    /// number is 32,768 away from one that is under way.
    /// </summary>
    public const int MspWindowMax = 1_024;

    /// <summary>New data packets of one connection per second, after a burst of <see cref="MspPacketsBurst"/>.</summary>
    public const int MspPacketsPerSecond = 3_100;

    /// <summary>New data packets of one connection at once.</summary>
    public const int MspPacketsBurst = 500;

    /// <summary>
    /// Packets all connections of an endpoint keep of what they received, 64 MiB of them; beyond it each has a window of 4.
    /// </summary>
    public const int MspHeldMax = 65_536;

    /// <summary>Connections of one endpoint.</summary>
    public const int MspConnectionsMax = 4_096;

    /// <summary>Connections accepted whose peers have not yet shown that they heard of it.</summary>
    public const int MspHalfOpenMax = 256;

    /// <summary>Connections that wait for somebody to accept them, per listener: what common systems keep for a TCP listener.</summary>
    public const int MspBacklogMax = 128;

    /// <summary>Packets that wait for a caller-driven pass; later ones are lost, as in a full socket buffer. One full window.</summary>
    public const int MspInboxMax = MspWindowMax;

    /// <summary>Bytes of messages of a connection over lanes that wait for the stream's own buffer; one larger message may.</summary>
    public const int MspLaneBufferBytes = 64 * 1024;

    /// <summary>STOPs in a second for packets of unknown connections.</summary>
    public const int MspStopsPerSecondMax = 100;
}
