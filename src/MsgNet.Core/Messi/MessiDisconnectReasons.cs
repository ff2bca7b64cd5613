namespace MsgNet.Messi;

/// <summary>Texts of <see cref="MessiDisconnectReason"/>.</summary>
public static class MessiDisconnectReasons
{
    /// <summary>The reason as a sentence; for those that the original has, in its words.</summary>
    // MESSI-041
    public static string ToText(this MessiDisconnectReason reason) => reason switch
    {
        MessiDisconnectReason.MessageEncodeError => "Message encode error.",
        MessiDisconnectReason.MessageDecodeError => "Message decode error.",
        MessiDisconnectReason.ConnectionClosed => "Connection closed.",
        MessiDisconnectReason.KeepAliveTimeout => "Keep alive timeout.",
        MessiDisconnectReason.GeneralError => "General error.",
        MessiDisconnectReason.MessageTooBig => "Message too big.",
        MessiDisconnectReason.UnexpectedMessage => "Unexpected message type.",
        MessiDisconnectReason.Stopped => "Stopped.",
        MessiDisconnectReason.Disconnected => "Disconnected by the application.",
        MessiDisconnectReason.HandlerFailed => "Handler failed.",
        MessiDisconnectReason.SendQueueFull => "Send queue full.",
        MessiDisconnectReason.TooManyClients => "Too many clients.",
        MessiDisconnectReason.NotConnected => "Not connected.",
        _ => "*** Unknown ***",
    };
}
