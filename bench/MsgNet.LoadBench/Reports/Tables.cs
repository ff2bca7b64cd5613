using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Reports;

/// <summary>The tables of what was measured, one for each kind.</summary>
internal static class Tables
{
    public static string OneWay(RunFile run)
    {
        var table = new MarkdownTable(
            "Message [B]", "<", "Messages/s", "<min..max", "MB/s", "Arrived [%]", "CPU of the sender [ns]", "of the receiver [ns]",
            "Allocated by the sender [B]", "by the receiver [B]");
        foreach (var group in SampleGroup.Of(run, MeasureKind.OneWay))
        {
            var rate = group.Median(Figure.Rate);
            table.Add(group.Error is { } error ? Failed(group, error, 10) :
            [
                $"{group.Size}",
                group.Contestant,
                Numbers.Short(rate),
                group.Range(Figure.Rate, 1, Numbers.Short),
                Numbers.Plain(rate * group.Size / 1e6),
                Numbers.Plain(Math.Min(100, group.Median(Figure.Arrived) * 100)),
                Numbers.Plain(group.Median(Figure.SenderCpu)),
                Numbers.Plain(group.Median(Figure.ReceiverCpu)),
                Numbers.Plain(group.Median(Figure.SenderAllocated)),
                Numbers.Plain(group.Median(Figure.ReceiverAllocated)),
            ]);
        }

        return table.ToString();
    }

    public static string RoundTrips(RunFile run)
    {
        var table = new MarkdownTable("Message [B]", "<", "Median [µs]", "<min..max", "p99 [µs]", "p99.9 [µs]", "Round trips/s");
        foreach (var group in SampleGroup.Of(run, MeasureKind.RoundTrip))
        {
            table.Add(group.Error is { } error ? Failed(group, error, 7) :
            [
                $"{group.Size}",
                group.Contestant,
                Numbers.Plain(group.Median(Figure.Median)),
                group.Range(Figure.Median, 1, Numbers.Plain),
                Numbers.Plain(group.Median(Figure.P99)),
                Numbers.Plain(group.Median(Figure.P999)),
                Numbers.Short(group.Median(Figure.Rate)),
            ]);
        }

        return table.ToString();
    }

    private static string[] Failed(SampleGroup group, string error, int columns) =>
        [$"{group.Size}", group.Contestant, error, .. Enumerable.Repeat("", columns - 3)];
}
