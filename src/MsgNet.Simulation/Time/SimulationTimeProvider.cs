using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>Virtual time for code that takes a <see cref="TimeProvider"/>: <c>Task.Delay</c>, timeouts, periodic timers.</summary>
internal sealed class SimulationTimeProvider(SimulationQueue queue) : TimeProvider
{
    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long GetTimestamp() => queue.Clock.Now.Ticks;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() =>
        DateTimeOffset.UnixEpoch.AddMicroseconds(SimulationClock.UnixMicrosecondsAtStart) + (queue.Clock.Now - Instant.Zero);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new PeriodicTimer(queue, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class PeriodicTimer : ITimer
    {
        private readonly SimulationQueue queue;
        private readonly TimerCallback callback;
        private readonly object? state;
        private readonly SimulatedTimer timer;
        private TimeSpan period = Timeout.InfiniteTimeSpan;
        private bool disposed;

        public PeriodicTimer(SimulationQueue queue, TimerCallback callback, object? state)
        {
            this.queue = queue;
            this.callback = callback;
            this.state = state;
            timer = new SimulatedTimer(queue, 1, Fire);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (disposed)
                return false;

            this.period = period;
            timer.Set(After(dueTime));
            return true;
        }

        public void Dispose()
        {
            disposed = true;
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire()
        {
            if (period > TimeSpan.Zero)
                timer.Set(After(period));
            callback(state);
        }

        private Instant After(TimeSpan time) => time < TimeSpan.Zero ? Instant.Never : queue.Clock.Now + time;
    }
}
