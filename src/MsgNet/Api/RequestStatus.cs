namespace MsgNet;

/// <summary>Status of a reply on the wire (REPLY frame, <c>specs/requests.md</c>).</summary>
public enum RequestStatus
{
    /// <summary>The handler replied.</summary>
    Ok = 0,

    /// <summary>The handler ended without a reply.</summary>
    NoReply = 1,

    /// <summary>The handler threw.</summary>
    HandlerFailed = 2,

    /// <summary>There is no handler for the protocol.</summary>
    ProtocolNotSupported = 3,

    /// <summary>The handler's queue is full.</summary>
    Busy = 4,

    /// <summary>The reply is above the limit of the transport.</summary>
    ReplyTooLarge = 5,
}
