using System.Diagnostics;

namespace MsgNet.LoadBench.Relay;

/// <summary>
/// Nanoseconds of a clock that is never set, and the moment on it of what the kernel dates by the calendar. One thread.
/// </summary>
internal sealed class LinkClock
{
    // Older than that is no arrival but a calendar that was set.
    private const long AgeMax = 1_000_000_000;

    private long calendar;

    /// <summary>When <see cref="Turn"/> was last called.</summary>
    public long Now { get; private set; }

    /// <summary>Looks at both clocks.</summary>
    public void Turn()
    {
        Now = Stopwatch.GetElapsedTime(0).Ticks * TimeSpan.NanosecondsPerTick;
        calendar = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
    }

    /// <summary>The moment of a date in nanoseconds since 1970; <see cref="Now"/> when it is to come, or long ago.</summary>
    public long MomentOf(long date) => calendar - date is var age and > 0 and < AgeMax ? Now - age : Now;
}
