namespace MsgNet.LoadBench.Relay;

/// <summary>
/// One direction of a link: which datagrams pass, and when they come out. Loss strikes before the queue; the queue drops what does not fit.
/// Pure: the time is an argument, chance has a seed. What enters comes out in order.
/// </summary>
internal sealed class LinkDirection(LinkSettings settings, int seed)
{
    private readonly Random random = new(seed);
    private readonly Waits waits = new();
    private readonly double nanosecondsPerByte = settings.BitsPerSecond > 0 ? 8e9 / settings.BitsPerSecond : 0;
    private double freeAt;
    private long offered;
    private long offeredBytes;
    private long lost;
    private long queueDropped;

    /// <summary>Offers a datagram at a moment in nanoseconds; false when it is lost.</summary>
    public bool TryEnter(long now, int length, out long comesOutAt)
    {
        comesOutAt = 0;
        offered++;
        offeredBytes += length;
        if (random.NextDouble() < settings.Loss)
        {
            lost++;
            return false;
        }

        if (!TryPassBottleneck(now, length, out var through))
        {
            queueDropped++;
            return false;
        }

        comesOutAt = through + (long)settings.Delay.TotalNanoseconds;
        return true;
    }

    /// <summary>What happened since it was last asked.</summary>
    public LinkCounts Take()
    {
        var taken = new LinkCounts(offered, offeredBytes, lost, queueDropped, waits.Take(0.99));
        offered = offeredBytes = lost = queueDropped = 0;
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

        waits.Add((long)wait);
        freeAt = Math.Max(now, freeAt) + (length * nanosecondsPerByte);
        through = (long)freeAt;
        return true;
    }
}
