namespace MsgNet.Core;

/// <summary>What a queued frame is.</summary>
internal enum MessageKind : byte
{
    /// <summary>A plain message: INIT or CONTINUATION.</summary>
    Plain,

    /// <summary>A request: TAGGED around INIT or CONTINUATION; its bytes belong to the pending request.</summary>
    Request,

    /// <summary>The reply to a request.</summary>
    Reply,
}
