namespace MsgNet.Messi;

/// <summary>
/// Takes one message that a client got from its server. Messages of a connection are handled one after another, in order: the next one
/// waits until what this returns has ended.
/// </summary>
/// <typeparam name="TMessage">The Protobuf message.</typeparam>
/// <param name="message">The message; it is the handler's to keep.</param>
/// <param name="cancellationToken">Cancelled when the connection is gone.</param>
public delegate ValueTask MessiHandler<in TMessage>(TMessage message, CancellationToken cancellationToken);

/// <summary>
/// Takes one message that a server got from a client. Messages of a connection are handled one after another, in order; those of
/// different connections at once, on several threads.
/// </summary>
/// <typeparam name="TConnection">What the server holds of a client.</typeparam>
/// <typeparam name="TMessage">The Protobuf message.</typeparam>
/// <param name="connection">The client that sent it.</param>
/// <param name="message">The message; it is the handler's to keep.</param>
/// <param name="cancellationToken">Cancelled when the connection is gone.</param>
public delegate ValueTask MessiHandler<in TConnection, in TMessage>(
    TConnection connection, TMessage message, CancellationToken cancellationToken);
