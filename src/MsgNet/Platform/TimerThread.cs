using MsgNet.Core;

namespace MsgNet.Platform;

/// <summary>
/// The process's one timer thread. Callbacks run on it one after the other, none earlier than asked, usually within two milliseconds after.
/// Starts with the first timer that is armed and stays, asleep when there is nothing to do.
/// </summary>
internal sealed class TimerThread
{
    private readonly object gate = new();
    private readonly TimerHeap<ThreadTimer> heap = new();
    private Instant wakesAt = Instant.Never;
    private bool started;

    /// <summary>The thread of this process.</summary>
    public static TimerThread Instance { get; } = new();

    /// <summary>A timer, not yet armed.</summary>
    public IPlatformTimer Create(Action callback) => new ThreadTimer(this, callback);

    private void Set(ThreadTimer timer, Instant when)
    {
        lock (gate)
        {
            if (timer.IsDisposed)
                return;

            heap.Set(timer, when);
            if (when >= wakesAt)
                return;

            wakesAt = when;
            if (!started)
                Start();
            Monitor.Pulse(gate);
        }
    }

    private void Dispose(ThreadTimer timer)
    {
        lock (gate)
        {
            timer.IsDisposed = true;
            heap.Remove(timer);
        }
    }

    private void Start()
    {
        started = true;
        new Thread(Loop) { IsBackground = true, Name = "MsgNet timers" }.Start();
    }

    private void Loop()
    {
        while (true)
            WaitForDue().Callback();
    }

    private ThreadTimer WaitForDue()
    {
        lock (gate)
        {
            while (true)
            {
                var now = SystemClock.Now;
                if (heap.TryPop(now, out var timer))
                    return timer;

                wakesAt = heap.Next;
                Monitor.Wait(gate, TimeToWait(now));
            }
        }
    }

    private TimeSpan TimeToWait(Instant now)
    {
        if (wakesAt.IsNever)
            return Timeout.InfiniteTimeSpan;

        // Rounded up to the wait's unit, a millisecond: rounded down, the thread would spin through the last one.
        return TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling((wakesAt - now).TotalMilliseconds), WaitMillisecondsMax));
    }

    private const double WaitMillisecondsMax = 60_000;

    private sealed class ThreadTimer(TimerThread owner, Action callback) : IPlatformTimer, IHeapEntry
    {
        public int HeapIndex { get; set; } = -1;

        public bool IsDisposed { get; set; }

        public Action Callback => callback;

        public void Set(Instant when) => owner.Set(this, when);

        public void Dispose() => owner.Dispose(this);
    }
}
