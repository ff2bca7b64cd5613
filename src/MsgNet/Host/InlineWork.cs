namespace MsgNet;

/// <summary>Calls of inline handlers that wait for their carrier to release its lock. Safe on any thread.</summary>
internal sealed class InlineWork
{
    private readonly Lock gate = new();
    private readonly Queue<IThreadPoolWorkItem> pending = [];
    private volatile bool isEmpty = true;

    /// <summary>Nothing is pending, as far as can be seen without the lock.</summary>
    public bool IsEmpty => isEmpty;

    public void Add(IThreadPoolWorkItem work)
    {
        lock (gate)
        {
            pending.Enqueue(work);
            isEmpty = false;
        }
    }

    /// <summary>Runs what is pending, on this thread.</summary>
    public void Run()
    {
        while (!isEmpty && TryTake() is { } work)
            work.Execute();
    }

    private IThreadPoolWorkItem? TryTake()
    {
        lock (gate)
        {
            pending.TryDequeue(out var work);
            isEmpty = pending.Count == 0;
            return work;
        }
    }
}
