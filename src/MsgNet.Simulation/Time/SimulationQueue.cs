using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Simulation;

/// <summary>
/// Everything that will happen, in one queue: events by time and then by the order they were set, and after each event the work it posted,
/// in order, until none is left.
/// </summary>
/// <remarks>One thread at a time: the one that runs it, or while it does not run, the one that prepares it.</remarks>
internal sealed class SimulationQueue
{
    /// <summary>Events and work items at one moment before the simulation is declared to go round in circles.</summary>
    public const int WorkPerMomentMax = 5_000_000;

    private readonly TimerHeap<ISimulationEvent> heap = new();
    private int workAtThisMoment;

    /// <param name="clock">The clock to move.</param>
    /// <param name="scheduler">Where work is posted.</param>
    public SimulationQueue(SimulationClock clock, SimulationScheduler scheduler)
    {
        Clock = clock;
        Scheduler = scheduler;
    }

    public SimulationClock Clock { get; }

    public SimulationScheduler Scheduler { get; }

    /// <summary>Events to come.</summary>
    public int Count => heap.Count;

    /// <summary>When the next event is; <see cref="Instant.Never"/> when none is to come.</summary>
    public Instant Next => heap.Next;

    /// <summary>
    /// Sets when <paramref name="what"/> happens, in place of what was set; a moment in the past is now, and never takes it out.
    /// </summary>
    public void Set(ISimulationEvent what, Instant when)
    {
        Scheduler.RequireRunner();
        heap.Set(what, Instant.Max(when, Clock.Now));
    }

    /// <summary>Takes <paramref name="what"/> out.</summary>
    public void Remove(ISimulationEvent what)
    {
        Scheduler.RequireRunner();
        heap.Remove(what);
    }

    /// <summary>
    /// Runs what is posted, or else the next event, when it is due at <paramref name="limit"/>; false when there is neither.
    /// </summary>
    public bool TryStep(Instant limit)
    {
        if (!Scheduler.TryRunNext())
        {
            if (heap.Count == 0 || heap.Next > limit)
                return false;

            if (heap.Next > Clock.Now)
                workAtThisMoment = 0;
            Clock.MoveTo(heap.Next);
            heap.TryPop(Clock.Now, out var due);
            due.Run();
        }

        if (++workAtThisMoment > WorkPerMomentMax)
        {
            throw new InvalidOperationException(
                $"{WorkPerMomentMax} things happened at {Clock.Now} and time does not move on: something answers itself without end.");
        }

        return true;
    }
}
