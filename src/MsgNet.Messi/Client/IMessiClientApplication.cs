namespace MsgNet.Messi;

/// <summary>The typed side of a client, as its core calls it.</summary>
internal interface IMessiClientApplication
{
    ValueTask OnConnected(CancellationToken cancellationToken);

    ValueTask OnDisconnected(MessiDisconnect disconnect);

    /// <summary>The delay before the next attempt; null gives up.</summary>
    ValueTask<TimeSpan?> OnConnectFailed(MessiConnectFailure failure);

    /// <summary>Parses a message and calls its handler; false when it cannot be parsed.</summary>
    bool TryHandle(ReadOnlySpan<byte> payload, out ValueTask handling, out Exception? fault, CancellationToken cancellationToken);
}
