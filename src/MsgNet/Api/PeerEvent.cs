namespace MsgNet;

/// <summary>What happened with a peer.</summary>
public enum PeerEventKind
{
    /// <summary>A channel stands.</summary>
    Connected,

    /// <summary>The last channel is gone.</summary>
    Disconnected,

    /// <summary>The peer lost its memory of us and came back.</summary>
    Restarted,

    /// <summary>No address of the peer answered.</summary>
    Unreachable,

    /// <summary>The channel goes on to another address, which the peer has proven to be its own.</summary>
    Moved,
}

/// <summary>Something that happened with a peer.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Peer">The peer.</param>
/// <param name="Address">Where it is, or was; null when no address is concerned.</param>
/// <param name="Reason">Why, in words; empty when there is nothing to say.</param>
public sealed record PeerEvent(PeerEventKind Kind, PeerId Peer, Multiaddress? Address, string Reason);
