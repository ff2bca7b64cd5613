namespace MsgNet.Messi;

/// <summary>The typed side of a server, as its core calls it.</summary>
internal interface IMessiServerApplication
{
    MessiConnection CreateConnection();

    ValueTask OnConnected(MessiConnection connection, CancellationToken cancellationToken);

    ValueTask OnDisconnected(MessiConnection connection, MessiDisconnect disconnect);

    /// <summary>Parses a message, and completes the call that waits for it; false when it is no such response.</summary>
    bool TryComplete(MessiConnection connection, ReadOnlySpan<byte> payload);

    /// <summary>
    /// Parses a message, and completes the call that waits for it, unless it is late, or calls its handler; false when it cannot be parsed.
    /// </summary>
    bool TryHandle(
        MessiConnection connection,
        ReadOnlySpan<byte> payload,
        bool isLate,
        out ValueTask handling,
        out Exception? fault,
        CancellationToken cancellationToken);
}
