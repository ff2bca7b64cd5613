namespace MsgNet.Core;

/// <summary>
/// Times of MSP over datagrams (<c>specs/msp.md</c> sections 3 to 5); those of deployed nodes, unless a reason stands here.
/// </summary>
internal static class MspTimings
{
    /// <summary>How long a bare FIRST waits for a message that may take its place.</summary>
    public static readonly TimeSpan ConnectDelay = TimeSpan.FromMilliseconds(10);

    /// <summary>When a packet of the Serval profile is sent again.</summary>
    public static readonly TimeSpan Retransmission = TimeSpan.FromMilliseconds(1_500);

    /// <summary>
    /// Longest wait of the Default profile before it sends again, unless the round trip is longer: twenty attempts before the peer gives
    /// up. At 30 % loss each way one closing in a million finds all of them in vain.
    /// </summary>
    public static readonly TimeSpan BackoffMax = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest silence of this side.</summary>
    public static readonly TimeSpan Keepalive = TimeSpan.FromMilliseconds(1_500);

    /// <summary>Silence of the peer that ends a connection.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a completed connection repeats its last acknowledgement: as long as the peer, which has heard nothing since, goes on
    /// asking.
    /// </summary>
    public static readonly TimeSpan Linger = Timeout;

    /// <summary>Longest wait of data for its acknowledgement.</summary>
    public static readonly TimeSpan AckDelay = TimeSpan.FromMilliseconds(1);
}
