namespace MsgNet.Core;

/// <summary>How often something may happen: a burst at once, then at a steady rate. A value of 16 bytes; starts full.</summary>
internal struct TokenBucket
{
    // Time is the only state: the bucket is full from this moment on. Behind "now" by more than the whole burst means full.
    private long fullAt;

    /// <summary>Whole tokens left at <paramref name="now"/>.</summary>
    public readonly int Available(Instant now, int perSecond, int burst)
    {
        var missing = Math.Max(0, fullAt - now.Ticks);
        var tick = TimeSpan.TicksPerSecond / perSecond;
        return (int)Math.Max(0, burst - ((missing + tick - 1) / tick));
    }

    /// <summary>Takes one token; false when fewer than <paramref name="reserve"/> + 1 are left.</summary>
    public bool TryTake(Instant now, int perSecond, int burst, int reserve)
    {
        if (Available(now, perSecond, burst) <= reserve)
            return false;

        fullAt = Math.Max(fullAt, now.Ticks) + (TimeSpan.TicksPerSecond / perSecond);
        return true;
    }
}
