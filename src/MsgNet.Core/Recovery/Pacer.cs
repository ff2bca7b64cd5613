namespace MsgNet.Core;

/// <summary>
/// A token bucket in bytes that spreads packets over the round trip. Its burst is 10 datagrams or 2 ms of the rate, at most 64 datagrams,
/// and never less than 1 ms of the rate: a driver's timers are no finer (REC-054).
/// </summary>
internal struct Pacer(int datagramSize)
{
    /// <summary>Paths with shorter round trips are not paced (REC-054).</summary>
    public static readonly TimeSpan Granularity = TimeSpan.FromMilliseconds(1);

    private const int BurstMin = 10;
    private const int BurstMax = 64;
    private const double BurstTicks = 2 * TimeSpan.TicksPerMillisecond;

    private double tokens = BurstMin * datagramSize;
    private Instant refilledAt;
    private int size = datagramSize;
    private double burst;
    private double burstRate;

    public int DatagramSize
    {
        readonly get => size;
        set => (size, burstRate) = (value, 0);
    }

    /// <summary>When <paramref name="bytes"/> may leave at <paramref name="rate"/> bytes per second; never before now.</summary>
    public Instant NextSend(Instant now, int bytes, double rate)
    {
        // A packet larger than the bucket waits for a full one.
        var missing = Math.Min(bytes, Burst(rate)) - Available(now, rate);
        return missing <= 0 ? now : now + new TimeSpan((long)Math.Ceiling(missing * TimeSpan.TicksPerSecond / rate));
    }

    /// <summary>Takes the tokens of a packet; packets nobody may hold back take the bucket below zero, at most by one burst.</summary>
    public void OnSent(Instant now, int bytes, double rate)
    {
        tokens = Math.Max(Available(now, rate) - bytes, -Burst(rate));
        refilledAt = now;
    }

    private double Available(Instant now, double rate)
    {
        var elapsed = Math.Max(0, (now - refilledAt).Ticks);
        return Math.Min(Burst(rate), tokens + (elapsed * rate / TimeSpan.TicksPerSecond));
    }

    // Asked more than once for each packet; rates change with reports.
    private double Burst(double rate)
    {
        if (rate == burstRate)
            return burst;

        var wanted = Math.Clamp(rate * BurstTicks / TimeSpan.TicksPerSecond, BurstMin * size, BurstMax * size);
        burst = Math.Max(wanted, rate / 1_000);
        burstRate = rate;
        return burst;
    }
}
