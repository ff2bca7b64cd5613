using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>A message or a call that cannot be sent, or a connection that is not there; <see cref="Reason"/> says why.</summary>
public sealed class MessiException : Exception
{
    /// <summary>Makes one with a general reason; for serializers and tests.</summary>
    public MessiException()
        : this("Messi failed.")
    {
    }

    /// <summary>Makes one with a general reason.</summary>
    public MessiException(string message)
        : this(message, innerException: null!)
    {
    }

    /// <summary>Makes one with a general reason.</summary>
    public MessiException(string message, Exception innerException)
        : base(message, innerException) => Reason = MessiDisconnectReason.GeneralError;

    internal MessiException(MessiDisconnectReason reason, string message, Exception? innerException)
        : base(message, innerException) => Reason = reason;

    /// <summary>
    /// Why: that of the connection's end, or <see cref="MessiDisconnectReason.MessageTooBig"/> and
    /// <see cref="MessiDisconnectReason.MessageEncodeError"/> for a message that was refused while the connection stays.
    /// </summary>
    public MessiDisconnectReason Reason { get; }

    /// <summary>The same for another who waits: each gets one of its own, with its own trace.</summary>
    internal MessiException Again() => new(Reason, Message, InnerException);
}
