namespace MsgNet.Simulation;

/// <summary>
/// Posted work, run in order by the simulation's one thread. While it runs, it is also the synchronization context, so that a user's
/// <c>await</c> comes back here; code that goes on elsewhere is caught, because no seed could repeat it.
/// </summary>
internal sealed class SimulationScheduler
{
    private readonly Queue<Posted> posted = new();
    private readonly SimulationContext context;
    private readonly Lock strayGate = new();
    private Exception? stray;
    private int runner;

    public SimulationScheduler() => context = new SimulationContext(this);

    /// <summary>Posts <paramref name="work"/> of a host's life; it is forgotten when that life ends before its turn.</summary>
    public void Post(IThreadPoolWorkItem work, SimulatedPlatform life)
    {
        RequireRunner();
        posted.Enqueue(new Posted(work, null, life));
    }

    /// <summary>Runs <paramref name="loop"/> as the simulation's thread, with its synchronization context.</summary>
    public TResult RunAs<TResult>(Func<TResult> loop)
    {
        var current = Environment.CurrentManagedThreadId;
        var before = Interlocked.CompareExchange(ref runner, current, 0);
        if (before != 0)
        {
            throw new InvalidOperationException(before == current
                ? "The simulation runs already; inside it, await Delay instead of calling Run."
                : "The simulation runs already, on another thread.");
        }

        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            return loop();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
            Volatile.Write(ref runner, 0);
        }
    }

    /// <summary>Runs the first posted item; false when there is none.</summary>
    public bool TryRunNext()
    {
        ThrowIfStray();
        if (!posted.TryDequeue(out var item))
            return false;

        if (item.Callback is not null)
            item.Callback(item.State);
        else if (item.State is SimulatedPlatform { IsAlive: true })
            item.Work!.Execute();
        return true;
    }

    /// <summary>Throws when another thread than the simulation's calls while it runs.</summary>
    public void RequireRunner()
    {
        var running = Volatile.Read(ref runner);
        if (running != 0 && running != Environment.CurrentManagedThreadId)
            throw StrayException();
    }

    /// <summary>Throws when an <c>await</c> of the simulation went on elsewhere.</summary>
    public void ThrowIfStray()
    {
        if (Volatile.Read(ref stray) is null)
            return;

        lock (strayGate)
        {
            var error = stray!;
            stray = null;
            throw error;
        }
    }

    private void PostCallback(SendOrPostCallback callback, object? state)
    {
        var running = Volatile.Read(ref runner);
        if (running == Environment.CurrentManagedThreadId)
        {
            posted.Enqueue(new Posted(null, callback, state));
            return;
        }

        // Throwing here would end the process: this is the thread pool. The simulation's thread throws instead.
        lock (strayGate)
            stray ??= StrayException();
    }

    private static InvalidOperationException StrayException() => new(
        "Code of the simulation went on on another thread, which no seed can repeat. "
        + "Inside a simulation use no Task.Run, no ConfigureAwait(false) and no real I/O or time; "
        + "wait with Simulation.Delay or Simulation.TimeProvider.");

    // State is the callback's, or the life that posted the work.
    private readonly record struct Posted(IThreadPoolWorkItem? Work, SendOrPostCallback? Callback, object? State);

    private sealed class SimulationContext(SimulationScheduler owner) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => owner.PostCallback(d, state);

        public override void Send(SendOrPostCallback d, object? state)
        {
            owner.RequireRunner();
            d(state);
        }

        public override SynchronizationContext CreateCopy() => this;
    }
}
