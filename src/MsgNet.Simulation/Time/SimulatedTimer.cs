using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Simulation;

/// <summary>A timer in virtual time. Setting it later than it stands costs nothing until then.</summary>
internal sealed class SimulatedTimer : IPlatformTimer, ISimulationEvent
{
    private readonly SimulationQueue queue;
    private readonly Action callback;
    private Instant due = Instant.Never;
    private Instant queuedFor = Instant.Never;
    private bool disposed;

    public SimulatedTimer(SimulationQueue queue, Action callback)
    {
        this.queue = queue;
        this.callback = callback;
    }

    /// <inheritdoc/>
    public int HeapIndex { get; set; } = -1;

    /// <inheritdoc/>
    public void Set(Instant when)
    {
        if (disposed)
            return;

        due = when;
        if (when.IsNever || queuedFor > when)
            Enqueue(when);
    }

    /// <inheritdoc/>
    public void Run()
    {
        queuedFor = Instant.Never;
        if (due > queue.Clock.Now)
        {
            Enqueue(due);
            return;
        }

        due = Instant.Never;
        callback();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        due = Instant.Never;
        Enqueue(Instant.Never);
    }

    private void Enqueue(Instant when)
    {
        queuedFor = when;
        queue.Set(this, when);
    }
}
