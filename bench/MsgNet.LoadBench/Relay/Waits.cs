namespace MsgNet.LoadBench.Relay;

/// <summary>How long each of many waited, in steps of 0.1 ms up to a second. Nothing is allocated for one more.</summary>
internal sealed class Waits
{
    private const int PerMillisecond = 10;
    private const long StepNanoseconds = 1_000_000 / PerMillisecond;

    private readonly long[] counts = new long[1_000 * PerMillisecond];

    /// <summary>One waited so long, in nanoseconds; negative is none.</summary>
    public void Add(long nanoseconds) => counts[Math.Clamp(nanoseconds / StepNanoseconds, 0, counts.Length - 1)]++;

    /// <summary>Milliseconds that this part of them waited at most, rounded down; 0 without any. Forgets them all.</summary>
    public double Take(double part)
    {
        var rest = (long)Math.Ceiling(part * counts.Sum());
        var index = -1;
        while (rest > 0)
            rest -= counts[++index];
        Array.Clear(counts);
        return (double)Math.Max(0, index) / PerMillisecond;
    }
}
