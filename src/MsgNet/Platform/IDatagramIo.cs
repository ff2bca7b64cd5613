using System.Net.Sockets;
using MsgNet.Core;

namespace MsgNet.Platform;

/// <summary>
/// Moves datagrams between memory and a bound socket, which stays its owner's. Any thread may send, one receives; nothing is allocated
/// for a datagram. Disposing frees its buffers, once nobody receives any more.
/// </summary>
internal interface IDatagramIo : IDisposable
{
    /// <summary>
    /// Sends a run (see <see cref="DatagramRun"/>) and returns how many of its datagrams the system refused: too large for the link, no
    /// buffer, no route, of the other IP version. To the sender of a datagram all of it is loss.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The socket was closed.</exception>
    int Send(in NetAddress to, ReadOnlySpan<byte> datagrams, int segmentSize);

    /// <summary>
    /// Receives; the runs that came may be overwritten and stay until the next call. None: there is nothing, or an error.
    /// </summary>
    /// <param name="wait">Wait until something comes; else only look.</param>
    /// <param name="error">What came in place of a datagram, or beside those that came.</param>
    /// <exception cref="ObjectDisposedException">The socket was closed.</exception>
    ReadOnlySpan<ReceivedRun> Receive(bool wait, out SocketError error);

    /// <summary>Nothing has come: whoever makes what is waited for may need this core.</summary>
    void GiveWay() => Thread.Yield();

    /// <summary>The last <see cref="Receive"/> may have left something behind.</summary>
    bool MayHoldMore { get; }
}
