using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>Why a connection ended.</summary>
/// <param name="Reason">The reason; the first one counts.</param>
/// <param name="Exception">What was thrown, if anything was.</param>
public readonly record struct MessiDisconnect(MessiDisconnectReason Reason, Exception? Exception)
{
    /// <summary>The text of the reason, such as <c>Keep alive timeout.</c></summary>
    public override string ToString() => Reason.ToText();
}
