namespace MsgNet.Flood;

/// <summary>What became of honest traffic.</summary>
/// <param name="Asked">Requests made.</param>
/// <param name="Milliseconds">Time to each reply that came within a second, ascending.</param>
/// <param name="Dialled">New hosts that dialled.</param>
/// <param name="DialSeconds">Time to the first reply for each that got one within 10 s.</param>
internal sealed record LoadResult(int Asked, double[] Milliseconds, int Dialled, double[] DialSeconds)
{
    public double AnsweredPercent => 100.0 * Milliseconds.Length / Asked;

    public double Percentile(double share) =>
        Milliseconds.Length == 0 ? double.NaN : Milliseconds[Math.Min(Milliseconds.Length - 1, (int)(Milliseconds.Length * share))];
}
