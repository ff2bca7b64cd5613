using Microsoft.Extensions.Logging;

namespace MsgNet;

/// <summary>Log events of a host's life: ids 1020 to 1039, never reused.</summary>
// API-142
internal static partial class HostLog
{
    [LoggerMessage(1020, LogLevel.Information, "Host {Peer} started: {Addresses}.")]
    public static partial void HostStarted(this ILogger logger, PeerId peer, string addresses);

    [LoggerMessage(1021, LogLevel.Information, "Host {Peer} closes, within {DrainTimeout}.")]
    public static partial void HostClosing(this ILogger logger, PeerId peer, TimeSpan drainTimeout);

    [LoggerMessage(1022, LogLevel.Information,
        "Host {Peer} closed: {Received} datagrams received, {Sent} sent, {Taken} messages taken, {Dropped} dropped.")]
    public static partial void HostClosed(this ILogger logger, PeerId peer, long received, long sent, long taken, long dropped);
}
