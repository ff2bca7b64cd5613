using MsgNet.Core;

namespace MsgNet.Platform;

/// <summary>How a UDP port moves its datagrams.</summary>
internal sealed record DatagramPortSettings
{
    /// <summary>What ports are opened with when nobody says otherwise.</summary>
    public static DatagramPortSettings Default { get; } = new();

    /// <summary>A run of datagrams is one call of the system, where it can (UDP_SEGMENT out, UDP_GRO in).</summary>
    public bool SegmentationOffload { get; init; } = true;

    /// <summary>How long the receiving thread looks again and again before it blocks; zero: it blocks at once.</summary>
    public TimeSpan ReceiveSpin { get; init; } = Limits.ReceiveSpin;

    /// <summary>Where it counts what it loses, beside other ports; null: by itself.</summary>
    public UdpLosses? Losses { get; init; }
}
