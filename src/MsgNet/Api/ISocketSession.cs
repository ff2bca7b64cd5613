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
}
