namespace MsgNet;

/// <summary>The peer answered a request with a status other than success.</summary>
public sealed class RequestFailedException : MsgNetException
{
    /// <summary>Says what the peer answered.</summary>
    public RequestFailedException(PeerId peer, ProtocolId protocol, RequestStatus status)
        : base($"{peer} answered the request on {protocol} with: {Describe(status)}.")
    {
        Peer = peer;
        Protocol = protocol;
        Status = status;
    }

    /// <summary>The peer.</summary>
    public PeerId Peer { get; }

    /// <summary>The protocol.</summary>
    public ProtocolId Protocol { get; }

    /// <summary>What the peer answered.</summary>
    public RequestStatus Status { get; }

    private static string Describe(RequestStatus status) => status switch
    {
        RequestStatus.NoReply => "its handler ended without a reply",
        RequestStatus.HandlerFailed => "its handler failed",
        RequestStatus.ProtocolNotSupported => "it has no handler for this protocol",
        RequestStatus.Busy => "it is busy; try again later",
        RequestStatus.ReplyTooLarge => "its reply is too large for this transport; request with a reliable delivery",
        _ => $"status {(int)status}",
    };
}
