namespace MsgNet;

/// <summary>Finds or makes the session to a peer: addresses, transports, sessions. Safe on any thread.</summary>
public interface IMessageNetwork
{
    /// <summary>This host's own peer id.</summary>
    PeerId LocalPeer { get; }

    /// <summary>What is known of peers' addresses.</summary>
    IPeerstore Peerstore { get; }

    /// <summary>
    /// As <see cref="IMessageHost.SendMessage(PeerId, ProtocolId, ReadOnlyMemory{byte}, SendOptions, CancellationToken)"/>.
    /// </summary>
    ValueTask SendMessage(
        PeerId peer, ProtocolId protocol, ReadOnlyMemory<byte> data, SendOptions options, CancellationToken cancellationToken = default);

    /// <summary>As <see cref="IMessageHost.SetMessageHandler(ProtocolId, MessageHandler, HandlerOptions)"/>.</summary>
    void SetMessageHandler(ProtocolId protocol, MessageHandler handler, HandlerOptions options);

    /// <summary>As <see cref="IMessageHost.RemoveMessageHandler"/>.</summary>
    bool RemoveMessageHandler(ProtocolId protocol);

    /// <summary>Listens on an address. On an address that is open already it attaches.</summary>
    /// <exception cref="ArgumentException">No registered transport can listen there; the message names those that there are.</exception>
    /// <exception cref="MsgNetException">The environment refused: the port is taken, the address is not of this machine.</exception>
    ValueTask Listen(Multiaddress address, CancellationToken cancellationToken = default);

    /// <summary>Closes every session to a peer; completes when the goodbye has been handed to the operating system.</summary>
    ValueTask ClosePeer(PeerId peer, CancellationToken cancellationToken = default);

    /// <summary>True when there is a live channel to the peer.</summary>
    bool HasSession(PeerId peer);

    /// <summary>Peers with a live channel.</summary>
    IReadOnlyList<PeerId> Peers();

    /// <summary>Open sockets.</summary>
    IReadOnlyList<ISessionedSocket> Sockets();

    /// <summary>Open sessions to a peer.</summary>
    IReadOnlyList<ISocketSession> Sessions(PeerId peer);

    /// <summary>Registered transports.</summary>
    IReadOnlyList<IMessageTransport> Transports();

    /// <summary>Peers that come, go and cannot be reached, from now on. A reader that falls 1,024 events behind loses the oldest.</summary>
    IAsyncEnumerable<PeerEvent> PeerEvents(CancellationToken cancellationToken = default);

    /// <summary>Closes every session and socket; completes when all is freed.</summary>
    ValueTask Close(CancellationToken cancellationToken = default);
}
