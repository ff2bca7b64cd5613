namespace MsgNet;

/// <summary>A peer and addresses it may be reached at.</summary>
/// <param name="Id">The peer.</param>
/// <param name="Addresses">Addresses without their <c>/p2p</c> part; may be empty.</param>
public sealed record PeerInfo(PeerId Id, IReadOnlyList<Multiaddress> Addresses)
{
    /// <summary>A peer of which no address is known here.</summary>
    public PeerInfo(PeerId id)
        : this(id, [])
    {
    }
}
