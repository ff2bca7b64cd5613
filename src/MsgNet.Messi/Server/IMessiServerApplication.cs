namespace MsgNet.Messi;

/// <summary>The typed side of a server, as its core calls it.</summary>
internal interface IMessiServerApplication
{
    MessiConnection CreateConnection();

    ValueTask OnConnected(MessiConnection connection, CancellationToken cancellationToken);

    ValueTask OnDisconnected(MessiConnection connection, MessiDisconnect disconnect);

    /// <summary>Parses a message and calls its handler; false when it cannot be parsed.</summary>
    bool TryHandle(
        MessiConnection connection,
        ReadOnlySpan<byte> payload,
        out ValueTask handling,
        out Exception? fault,
        CancellationToken cancellationToken);
}
