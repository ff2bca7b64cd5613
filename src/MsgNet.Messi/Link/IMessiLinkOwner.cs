using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>Whom a <see cref="MessiLink"/> tells what happens on its connection. Called under no lock.</summary>
internal interface IMessiLinkOwner
{
    /// <summary>The first of all: the application's turn before any message. Nothing else of the application runs meanwhile.</summary>
    ValueTask OnOpened(CancellationToken cancellationToken);

    /// <summary>Bytes came; once for each read. The format must be known afterwards.</summary>
    /// <param name="first">The first of them.</param>
    /// <returns>The format of the connection.</returns>
    MessiWireFormat OnReceived(byte first);

    /// <summary>A ping came to a server, a pong to a client.</summary>
    void OnControl();

    /// <summary>A message came while a handler runs; it has its turn at once if it is a response that a call waits for.</summary>
    /// <param name="payload">It, serialized; valid during the call only.</param>
    /// <returns>False when it is none, and has to wait for the handler.</returns>
    bool TryComplete(ReadOnlySpan<byte> payload);

    /// <summary>A message has its turn.</summary>
    /// <param name="payload">It, serialized; valid during the call only.</param>
    /// <param name="isLate">It has waited for a handler, and is no response.</param>
    /// <param name="handling">What the handler returned.</param>
    /// <param name="fault">Why the payload is no message.</param>
    /// <param name="cancellationToken">Cancelled when the connection is gone.</param>
    /// <returns>False when the payload is no message.</returns>
    bool TryHandle(
        ReadOnlySpan<byte> payload, bool isLate, out ValueTask handling, out Exception? fault, CancellationToken cancellationToken);

    /// <summary>A handler has thrown.</summary>
    /// <returns>True when the connection has to end for it.</returns>
    bool OnHandlerFailed(Exception exception);

    /// <summary>Silence is not held against the peer, since what it sent may not have been read.</summary>
    bool IsPaused { get; }

    /// <summary>The driver reads again, or has stopped reading because handlers are slow.</summary>
    void OnReading(bool isReading);

    /// <summary>All pings and pongs that were queued have been handed to the carrier.</summary>
    void OnControlsSent();

    /// <summary>The connection is over; handlers may still run.</summary>
    void OnEnding(MessiDisconnect disconnect);

    /// <summary>The last of all, when no handler runs: the application's turn.</summary>
    ValueTask OnEnded(MessiDisconnect disconnect);
}
