namespace MsgNet;

/// <summary>
/// What an application holds: messages to peers by protocol, over whichever transport fits. Safe on any thread.
/// <see cref="IAsyncDisposable.DisposeAsync"/> is <see cref="Close"/> with <see cref="MsgNetOptions.DrainTimeout"/>.
/// </summary>
// API-001
public interface IMessageHost : IAsyncDisposable
{
    /// <summary>This host's own peer id.</summary>
    PeerId Id { get; }

    /// <summary>The layer below: sessions, sockets, transports, peerstore.</summary>
    IMessageNetwork Network { get; }

    /// <summary>Addresses other peers can dial, each once, ending in <c>/p2p/…</c>.</summary>
    IReadOnlyList<Multiaddress> Addresses { get; }

    /// <summary>Sets the handler of a protocol, in place of an earlier one.</summary>
    /// <exception cref="InvalidOperationException">The protocol is read by <see cref="ReceiveMessages"/>, or has a stream
    /// handler.</exception>
    void SetMessageHandler(ProtocolId protocol, MessageHandler handler);

    /// <summary>Sets the handler of a protocol, in place of an earlier one, and how it is run.</summary>
    /// <exception cref="InvalidOperationException">The protocol is read by <see cref="ReceiveMessages"/>, or has a stream
    /// handler.</exception>
    void SetMessageHandler(ProtocolId protocol, MessageHandler handler, HandlerOptions options);

    /// <summary>Removes a protocol's handler; messages queued for it are dropped. False when there was none.</summary>
    bool RemoveMessageHandler(ProtocolId protocol);

    /// <summary>
    /// Sets what takes the streams that peers open on a protocol, in place of an earlier one, which keeps those it has. It is called once
    /// for each stream, for many at once, at most 1,024 of a protocol; later streams wait, unread. A protocol has messages or streams.
    /// </summary>
    /// <exception cref="InvalidOperationException">The protocol has a message handler or is read by <see
    /// cref="ReceiveMessages"/>.</exception>
    void SetStreamHandler(ProtocolId protocol, StreamHandler handler);

    /// <summary>
    /// Removes a protocol's stream handler: new streams are refused, those that wait are aborted, calls under way go on. False when there
    /// was none.
    /// </summary>
    bool RemoveStreamHandler(ProtocolId protocol);

    /// <summary>
    /// Opens a stream of bytes to a peer, beside its messages and other streams: a <see cref="MessageStream"/>, whose members for
    /// half-closing and aborting are a cast away. Completes when the stream is open on this side, without a round trip; the peer learns
    /// of it at once. That the peer cannot be reached or takes no streams of the protocol shows in the first read or write that waits, and
    /// in <see cref="MessageStream.Completion"/>.
    /// </summary>
    /// <exception cref="PeerUnreachableException">No address of the peer is known.</exception>
    /// <exception cref="DeliveryNotAvailableException">No transport to the peer carries streams.</exception>
    /// <exception cref="MsgNetException">128 streams and reliable sessions to the peer are open already.</exception>
    // API-007
    ValueTask<Stream> OpenStream(PeerId peer, ProtocolId protocol, CancellationToken cancellationToken = default);

    /// <summary>Sends an unreliable message. Completes when the message is in the peer's queue or datagram; waits for room.</summary>
    /// <exception cref="PeerUnreachableException">No address of the peer is known, or none answered.</exception>
    /// <exception cref="MessageTooLargeException">The message is above 65,535 bytes; send it with
    /// <see cref="SendOptions.Reliable"/>.</exception>
    ValueTask SendMessage(PeerId peer, ProtocolId protocol, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default);

    /// <summary>Sends a message with the delivery asked for; completes as the options say.</summary>
    /// <exception cref="PeerUnreachableException">No address of the peer is known, or none answered.</exception>
    /// <exception cref="DeliveryNotAvailableException">No transport to the peer gives that delivery.</exception>
    /// <exception cref="MessageTooLargeException">The message is above the limit of the chosen transport.</exception>
    ValueTask SendMessage(
        PeerId peer, ProtocolId protocol, ReadOnlyMemory<byte> data, SendOptions options, CancellationToken cancellationToken = default);

    /// <summary>
    /// Sends messages in their order, with the delivery asked for; completes when all are accepted or delivered, as the options say. Costs
    /// far less than a call for each. The messages and their memory are read until it completes.
    /// </summary>
    /// <exception cref="PeerUnreachableException">No address of the peer is known, or none answered.</exception>
    /// <exception cref="DeliveryNotAvailableException">No transport to the peer gives that delivery.</exception>
    /// <exception cref="MessageTooLargeException">One of them is above the limit of the chosen transport; none was sent.</exception>
    /// <exception cref="PartlySentException">It failed, or was cancelled, after the first were accepted: the exception says how many.
    /// </exception>
    ValueTask SendMessages(
        PeerId peer,
        ProtocolId protocol,
        ReadOnlyMemory<ReadOnlyMemory<byte>> messages,
        SendOptions options,
        CancellationToken cancellationToken = default);

    /// <summary>Sends a request and completes with the peer's reply, which the caller owns.</summary>
    /// <exception cref="RequestFailedException">The peer answered with a status other than 0.</exception>
    /// <exception cref="TimeoutException">No reply in time.</exception>
    ValueTask<Message> Request(PeerId peer, ProtocolId protocol, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default);

    /// <summary>Sends a request as the options say and completes with the peer's reply, which the caller owns.</summary>
    /// <exception cref="RequestFailedException">The peer answered with a status other than 0.</exception>
    /// <exception cref="TimeoutException">No reply in time.</exception>
    ValueTask<Message> Request(
        PeerId peer, ProtocolId protocol, ReadOnlyMemory<byte> data, RequestOptions options, CancellationToken cancellationToken = default);

    /// <summary>Opens a session to a peer on one protocol: the hot path, with no look-up per message. Does no I/O.</summary>
    ISocketSession OpenSession(PeerId peer, ProtocolId protocol, SendOptions options);

    /// <summary>Reads a protocol's messages, owned by the caller. Subscribes when called, not when first enumerated.</summary>
    /// <exception cref="InvalidOperationException">The protocol has a handler, of messages or streams, or another reader.</exception>
    IAsyncEnumerable<Message> ReceiveMessages(ProtocolId protocol, CancellationToken cancellationToken = default);

    /// <summary>
    /// Stops accepting, gives queued messages up to <paramref name="drain"/> to leave, says goodbye to peers, frees everything.
    /// </summary>
    ValueTask Close(TimeSpan drain, CancellationToken cancellationToken = default);
}
