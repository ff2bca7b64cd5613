namespace MsgNet;

/// <summary>Addresses of peers, each with an expiry; bounded (32 per peer, 65,536 peers). Safe on any thread.</summary>
public interface IPeerstore
{
    /// <summary>
    /// Adds an address for <paramref name="lifetime"/>; an address that is known lives on until the later of both ends. A trailing
    /// <c>/p2p</c> must name the peer.
    /// </summary>
    /// <exception cref="ArgumentException">The address names another peer.</exception>
    void AddAddress(PeerId peer, Multiaddress address, TimeSpan lifetime);

    /// <summary>Adds an address that never expires.</summary>
    void AddAddress(PeerId peer, Multiaddress address);

    /// <summary>Addresses of a peer that have not expired, the most recently useful first.</summary>
    IReadOnlyList<Multiaddress> Addresses(PeerId peer);

    /// <summary>Peers with an address.</summary>
    IReadOnlyList<PeerId> Peers();

    /// <summary>Forgets a peer; false when it was not known.</summary>
    bool Remove(PeerId peer);
}
