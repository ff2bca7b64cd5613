using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// What carries MSP connections: plain datagrams, or lanes of a message host. Everything is called under <see cref="Gate"/>, except
/// <see cref="Leave"/>.
/// </summary>
internal interface IMspCarrier : IDisposable
{
    /// <summary>Guards the carrier and every socket on it.</summary>
    Gate Gate { get; }

    /// <summary>Time, timers, and where handlers run.</summary>
    IHostPlatform Platform { get; }

    /// <summary>Bytes of the longest message.</summary>
    int MessageSizeMax { get; }

    /// <summary>When <see cref="Run"/> must be called next.</summary>
    Instant NextTimer { get; }

    /// <summary>Throws when the carrier has no such local address.</summary>
    /// <exception cref="ArgumentException">The address is of another kind; the message says of which it must be.</exception>
    void CheckLocal(Multiaddress local);

    /// <summary>Opens a connection for a socket; sends nothing yet.</summary>
    /// <exception cref="ArgumentException">The address is of another kind; the message says of which it must be.</exception>
    /// <exception cref="MsgNetException">The system has no port, or there are too many connections.</exception>
    IMspLink Connect(Instant now, MspSocket socket, Multiaddress? local, Multiaddress remote);

    /// <summary>Takes connections for a socket from now on; returns the address with the port that was chosen.</summary>
    /// <exception cref="MsgNetException">The address is in use.</exception>
    Multiaddress Listen(MspSocket socket, Multiaddress local);

    /// <summary>Takes no more connections for a socket.</summary>
    void CloseListener(MspSocket socket);

    /// <summary>Takes one thing that arrived and waits; false when nothing does. Of the caller-driven mode only.</summary>
    bool TryReceive(Instant now);

    /// <summary>Does what is due, tells sockets what happened, and sends what there is to send.</summary>
    void Run(Instant now);

    /// <summary>Closes ports that nobody uses any more. Not under the gate.</summary>
    void Leave();
}

/// <summary>
/// One connection, as its socket drives it; its carrier calls <see cref="MspSocket.OnChanged"/> when anything of it has changed.
/// </summary>
internal interface IMspLink
{
    /// <summary>Its state.</summary>
    MspStates States { get; }

    /// <summary>Messages were accepted that the peer has not acknowledged.</summary>
    bool HasQueued { get; }

    /// <summary>This side's address.</summary>
    Multiaddress Local { get; }

    /// <summary>The peer's address.</summary>
    Multiaddress Remote { get; }

    /// <summary>Why it ended, as the end of a sentence; null when it has not, or as it should.</summary>
    string? Failure { get; }

    /// <summary>Accepts a message; false when there is no room, or it has ended.</summary>
    bool TrySend(Instant now, ReadOnlySpan<byte> message);

    /// <summary>What is left of the oldest message; borrowed until the next call.</summary>
    bool TryPeek(out ReadOnlySpan<byte> message);

    /// <summary>Consumes bytes of the message peeked.</summary>
    void Consume(Instant now, int bytes);

    /// <summary>No message follows those accepted.</summary>
    void Shutdown(Instant now);

    /// <summary>Ends it and tells the peer.</summary>
    void Stop(Instant now);

    /// <summary>Ends it, tells nobody if it can, and gives up what it holds of the carrier. The last call.</summary>
    void Abandon(Instant now);
}
