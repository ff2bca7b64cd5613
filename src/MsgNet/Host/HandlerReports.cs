using Microsoft.Extensions.Logging;
using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Counts and logs what goes wrong with one protocol's messages; of each kind at most one line a second, so that a remote cannot fill a
/// log.
/// Safe on any thread. Loggers are foreign code: nothing here that logs is called under a lock.
/// </summary>
internal sealed class HandlerReports(ProtocolId protocol, HandlerCounters counters, ILogger logger, ProtocolDiagnostics diagnostics)
{
    private readonly Throttle failures = new();
    private readonly Throttle malformations = new();
    private readonly Throttle drops = new();

    public ProtocolId Protocol => protocol;

    /// <summary>What is measured of the protocol.</summary>
    public ProtocolDiagnostics Diagnostics => diagnostics;

    /// <summary>Counts a dropped message; <see cref="LogDrops"/> tells of it later, outside the locks.</summary>
    public void CountDropped()
    {
        counters.AddDropped();
        drops.Count();
    }

    public void CountRemoved() => counters.AddRemoved();

    public void CountBusy() => counters.AddBusy();

    public void CountTaken(int count) => counters.AddTaken(count);

    public void CountStuck() => counters.AddStuck();

    public void LogDrops()
    {
        if (drops.IsPending && drops.TryTake(diagnostics.Platform.Now, out var count))
            logger.MessagesDropped(protocol.Name, count);
    }

    public void LogStuck(PeerId peer, TimeSpan timeout) => logger.HandlerStuck(protocol.Name, peer, timeout);

    public void Failed(PeerId peer, Exception exception)
    {
        counters.AddFailed();
        failures.Count();
        if (failures.TryTake(diagnostics.Platform.Now, out var count))
            logger.HandlerFailed(exception, protocol.Name, peer, count - 1);
    }

    public void Malformed(PeerId peer, string reason)
    {
        counters.AddMalformed();
        malformations.Count();
        if (malformations.TryTake(diagnostics.Platform.Now, out var count))
            logger.MessageMalformed(protocol.Name, peer, reason, count - 1);
    }

    public void CallbackFailed(Exception exception)
    {
        counters.AddFailed();
        logger.CancellationCallbackFailed(exception, protocol.Name);
    }

    public void Slow(TimeSpan took, bool log)
    {
        counters.AddSlow();
        if (log)
            logger.HandlerSlow(protocol.Name, took.TotalMilliseconds);
    }

    private sealed class Throttle
    {
        private readonly LogThrottle lines = new();
        private long pending;

        public bool IsPending => Volatile.Read(ref pending) > 0;

        public void Count() => Interlocked.Increment(ref pending);

        /// <summary>Takes all that was counted, when the last line is long enough ago; one thread wins.</summary>
        public bool TryTake(Instant now, out long count)
        {
            count = 0;
            if (!lines.TryPass(now))
                return false;

            count = Interlocked.Exchange(ref pending, 0);
            return count > 0;
        }
    }
}
