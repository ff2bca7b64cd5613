namespace MsgNet;

/// <summary>One socket, many peers, many protocols: Multipacket on a socket.</summary>
public interface ISessionedSocket : IMessageSocket
{
    /// <summary>
    /// Opens a session to a peer on a protocol; <paramref name="handler"/> takes that peer's messages on it. Does no I/O.
    /// </summary>
    ISocketSession NewSession(ProtocolId protocol, PeerInfo peer, MessageHandler handler);
}
