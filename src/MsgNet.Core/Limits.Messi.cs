namespace MsgNet.Core;

/// <content>Messi (messi.md).</content>
public static partial class Limits
{
    /// <summary>Largest payload of a compact frame in bytes: what its 24 bits of size can say.</summary>
    public const int MessiCompactPayloadMax = (1 << 24) - 1;

    /// <summary>Largest message an end takes unless told otherwise, in bytes: what fits either wire format.</summary>
    public const int MessiMessageSizeDefault = MessiCompactPayloadMax;

    /// <summary>
    /// Largest message an end can be told to take, in bytes: a message is one buffer at each end, and files have streams to go by.
    /// </summary>
    public const int MessiMessageSizeMax = 256 * 1024 * 1024;

    /// <summary>
    /// Pongs that may wait to be sent to one client: a client that pings without reading costs this and no more, and one that
    /// reads has a single ping under way.
    /// </summary>
    public const int MessiPongsWaitingMax = 64;

    /// <summary>
    /// Calls of one pair that may wait for their responses on a connection, the cancelled ones included: a peer that answers none of
    /// them costs half a MiB, and who has so many under way has lost count.
    /// </summary>
    public const int MessiCallsWaitingMax = 4_096;

    /// <summary>Longest address of a server in characters: the longest DNS name and all that stands around it.</summary>
    public const int MessiAddressLengthMax = 512;

    /// <summary>Time between a client's pings: the original's, a second below where its servers give up.</summary>
    public static readonly TimeSpan MessiKeepAliveInterval = TimeSpan.FromSeconds(2);

    /// <summary>Time without a ping after which a server gives up: the original's.</summary>
    public static readonly TimeSpan MessiKeepAliveTimeout = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long a server waits for a client's first byte, which tells its format, before it speaks: deployed clients ping after 2 s.
    /// </summary>
    public static readonly TimeSpan MessiFormatDetectionTime = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long an attempt to connect may take: two repetitions of a lost SYN, after 1 and 3 s, and time for their answer.
    /// </summary>
    public static readonly TimeSpan MessiConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>First delay before connecting again: the original's.</summary>
    public static readonly TimeSpan MessiReconnectDelay = TimeSpan.FromSeconds(1);

    /// <summary>
    /// What that delay doubles to: a server that was away for hours is met within half a minute, and an absent one costs a SYN in 30 s.
    /// </summary>
    public static readonly TimeSpan MessiReconnectDelayMax = TimeSpan.FromSeconds(30);
}
