using MsgNet.Core;

namespace MsgNet;

/// <summary>What the network needs of a transport's socket beyond the public interface: the carrier of many peers' messages.</summary>
internal interface ICarrier : ISessionedSocket
{
    /// <summary>Opens a session whose incoming messages go to the network's sink. Does no I/O.</summary>
    ICarrierSession OpenSession(ProtocolId protocol, PeerInfo peer, SendOptions options);

    /// <summary>Asks an address that the transport dials who is there; nothing of the answer is authenticated.</summary>
    ValueTask<PeerId> Resolve(Multiaddress address, CancellationToken cancellationToken);

    /// <summary>True when a live channel to the peer stands.</summary>
    bool HasChannel(PeerId peer);

    /// <summary>
    /// True when the peer can be sent to without an address: over a live channel, or back to where its handshake came from (API-095).
    /// </summary>
    bool CanAnswer(PeerId peer);

    /// <summary>Peers with a live channel.</summary>
    IReadOnlyList<PeerId> ConnectedPeers { get; }

    /// <summary>Says goodbye to a peer and drops its state; the goodbye has been handed to the system when this returns.</summary>
    void ClosePeer(PeerId peer);

    /// <summary>Waits until everything queued has left, at most until the token is cancelled.</summary>
    ValueTask Drain(CancellationToken cancellationToken);
}

/// <summary>A session as the network uses it.</summary>
internal interface ICarrierSession : ISocketSession
{
    /// <summary>
    /// True from the moment it has ended; <see cref="ISocketSession.Completion"/> follows on the scheduler. Written under the gate; read
    /// without it, it is what the reading thread has seen last, or newer.
    /// </summary>
    bool IsEnded { get; }

    /// <summary>True when it was ended by closing it, and not by what happened to it. Under the gate.</summary>
    bool IsClosed { get; }

    /// <summary>
    /// Sends messages of allowed sizes as <see cref="ISocketSession.SendMessage"/> does, but unmeasured. Sends that wait for delivery and
    /// those that do not keep their order on an ordered session.
    /// </summary>
    /// <param name="send">What to send; may be changed.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <param name="sending">The send.</param>
    /// <returns>False when the session was closed before it took anything: there is no send, and another session may take it.</returns>
    bool TrySubmit(ref PendingSend send, CancellationToken cancellationToken, out ValueTask sending);

    /// <summary>
    /// As <see cref="ISocketSession.TrySendMessages"/>, for messages of allowed sizes. When they are tracked, which is under the gate, and
    /// on reliable sessions only, the session will tell of their delivery: it has numbered them one after another.
    /// </summary>
    /// <param name="messages">At least one.</param>
    /// <param name="track">Tell of their delivery.</param>
    /// <param name="lastNumber">The number of the last that was taken.</param>
    /// <returns>How many were taken.</returns>
    int TryTake(ReadOnlySpan<ReadOnlyMemory<byte>> messages, bool track, out ulong lastNumber);

    /// <summary>Sends a request; its end comes to <paramref name="waiter"/>.</summary>
    /// <returns>False when there is no room for another request now: wait with <see cref="WaitForRoom"/>.</returns>
    bool TryRequest(ReadOnlySpan<byte> data, RequestWaiter waiter, Instant deadline);

    /// <summary>Gives up a request: its reply, if any, is dropped.</summary>
    void CancelRequest(RequestWaiter waiter);

    /// <summary>
    /// Completes when something has changed since the last refusal, so that there may be room again, or throws why there never will.
    /// Called under the gate, right after a refusal: whoever merely looks for any free byte would spin on a large message.
    /// </summary>
    ValueTask WaitForRoom(CancellationToken cancellationToken);
}

/// <summary>A carrier of streams: every one that is reliable and ordered.</summary>
internal interface IStreamCarrier : ICarrier
{
    /// <summary>Opens a stream; does not wait for the peer. Called under the gate.</summary>
    /// <exception cref="MsgNetException">There is no way to the peer, or too many streams to it are open.</exception>
    LaneStream OpenStream(ProtocolId protocol, PeerInfo peer);
}

/// <summary>Where carriers report what happened with peers.</summary>
internal interface IPeerObserver
{
    /// <summary>Called under the carrier's lock; must only note the event.</summary>
    void OnPeerEvent(PeerEventKind kind, PeerId peer, Multiaddress? address, string reason);
}
