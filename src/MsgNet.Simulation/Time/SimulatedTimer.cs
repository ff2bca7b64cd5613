using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Simulation;

/// <summary>A timer in virtual time. Setting it later than it stands costs nothing until then.</summary>
internal sealed class SimulatedTimer : IPlatformTimer, ISimulationEvent
{
    private readonly SimulationQueue queue;
    private readonly int clockRate;
    private readonly Action callback;
    private Instant due = Instant.Never;
    private Instant queuedFor = Instant.Never;
    private bool disposed;

    /// <param name="queue">What runs it.</param>
    /// <param name="clockRate">How fast the clock runs that it is set by; the queue's own runs at 1.</param>
    /// <param name="callback">What is due.</param>
    public SimulatedTimer(SimulationQueue queue, int clockRate, Action callback)
    {
        this.queue = queue;
        this.clockRate = clockRate;
        this.callback = callback;
    }

    /// <inheritdoc/>
    public int HeapIndex { get; set; } = -1;

    /// <inheritdoc/>
    public void Set(Instant when)
    {
        if (disposed)
            return;

        due = InQueueTime(when);
        if (due.IsNever || queuedFor > due)
            Enqueue(due);
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

    // Rounded up: a timer is never early by its own clock.
    private Instant InQueueTime(Instant when) =>
        clockRate == 1 || when.IsNever ? when : new Instant((when.Ticks / clockRate) + (when.Ticks % clockRate > 0 ? 1 : 0));

    private void Enqueue(Instant when)
    {
        queuedFor = when;
        queue.Set(this, when);
    }
}
