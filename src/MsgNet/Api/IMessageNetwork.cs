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

    /// <summary>
    /// Asks an address, which holds no peer id, for the peer id of whoever is there. <b>The answer is not authenticated</b>: whoever can
    /// send from that address, or change what comes from it, can claim to be any peer. Compare it with what you expect, or keep it and
    /// insist on it from then on (trust on first use). A later message proves that who gets it owns that id, nothing about the address.
    /// </summary>
    /// <param name="address">Such as <c>/ip4/192.0.2.7/udp/4001</c> or <c>/dns/example.org/udp/4001</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentException">The address names its peer already, or no registered transport can ask it.</exception>
    /// <exception cref="TimeoutException">
    /// Nobody answered within <see cref="MsgNetOptions.DialTimeout"/>: nobody is there, or it does not answer
    /// (<see cref="MsgNetOptions.AnswerWho"/>).
    /// </exception>
    /// <exception cref="MsgNetException">A name cannot be looked up, there is no port, or 256 addresses are being asked.</exception>
    ValueTask<PeerId> Resolve(Multiaddress address, CancellationToken cancellationToken = default);

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
