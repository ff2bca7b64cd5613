namespace MsgNet.Core;

/// <summary>Why a session ends. A number not named here is a reason of a newer kind.</summary>
public enum CloseCode : ushort
{
    /// <summary>Nothing more to say.</summary>
    Done = 0,

    /// <summary>The host shuts down.</summary>
    HostClosing = 1,

    /// <summary>The peer broke the protocol.</summary>
    ProtocolError = 2,

    /// <summary>The peer is over a limit.</summary>
    OverLimit = 3,

    /// <summary>The peer is not wanted.</summary>
    Refused = 4,
}
