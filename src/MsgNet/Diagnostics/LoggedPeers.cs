using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Logs what happens with peers, and passes it on. Carriers tell it under the gate, and loggers are foreign code: they are called on the
/// scheduler, in order.
/// </summary>
internal sealed class LoggedPeers(IPeerObserver next, ILogger logger, IScheduler scheduler) : IPeerObserver, IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<PeerEvent> unlogged = [];
    private int waiting;
    private int lost;

    /// <inheritdoc/>
    public void OnPeerEvent(PeerEventKind kind, PeerId peer, Multiaddress? address, string reason)
    {
        next.OnPeerEvent(kind, peer, address, reason);
        if (Volatile.Read(ref waiting) >= Limits.PeerEventsMax)
        {
            Interlocked.Increment(ref lost);
            return;
        }

        unlogged.Enqueue(new PeerEvent(kind, peer, address, reason));
        if (Interlocked.Increment(ref waiting) == 1)
            scheduler.Post(this);
    }

    /// <inheritdoc/>
    public void Execute()
    {
        do
        {
            if (unlogged.TryDequeue(out var happened))
                Log(happened);
        }
        while (Interlocked.Decrement(ref waiting) > 0);

        if (Interlocked.Exchange(ref lost, 0) is > 0 and var count)
            logger.PeerEventsUnlogged(count);
    }

    private void Log(PeerEvent happened)
    {
        switch (happened.Kind)
        {
            case PeerEventKind.Connected:
                logger.PeerReady(happened.Peer, happened.Address);
                break;
            case PeerEventKind.Disconnected:
                logger.PeerLost(happened.Peer, happened.Reason);
                break;
            case PeerEventKind.Restarted:
                logger.PeerRestarted(happened.Peer, happened.Reason);
                break;
            case PeerEventKind.Moved:
                logger.PeerMoved(happened.Peer, happened.Address);
                break;
            case PeerEventKind.Unreachable:
                logger.DialFailed(happened.Reason);
                break;
            default: // A test has every kind logged: a line that is missing must not end the process.
                break;
        }
    }
}
