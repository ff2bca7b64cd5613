using Microsoft.Extensions.Logging;

namespace MsgNet;

/// <summary>Log events of MSP sockets: ids 1100 to 1119, never reused.</summary>
internal static partial class MspLog
{
    [LoggerMessage(1100, LogLevel.Warning, "The handler of {Socket} threw; the socket was stopped.")]
    public static partial void MspHandlerFailed(this ILogger logger, Exception exception, MspSocket socket);
}
