namespace MsgNet.Messi;

/// <summary>The typed side of a client, as its core calls it.</summary>
internal interface IMessiClientApplication
{
    ValueTask OnConnected(CancellationToken cancellationToken);

    ValueTask OnDisconnected(MessiDisconnect disconnect);

    /// <summary>The delay before the next attempt; null gives up.</summary>
    ValueTask<TimeSpan?> OnConnectFailed(MessiConnectFailure failure);

    /// <summary>Parses a message, and completes the call that waits for it; false when it is no such response.</summary>
    bool TryComplete(ReadOnlySpan<byte> payload);

    /// <summary>
    /// Parses a message, and completes the call that waits for it, unless it is late, or calls its handler; false when it cannot be parsed.
    /// </summary>
    bool TryHandle(
        ReadOnlySpan<byte> payload, bool isLate, out ValueTask handling, out Exception? fault, CancellationToken cancellationToken);
}
