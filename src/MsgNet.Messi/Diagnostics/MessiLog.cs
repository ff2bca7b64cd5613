using Microsoft.Extensions.Logging;

namespace MsgNet.Messi;

/// <summary>What is logged; the ids stand in <c>specs/api.md</c>. Never what messages hold.</summary>
// API-192
internal static partial class MessiLog
{
    [LoggerMessage(1, LogLevel.Information, "Listening on {Address}.")]
    public static partial void Listening(ILogger logger, string address);

    [LoggerMessage(2, LogLevel.Information, "Stopped.")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(3, LogLevel.Information, "Connected to {Remote}.")]
    public static partial void Connected(ILogger logger, string remote);

    [LoggerMessage(4, LogLevel.Information, "Disconnected from {Remote}: {Reason}")]
    public static partial void Disconnected(ILogger logger, Exception? exception, string remote, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Cannot connect to {Remote}, attempt {Attempts}: {Error}")]
    public static partial void ConnectFailed(ILogger logger, string remote, int attempts, string error);

    [LoggerMessage(6, LogLevel.Warning, "Gives up connecting to {Remote} after attempt {Attempts}.")]
    public static partial void GivesUp(ILogger logger, string remote, int attempts);

    [LoggerMessage(7, LogLevel.Debug, "Client {Remote} connected.")]
    public static partial void ClientConnected(ILogger logger, string remote);

    [LoggerMessage(8, LogLevel.Debug, "Client {Remote} disconnected: {Reason}")]
    public static partial void ClientDisconnected(ILogger logger, Exception? exception, string remote, string reason);

    [LoggerMessage(9, LogLevel.Warning, "Refused a client: {Clients} are connected, and ClientsMax is that many.")]
    public static partial void Refused(ILogger logger, int clients);

    [LoggerMessage(10, LogLevel.Error, "A handler for {Remote} threw.")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, string remote);

    [LoggerMessage(11, LogLevel.Debug, "{Remote} sent a message of which no member is known.")]
    public static partial void UnknownMessage(ILogger logger, string remote);

    [LoggerMessage(12, LogLevel.Debug, "Cannot agree on TLS with {Remote}.")]
    public static partial void HandshakeFailed(ILogger logger, Exception exception, string remote);

    [LoggerMessage(13, LogLevel.Warning, "Cannot accept clients for a moment.")]
    public static partial void AcceptFailed(ILogger logger, Exception exception);
}
