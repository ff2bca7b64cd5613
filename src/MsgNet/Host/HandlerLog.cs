using Microsoft.Extensions.Logging;

namespace MsgNet;

/// <summary>Log events of handlers: ids 1000 to 1019, never reused.</summary>
internal static partial class HandlerLog
{
    [LoggerMessage(1000, LogLevel.Warning,
        "The handler of {Protocol} failed on a message from {Peer} ({Unlogged} more failures since the last log).")]
    public static partial void HandlerFailed(this ILogger logger, Exception exception, string protocol, PeerId peer, long unlogged);

    [LoggerMessage(1001, LogLevel.Warning,
        "The handler of {Protocol} is still busy with a message from {Peer} after its timeout of {Timeout}; its token "
        + "is cancelled.")]
    public static partial void HandlerStuck(this ILogger logger, string protocol, PeerId peer, TimeSpan timeout);

    [LoggerMessage(1002, LogLevel.Warning,
        "The inline handler of {Protocol} took {Milliseconds} ms on the receive thread; do less in it, or drop "
        + "HandlerOptions.Inline. Logged once.")]
    public static partial void HandlerSlow(this ILogger logger, string protocol, double milliseconds);

    [LoggerMessage(1003, LogLevel.Warning,
        "The queue of {Protocol} is full: {Dropped} messages dropped since the last log. Speed the handler up, raise "
        + "HandlerOptions.Concurrency, or have peers send reliably.")]
    public static partial void MessagesDropped(this ILogger logger, string protocol, long dropped);

    [LoggerMessage(1004, LogLevel.Warning,
        "A message from {Peer} on {Protocol} is malformed: {Reason} ({Unlogged} more since the last log).")]
    public static partial void MessageMalformed(this ILogger logger, string protocol, PeerId peer, string reason, long unlogged);

    [LoggerMessage(1005, LogLevel.Warning, "A callback registered on the token of the handler of {Protocol} threw.")]
    public static partial void CancellationCallbackFailed(this ILogger logger, Exception exception, string protocol);
}
