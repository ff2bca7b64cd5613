using MsgNet.Core;

namespace MsgNet;

/// <summary>Lets one log line pass each second, however often a remote gives cause for one. Safe on any thread.</summary>
internal sealed class LogThrottle
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private long nextTicks = long.MinValue;

    /// <summary>True when the last line is long enough ago; of several threads one gets it.</summary>
    public bool TryPass(Instant now)
    {
        var next = Volatile.Read(ref nextTicks);
        return now.Ticks >= next && Interlocked.CompareExchange(ref nextTicks, (now + Interval).Ticks, next) == next;
    }
}
