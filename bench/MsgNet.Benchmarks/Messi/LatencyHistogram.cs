using System.Numerics;

namespace MsgNet.Benchmarks.Loads;

/// <summary>Times in nanoseconds, within 3 %. One thread at a time.</summary>
internal sealed class LatencyHistogram
{
    private const int Bits = 5;
    private const int Steps = 1 << Bits; // for each power of two

    private readonly long[] counts = new long[(64 - Bits + 1) * Steps];

    public void Record(long nanoseconds) => counts[IndexOf(Math.Max(0, nanoseconds))]++;

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < counts.Length; i++)
            counts[i] += other.counts[i];
    }

    /// <summary>The time that this part of all is not longer than; 0 when there is none.</summary>
    public long Quantile(double part)
    {
        var rest = (long)Math.Ceiling(part * counts.Sum());
        for (var i = 0; i < counts.Length; i++)
        {
            rest -= counts[i];
            if (rest <= 0)
                return ValueOf(i);
        }

        return 0;
    }

    private static int IndexOf(long value)
    {
        if (value < Steps)
            return (int)value;

        var shift = BitOperations.Log2((ulong)value) - Bits;
        return (shift * Steps) + (int)(value >> shift);
    }

    private static long ValueOf(int index)
    {
        var shift = Math.Max(0, (index / Steps) - 1);
        return (long)(index - (shift * Steps)) << shift;
    }
}
