namespace MsgNet.Messi;

/// <summary>What the servers of all protocols have in common. Safe on any thread.</summary>
public interface IMessiServer : IAsyncDisposable
{
    /// <summary>
    /// Where it listens, with the real port when the port asked for was 0, such as <c>tcp://127.0.0.1:6000</c>; over MsgNet the name of the
    /// protocol. Null while it does not.
    /// </summary>
    string? Address { get; }

    /// <summary>Starts listening. Does nothing when it is started.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The address cannot be listened on.</exception>
    /// <exception cref="ObjectDisposedException">The server is disposed.</exception>
    ValueTask Start(CancellationToken cancellationToken = default);

    /// <summary>
    /// Stops listening, sends what is queued and disconnects all clients; <see cref="Start"/> begins anew. Completes when nothing runs any
    /// more, at the latest after <see cref="MessiServerOptions.StopTimeout"/>.
    /// </summary>
    /// <param name="cancellationToken">Cuts the waiting short; the server stops all the same.</param>
    ValueTask Stop(CancellationToken cancellationToken = default);
}
