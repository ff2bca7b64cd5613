namespace MsgNet;

/// <summary>Takes one message. What it returns tells when it is done with the message and its borrowed bytes.</summary>
/// <param name="message">The message; <see cref="Message.Data"/> is borrowed until the returned task ends.</param>
/// <param name="cancellationToken">Cancelled when the host closes, the handler is removed, or <see cref="HandlerOptions.Timeout"/> has
/// passed.</param>
public delegate ValueTask MessageHandler(Message message, CancellationToken cancellationToken);
