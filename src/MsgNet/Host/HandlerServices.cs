using Microsoft.Extensions.Logging;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>What every consumer of one host shares. Safe on any thread.</summary>
internal sealed class HandlerServices
{
    private readonly HostDiagnostics diagnostics;
    private readonly ILogger logger;
    private readonly Gate gate = new();
    private WaitQueue? drained;
    private int slotsAtWork;

    /// <param name="hostGate">The host's lock, under which carriers hand messages over and are told of their ends.</param>
    /// <param name="diagnostics">Where messages are measured; has time and the scheduler.</param>
    /// <param name="logger">Where failing handlers show.</param>
    /// <param name="poisonReturnedBuffers">As <see cref="MsgNetOptions.PoisonReturnedBuffers"/>.</param>
    public HandlerServices(Gate hostGate, HostDiagnostics diagnostics, ILogger logger, bool poisonReturnedBuffers)
    {
        HostGate = hostGate;
        PoisonReturnedBuffers = poisonReturnedBuffers;
        this.diagnostics = diagnostics;
        this.logger = logger;
        Inline = new InlineCalls(this);
    }

    public Gate HostGate { get; }

    public IHostPlatform Platform => diagnostics.Platform;

    public bool PoisonReturnedBuffers { get; }

    public HandlerCounters Counters => diagnostics.Handlers;

    public InlineCalls Inline { get; }

    public HandlerReports ReportsFor(ProtocolId protocol) => new(protocol, Counters, logger, diagnostics.For(protocol));

    public void OnSlotPosted() => Interlocked.Increment(ref slotsAtWork);

    /// <summary>A slot has nothing more to do.</summary>
    public void OnSlotIdle()
    {
        if (Interlocked.Decrement(ref slotsAtWork) > 0 || drained is null)
            return;

        using (gate.Enter())
            drained.ReleaseAll();
    }

    /// <summary>Completes when no handler is called and none is about to be, or throws when the token is cancelled.</summary>
    public ValueTask Drain(CancellationToken cancellationToken)
    {
        using (gate.Enter())
        {
            drained ??= new WaitQueue(gate, Platform.Scheduler);

            // The queue is there before the count is read, and the count is changed before the queue is looked for: one sees the other.
            var idle = Interlocked.CompareExchange(ref slotsAtWork, 0, 0) == 0;
            return idle ? ValueTask.CompletedTask : drained.Wait(cancellationToken);
        }
    }
}
