namespace MsgNet.Core;

/// <content>Lanes (lanes.md).</content>
public static partial class Limits
{
    /// <summary>
    /// Segments a lane's receiver accepts before it has said otherwise: what an initial congestion window holds, and some more.
    /// </summary>
    public const int LaneWindowInitial = 16;

    /// <summary>
    /// Most segments a lane's receiver accepts: with the 8,128 packets that the replay window lets come late, every distance between
    /// numbers stays below 32,768, where 16 bits become ambiguous.
    /// </summary>
    public const int LaneWindowMax = 8_192;

    /// <summary>
    /// Segments by which the windows of all peers of a node may grow beyond each one's own budget: 128 MiB of buffers. A lane of 100 MB/s
    /// and 40 ms through 10 % of loss needs 4,700 of them, so a dozen such peers at once have all they can use, and 16,384 strangers not
    /// more than that together.
    /// </summary>
    public const int LaneWindowsShared = 65_536;

    /// <summary>
    /// Round trips in which half of a window is consumed where the window may be what limits: a segment that was lost twice arrives after
    /// three, and all that follows it waits in the window meanwhile.
    /// </summary>
    public const int LaneWindowRoundTrips = 3;

    /// <summary>Segments acknowledged under other keys after which 16 bits no longer say which segment an acknowledgement means.</summary>
    public const int LaneAckDistanceMax = 32_768;

    /// <summary>Lanes that one side may have open: far more than a host has protocols in use with one peer.</summary>
    public const int LanesPerSideMax = 128;

    /// <summary>
    /// Lanes of each side kept in all, those included that wait for the peer to hear that they are over: as many as have numbers that are
    /// remembered.
    /// </summary>
    public const int LanesKeptMax = 960;

    /// <summary>Width of the window over a side's lane numbers, of either kind, in bits; 960 of them are usable (RFC 6479).</summary>
    public const int LaneNumberWindow = 1_024;

    /// <summary>Bytes of data in a segment: what a datagram of most paths holds.</summary>
    public const int LaneSegmentMax = DatagramSizeEthernet;

    /// <summary>
    /// Segments of one lane in a datagram: an older packet than the 8,128 of the replay window is refused, so what arrives is never 32,768
    /// behind, where 16 bits of sequence number would be ambiguous.
    /// </summary>
    public const int LaneSegmentsPerDatagramMax = 4;

    /// <summary>
    /// Room in a datagram below which a new segment waits for the next one: 512 bytes hold the longest name, and header and seal are
    /// little beside them.
    /// </summary>
    public const int LaneSegmentMin = 512;

    /// <summary>Bytes that wait on a lane until they are cut into segments; a larger single message enters an empty buffer.</summary>
    public const int LaneSendBufferBytes = 256 * 1024;

    /// <summary>What a message costs in that buffer beyond its bytes, so that empty messages are bounded too.</summary>
    public const int LaneMessageOverhead = 16;

    /// <summary>
    /// Bytes of an unfinished message that every lane may join; more needs one of the peer's slots, of which half the receive budget holds
    /// as many of the largest messages.
    /// </summary>
    public const int LaneJoinBytesFree = 64 * 1024;

    /// <summary>STOPs of lanes sent per second and peer: refusal must stay cheaper than the offence.</summary>
    public const int LaneStopsPerSecondMax = 100;

    /// <summary>STOPs of lanes that wait for that rate.</summary>
    public const int LaneStopsMax = 1_024;

    /// <summary>
    /// How long a lane's first segment whose pieces were all reported may stay unacknowledged before it goes again, at least: handlers are
    /// mostly done by then.
    /// </summary>
    public static readonly TimeSpan PiecesDoubtMin = TimeSpan.FromMilliseconds(500);

    /// <summary>What that time doubles to: a handler that takes long costs one segment of its lane each 5 s.</summary>
    public static readonly TimeSpan PiecesDoubtMax = TimeSpan.FromSeconds(5);

    /// <summary>How long segments wait for the first one of their lane.</summary>
    public static readonly TimeSpan LaneOpenTime = TimeSpan.FromSeconds(10);

    /// <summary>How long after its last message a message lane is closed: opening another costs no round trip.</summary>
    public static readonly TimeSpan LaneIdleTime = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Silence on a message lane of the peer, everything consumed, after which its opener must have forgotten it: that one closes it after
    /// 60 s, and is lost, or back, 35 s after it was last heard of.
    /// </summary>
    public static readonly TimeSpan LaneForgottenTime = TimeSpan.FromSeconds(180);

    /// <summary>
    /// How long something said on lanes may wait for its acknowledgement before the peer is asked whether it still lives: as long as an
    /// unanswered packet is waited for (SEC-082).
    /// </summary>
    public static readonly TimeSpan LaneAskTime = TimeSpan.FromSeconds(15);
}
