namespace MsgNet.LoadBench.Results;

/// <summary>What is made of the rounds of one measurement.</summary>
internal static class Statistics
{
    /// <summary>The middle value; the mean of the two in the middle when their number is even; NaN when there is none.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0)
            return double.NaN;

        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>
    /// One measurement over another, round by round, since both of a round were made in the same minute; only rounds that have both.
    /// </summary>
    public static double[] Ratios(IEnumerable<(int Round, double Value)> values, IEnumerable<(int Round, double Value)> bars)
    {
        var byRound = bars.ToDictionary(bar => bar.Round, bar => bar.Value);
        return [.. values.Where(value => byRound.ContainsKey(value.Round)).Select(value => value.Value / byRound[value.Round])];
    }
}
