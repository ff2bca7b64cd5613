using System.Diagnostics;

namespace MsgNet.Cli;

/// <summary>Round-trip times, and what can be said about all of them.</summary>
internal sealed class RoundTrips
{
    private readonly List<double> microseconds = [];
    private bool isSorted;

    public int Count => microseconds.Count;

    public double MinMicroseconds => Percentile(0);

    public double MedianMicroseconds => Percentile(0.5);

    public double P99Microseconds => Percentile(0.99);

    /// <summary>Adds the time since <paramref name="startTimestamp"/> and returns it in microseconds.</summary>
    public long AddSince(long startTimestamp)
    {
        var elapsed = Stopwatch.GetElapsedTime(startTimestamp).TotalMicroseconds;
        microseconds.Add(elapsed);
        isSorted = false;
        return (long)elapsed;
    }

    private double Percentile(double share)
    {
        if (!isSorted)
            microseconds.Sort();
        isSorted = true;
        return microseconds[(int)Math.Ceiling(share * (microseconds.Count - 1))];
    }
}
