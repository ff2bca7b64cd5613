namespace MsgNet.Flood;

/// <summary>One flood, measured; or the medians of several.</summary>
internal sealed record SiegeResult
{
    public required double PacketsPerSecond { get; init; }

    /// <summary>Share of all datagrams that the kernel dropped because the responder's buffer was full.</summary>
    public required double DroppedPercent { get; init; }

    public required double AnsweredPercent { get; init; }

    public required double MedianMilliseconds { get; init; }

    public required double P99Milliseconds { get; init; }

    /// <summary>CPU of the responder, of one core.</summary>
    public required double CpuPercent { get; init; }

    public required double GrowthMebibytes { get; init; }

    public required double DialsSucceeded { get; init; }

    public required double SlowestDialSeconds { get; init; }

    /// <summary>The median of each figure by itself.</summary>
    public static SiegeResult MedianOf(IReadOnlyList<SiegeResult> results)
    {
        double Median(Func<SiegeResult, double> figure) => results.Select(figure).Order().ElementAt(results.Count / 2);
        return new SiegeResult
        {
            PacketsPerSecond = Median(result => result.PacketsPerSecond),
            DroppedPercent = Median(result => result.DroppedPercent),
            AnsweredPercent = Median(result => result.AnsweredPercent),
            MedianMilliseconds = Median(result => result.MedianMilliseconds),
            P99Milliseconds = Median(result => result.P99Milliseconds),
            CpuPercent = Median(result => result.CpuPercent),
            GrowthMebibytes = Median(result => result.GrowthMebibytes),
            DialsSucceeded = Median(result => result.DialsSucceeded),
            SlowestDialSeconds = Median(result => result.SlowestDialSeconds),
        };
    }

    /// <summary>The row of the table in <c>bench/RESULTS.md</c>.</summary>
    public string ToRow(AttackKind kind) => FormattableString.Invariant(
        $"| {kind} | {PacketsPerSecond:F0} | {DroppedPercent:F1} | {AnsweredPercent:F2} | {MedianMilliseconds:F2} | {P99Milliseconds:F1} ")
        + FormattableString.Invariant(
            $"| {CpuPercent:F0} | {GrowthMebibytes:F1} | {DialsSucceeded:F0} | {SlowestDialSeconds:F2} |");
}
