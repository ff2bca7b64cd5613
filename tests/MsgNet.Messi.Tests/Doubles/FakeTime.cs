namespace MsgNet.Messi.Tests;

/// <summary>A clock that a test moves; timers run on the thread that moves it, each at its own time.</summary>
internal sealed class FakeTime : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<FakeTimer> timers = [];
    private long now = TimeSpan.TicksPerDay;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Timers that exist.</summary>
    public int Timers
    {
        get
        {
            lock (gate)
                return timers.Count;
        }
    }

    public override long GetTimestamp() => Interlocked.Read(ref now);

    public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, callback, state);
        lock (gate)
            timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(double seconds)
    {
        var target = GetTimestamp() + (long)(seconds * TimeSpan.TicksPerSecond);
        while (TakeDue(target) is { } timer)
            timer.Run();
        Interlocked.Exchange(ref now, target);
    }

    /// <summary>Lets a stop run out of time: peers that a test plays do not answer the end by their own.</summary>
    public async ValueTask RunUntil(Task stopped)
    {
        while (!stopped.IsCompleted)
        {
            Advance(60);
            await Task.Yield();
        }

        await stopped;
    }

    private FakeTimer? TakeDue(long target)
    {
        lock (gate)
        {
            var next = timers.Where(timer => timer.Due <= target).MinBy(timer => timer.Due);
            if (next is null)
                return null;

            Interlocked.Exchange(ref now, Math.Max(now, next.Due));
            next.Due = long.MaxValue;
            return next;
        }
    }

    private sealed class FakeTimer(FakeTime time, TimerCallback callback, object? state) : ITimer
    {
        public long Due { get; set; } = long.MaxValue;

        public void Run() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time.gate)
                Due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : time.now + dueTime.Ticks;
            return true;
        }

        public void Dispose()
        {
            lock (time.gate)
                time.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
