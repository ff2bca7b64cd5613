using MsgNet.Core;

namespace MsgNet.Platform;

/// <summary>A bound UDP port, real or simulated.</summary>
internal interface IDatagramPort : IDisposable
{
    /// <summary>The address it is bound to, with the port the system chose.</summary>
    NetAddress Local { get; }

    /// <summary>Starts to hand received datagrams to <paramref name="receiver"/>.</summary>
    void Start(IDatagramReceiver receiver);

    /// <summary>
    /// Hands one datagram to the network; what does not fit the system's buffers is dropped, as networks do. Never throws for what a
    /// remote did.
    /// </summary>
    void Send(in NetAddress to, ReadOnlySpan<byte> datagram);

    /// <summary>
    /// Has <paramref name="answer"/> called by whatever receives, on its thread, as soon as it comes round: never when it hangs or has
    /// ended. One at a time; a later one takes the place of an unanswered one. A port without a thread of its own answers at once.
    /// </summary>
    void Probe(Action answer) => answer();
}

/// <summary>Takes what a port received.</summary>
internal interface IDatagramReceiver
{
    /// <summary>Takes one datagram; <paramref name="datagram"/> may be overwritten and is borrowed for the call.</summary>
    void OnDatagram(in NetAddress from, Span<byte> datagram);

    /// <summary>
    /// Called after the last datagram of a batch: what is better done once than per datagram (answering, setting timers) can wait for it.
    /// </summary>
    void OnBatchEnd()
    {
    }
}
