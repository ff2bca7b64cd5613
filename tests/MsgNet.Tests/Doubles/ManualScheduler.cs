using MsgNet.Platform;

namespace MsgNet.Tests;

/// <summary>Runs what was posted when a test says so, in order; continuations of user code come here too.</summary>
internal sealed class ManualScheduler : IScheduler
{
    private readonly Queue<IThreadPoolWorkItem> queue = [];
    private readonly SynchronizationContext context;

    public ManualScheduler() => context = new Context(this);

    public int Count => queue.Count;

    public bool IsRunning { get; private set; }

    public void Post(IThreadPoolWorkItem work) => queue.Enqueue(work);

    /// <summary>Runs one piece of work; false when there is none.</summary>
    public bool RunOne()
    {
        if (!queue.TryDequeue(out var work))
            return false;

        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        IsRunning = true;
        try
        {
            work.Execute();
        }
        finally
        {
            IsRunning = false;
            SynchronizationContext.SetSynchronizationContext(before);
        }

        return true;
    }

    /// <summary>Runs everything, also what that posts.</summary>
    public void Run()
    {
        for (var i = 0; RunOne(); i++)
            Assert.True(i < 1_000_000, "The scheduler never comes to rest.");
    }

    private sealed class Context(ManualScheduler scheduler) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => scheduler.Post(new Continuation(d, state));
    }

    private sealed class Continuation(SendOrPostCallback callback, object? state) : IThreadPoolWorkItem
    {
        public void Execute() => callback(state);
    }
}
