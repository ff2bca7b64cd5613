using System.Diagnostics;

namespace MsgNet.LoadBench.Contestants;

/// <summary>Times of round trips; keeps the first four million. One thread at a time.</summary>
internal sealed class RoundTrips
{
    private const int KeptMax = 1 << 22;
    private readonly long[] ticks = new long[KeptMax];
    private int kept;

    /// <summary>Round trips added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds one that began at <paramref name="start"/> and ended now, which is returned.</summary>
    public long AddSince(long start)
    {
        var now = Stopwatch.GetTimestamp();
        if (kept < KeptMax)
            ticks[kept++] = now - start;
        Count++;
        return now;
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        kept = 0;
        Count = 0;
    }

    /// <summary>The time in microseconds that this part of all is not longer than; 0 when there is none.</summary>
    public double QuantileMicroseconds(double part)
    {
        if (kept == 0)
            return 0;

        var sorted = ticks.AsSpan(0, kept);
        sorted.Sort();
        return sorted[Math.Clamp((int)Math.Ceiling(part * kept) - 1, 0, kept - 1)] * 1e6 / Stopwatch.Frequency;
    }
}
