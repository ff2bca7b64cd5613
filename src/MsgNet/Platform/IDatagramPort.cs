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
    /// Hands a run of datagrams to the network (see <see cref="DatagramRun"/>): in one call of the system where it can. What does not fit
    /// the system's buffers is dropped, as networks do. Never throws for what a remote did. Several threads may send at once; what goes to
    /// one address comes from one at a time, in order.
    /// </summary>
    /// <param name="to">Where all of them go.</param>
    /// <param name="datagrams">The datagrams, one after the other.</param>
    /// <param name="segmentSize">Bytes of each but the last, which may be shorter.</param>
    void Send(in NetAddress to, ReadOnlySpan<byte> datagrams, int segmentSize);

    /// <summary>
    /// Has <paramref name="answer"/> called by whatever receives, on its thread, as soon as it comes round: never when it hangs or has
    /// ended. One at a time; a later one takes the place of an unanswered one. A port without a thread of its own answers at once.
    /// </summary>
    void Probe(Action answer) => answer();
}

/// <summary>Takes what a port received.</summary>
internal interface IDatagramReceiver
{
    /// <summary>Takes runs that came together; they may be overwritten and are borrowed for the call.</summary>
    /// <param name="runs">At least one.</param>
    void OnDatagrams(ReadOnlySpan<ReceivedRun> runs);

    /// <summary>
    /// Called after the last run of a batch: what is better done once than per datagram (answering, setting timers) can wait for it.
    /// </summary>
    void OnBatchEnd()
    {
    }
}
