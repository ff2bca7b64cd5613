namespace MsgNet.Core;

/// <summary>What <see cref="OutgoingNames.Open"/> says.</summary>
internal enum NameStatus
{
    /// <summary>The message may go.</summary>
    Ready,

    /// <summary>
    /// 256 names are open, or all 65,535 numbers are used: this carrier takes no new name as long as the association lives.
    /// </summary>
    Exhausted,

    /// <summary>The peer refused this protocol, and the last attempt is less than a second ago.</summary>
    RefusedRecently,
}
