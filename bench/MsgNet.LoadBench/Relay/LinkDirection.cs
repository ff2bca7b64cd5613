namespace MsgNet.LoadBench.Relay;

/// <summary>
/// One direction of a link: which datagrams pass, and when they come out. Loss strikes before the queue; the queue drops what does not fit.
/// Pure: the time is an argument, chance has a seed. What enters comes out in order.
/// </summary>
internal sealed class LinkDirection(LinkSettings settings, int seed)
{
    private const int WaitsPerMillisecond = 10;
    private const int WaitsMax = 10_000;

    private readonly Random random = new(seed);
    private readonly long[] waits = new long[WaitsMax];
    private readonly double nanosecondsPerByte = settings.BitsPerSecond > 0 ? 8e9 / settings.BitsPerSecond : 0;
    private double freeAt;

    /// <summary>Counts of what was offered since the last <see cref="Take"/>.</summary>
    private LinkCounts counts = LinkCounts.None;

    /// <summary>Offers a datagram at a moment in nanoseconds; false when it is lost.</summary>
    public bool TryEnter(long now, int length, out long comesOutAt)
    {
        comesOutAt = 0;
        counts = counts with { Offered = counts.Offered + 1, OfferedBytes = counts.OfferedBytes + length };
        if (random.NextDouble() < settings.Loss)
        {
            counts = counts with { Lost = counts.Lost + 1 };
            return false;
        }

        if (!TryPassBottleneck(now, length, out var through))
        {
            counts = counts with { QueueDropped = counts.QueueDropped + 1 };
            return false;
        }

        comesOutAt = through + (long)settings.Delay.TotalNanoseconds;
        return true;
    }

    /// <summary>What happened since it was last asked.</summary>
    public LinkCounts Take()
    {
        var taken = counts with { QueueP99Milliseconds = WaitQuantile(0.99) };
        counts = LinkCounts.None;
        Array.Clear(waits);
        return taken;
    }

    private bool TryPassBottleneck(long now, int length, out long through)
    {
        through = now;
        if (nanosecondsPerByte == 0)
            return true;

        var wait = Math.Max(0, freeAt - now);
        if ((wait / nanosecondsPerByte) + length > settings.QueueBytesMax)
            return false;

        waits[(int)Math.Min(WaitsMax - 1, wait * WaitsPerMillisecond / 1e6)]++;
        freeAt = Math.Max(now, freeAt) + (length * nanosecondsPerByte);
        through = (long)freeAt;
        return true;
    }

    private double WaitQuantile(double part)
    {
        var rest = (long)Math.Ceiling(part * waits.Sum());
        if (rest == 0)
            return 0;

        var index = -1;
        while (rest > 0)
            rest -= waits[++index];
        return (double)index / WaitsPerMillisecond;
    }
}
