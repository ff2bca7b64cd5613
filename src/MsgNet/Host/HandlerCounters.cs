namespace MsgNet;

/// <summary>What happened to the messages of one host's handlers since it started. Safe on any thread.</summary>
internal sealed class HandlerCounters
{
    private long taken;
    private long dropped;
    private long removed;
    private long busy;
    private long failed;
    private long stuck;
    private long malformed;
    private long slow;

    /// <summary>Messages queued for a handler or reader.</summary>
    public long Taken => Interlocked.Read(ref taken);

    /// <summary>Unreliable messages dropped because a queue was full.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

    /// <summary>Unreliable messages dropped because they waited for a handler or reader when it ended.</summary>
    public long Removed => Interlocked.Read(ref removed);

    /// <summary>Requests and reliable messages refused for now because a queue was full.</summary>
    public long Busy => Interlocked.Read(ref busy);

    /// <summary>Calls that threw.</summary>
    public long Failed => Interlocked.Read(ref failed);

    /// <summary>Calls that outlived their timeout.</summary>
    public long Stuck => Interlocked.Read(ref stuck);

    /// <summary>Messages that were not what their typed handler takes.</summary>
    public long Malformed => Interlocked.Read(ref malformed);

    /// <summary>Inline calls that took above 1 ms.</summary>
    public long Slow => Interlocked.Read(ref slow);

    public void AddTaken(int count) => Interlocked.Add(ref taken, count);

    public void AddDropped() => Interlocked.Increment(ref dropped);

    public void AddRemoved() => Interlocked.Increment(ref removed);

    public void AddBusy() => Interlocked.Increment(ref busy);

    public void AddFailed() => Interlocked.Increment(ref failed);

    public void AddStuck() => Interlocked.Increment(ref stuck);

    public void AddMalformed() => Interlocked.Increment(ref malformed);

    public void AddSlow() => Interlocked.Increment(ref slow);
}
