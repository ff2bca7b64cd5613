namespace MsgNet;

/// <summary>Messages to one peer on one protocol over one socket. Safe on any thread.</summary>
public interface ISocketSession : IAsyncDisposable
{
    /// <summary>The protocol.</summary>
    ProtocolId Protocol { get; }

    /// <summary>The peer.</summary>
    PeerInfo Remote { get; }

    /// <summary>The socket.</summary>
    ISessionedSocket Socket { get; }

    /// <summary>What this session guarantees.</summary>
    TransportGuarantees Guarantees { get; }

    /// <summary>Ends when the session does: successfully after a close, with the reason when it was lost or refused.</summary>
    Task Completion { get; }

    /// <summary>
    /// The channel binding: the handshake's hash, equal on both ends; empty before the handshake and on unsealed transports.
    /// </summary>
    ReadOnlyMemory<byte> Binding { get; }

    /// <summary>Sends a message; completes when it is accepted, and waits for room.</summary>
    ValueTask SendMessage(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default);

    /// <summary>Sends a message if there is room now; false instead of waiting.</summary>
    bool TrySend(ReadOnlySpan<byte> data);

    /// <summary>
    /// Sends messages in their order; completes when all are accepted, and waits for room. Costs far less than a call for each: as many as
    /// have room are accepted at once and packed together. The messages and their memory are read until it completes.
    /// </summary>
    /// <exception cref="MessageTooLargeException">One of them is above the limit; none was sent.</exception>
    /// <exception cref="PartlySentException">It failed, or was cancelled, after the first were accepted: the exception says how many.
    /// Before that it ends with the exception of <see cref="SendMessage"/>, and nothing was sent.</exception>
    ValueTask SendMessages(ReadOnlyMemory<ReadOnlyMemory<byte>> messages, CancellationToken cancellationToken = default);

    /// <summary>
    /// Sends the first of these messages for which there is room now, in their order; returns how many that were.
    /// </summary>
    /// <exception cref="MessageTooLargeException">One of them is above the limit; none was sent.</exception>
    int TrySendMessages(ReadOnlySpan<ReadOnlyMemory<byte>> messages);
}
