using Microsoft.Extensions.Logging;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>What every consumer of one host shares. Safe on any thread.</summary>
internal sealed class HandlerServices(HostDiagnostics diagnostics, ILogger logger, bool poisonReturnedBuffers)
{
    private readonly Lock gate = new();
    private WaitQueue? drained;
    private int slotsAtWork;

    public IHostPlatform Platform => diagnostics.Platform;

    public bool PoisonReturnedBuffers => poisonReturnedBuffers;

    public HandlerCounters Counters { get; } = new();

    public InlineWork Inline { get; } = new();

    public HandlerReports ReportsFor(ProtocolId protocol) => new(protocol, Counters, logger, diagnostics.For(protocol));

    public void OnSlotPosted() => Interlocked.Increment(ref slotsAtWork);

    /// <summary>A slot has nothing more to do.</summary>
    public void OnSlotIdle()
    {
        if (Interlocked.Decrement(ref slotsAtWork) > 0 || drained is null)
            return;

        lock (gate)
            drained.ReleaseAll();
    }

    /// <summary>Completes when no handler is called and none is about to be, or throws when the token is cancelled.</summary>
    public ValueTask Drain(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            drained ??= new WaitQueue(gate, Platform.Scheduler);

            // The queue is there before the count is read, and the count is changed before the queue is looked for: one sees the other.
            var idle = Interlocked.CompareExchange(ref slotsAtWork, 0, 0) == 0;
            return idle ? ValueTask.CompletedTask : drained.Wait(cancellationToken);
        }
    }
}
