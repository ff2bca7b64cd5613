using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>What the clients of all protocols have in common. Safe on any thread.</summary>
public interface IMessiClient : IAsyncDisposable
{
    /// <summary>What the client is doing.</summary>
    MessiClientState State { get; }

    /// <summary>Starts connecting, and connects again whenever the connection is lost. Does nothing when it is started.</summary>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    void Start();

    /// <summary>Completes when the client is connected: at once if it is.</summary>
    /// <exception cref="MessiException">The client was stopped or has given up.</exception>
    /// <exception cref="InvalidOperationException">The client was not started.</exception>
    ValueTask WaitForConnection(CancellationToken cancellationToken = default);

    /// <summary>
    /// Sends what is queued, disconnects and stays so; <see cref="Start"/> begins anew. Completes when nothing runs any more, at the latest
    /// after <see cref="MessiClientOptions.StopTimeout"/>.
    /// </summary>
    /// <param name="cancellationToken">Cuts the waiting short; the client stops all the same.</param>
    ValueTask Stop(CancellationToken cancellationToken = default);
}
