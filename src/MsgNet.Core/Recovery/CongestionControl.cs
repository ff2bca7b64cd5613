namespace MsgNet.Core;

/// <summary>What chooses how fast a path is sent to.</summary>
public enum CongestionControl
{
    /// <summary>
    /// A model of the path, after BBR: the rate that arrives and the least round-trip time. Keeps queues short and survives random loss.
    /// </summary>
    Model,

    /// <summary>CUBIC (RFC 9438): every loss means a full queue. For paths shared with much TCP, as an equal of it.</summary>
    Cubic,
}
