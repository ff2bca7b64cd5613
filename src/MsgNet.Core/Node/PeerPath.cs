namespace MsgNet.Core;

/// <summary>
/// One remote address of a peer with its RTT, congestion window and datagram size; outlives the keys used over it (REC-051).
/// </summary>
internal sealed class PeerPath(in NetAddress address)
{
    public NetAddress Address { get; } = address;

    public PathRecovery Recovery { get; } = new(Limits.DatagramSizeMin);

    /// <summary>UDP payload this path carries.</summary>
    public int DatagramSize { get; } = Limits.DatagramSizeMin;
}
