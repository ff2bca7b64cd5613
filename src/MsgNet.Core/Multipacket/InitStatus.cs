namespace MsgNet.Core;

/// <summary>What <see cref="IncomingNames.OnInit"/> made of a mapping.</summary>
internal enum InitStatus
{
    /// <summary>The protocol is handled here: deliver the message.</summary>
    Taken,

    /// <summary>Nobody handles the protocol: drop the message; a RESET is due, and nothing is remembered.</summary>
    NotSupported,

    /// <summary>No correct peer sends it: a 257th name, or a number that means another name. A bad frame; nothing is remembered.</summary>
    Bad,
}
