using Microsoft.Extensions.Logging;

namespace MsgNet;

/// <summary>Log events of peers: ids 1040 to 1059, never reused.</summary>
internal static partial class PeerLog
{
    [LoggerMessage(1040, LogLevel.Debug, "{Peer} is ready at {Address}.")]
    public static partial void PeerReady(this ILogger logger, PeerId peer, Multiaddress? address);

    [LoggerMessage(1041, LogLevel.Debug, "{Peer} is lost: {Reason}")]
    public static partial void PeerLost(this ILogger logger, PeerId peer, string reason);

    [LoggerMessage(1042, LogLevel.Debug, "{Peer} has restarted: {Reason}")]
    public static partial void PeerRestarted(this ILogger logger, PeerId peer, string reason);

    [LoggerMessage(1043, LogLevel.Debug, "The dial failed: {Reason}")]
    public static partial void DialFailed(this ILogger logger, string reason);

    [LoggerMessage(1044, LogLevel.Debug, "{Count} events of peers came too fast to be logged.")]
    public static partial void PeerEventsUnlogged(this ILogger logger, int count);

    [LoggerMessage(1045, LogLevel.Debug, "{Peer} has moved to {Address}.")]
    public static partial void PeerMoved(this ILogger logger, PeerId peer, Multiaddress? address);

    [LoggerMessage(1046, LogLevel.Warning,
        "MsgNetOptions.AcceptPeer threw on {Peer} at {Address}, which is refused: let it return false where it cannot tell.")]
    public static partial void AcceptPeerFailed(this ILogger logger, Exception exception, PeerId peer, Multiaddress address);
}
