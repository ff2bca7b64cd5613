namespace MsgNet.Core;

/// <summary>How a request ended at the responder. A byte not named here is a failure of a newer kind.</summary>
public enum ReplyStatus : byte // REQ-012
{
    /// <summary>The message is the answer.</summary>
    Ok = 0,

    /// <summary>The handler completed without a reply.</summary>
    NoReply = 1,

    /// <summary>The handler threw.</summary>
    HandlerFailed = 2,

    /// <summary>Nobody there handles the protocol.</summary>
    ProtocolNotSupported = 3,

    /// <summary>The handler's queue is full.</summary>
    Busy = 4,

    /// <summary>The answer is larger than the carrier takes.</summary>
    TooLarge = 5,
}
