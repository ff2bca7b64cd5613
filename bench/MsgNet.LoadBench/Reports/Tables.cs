using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Reports;

/// <summary>The tables of what was measured, one for each kind.</summary>
internal static class Tables
{
    private static readonly Figure[] Shares = [Figure.SenderShare, Figure.ReceiverShare, Figure.RelayShare];

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

    public static string Links(RunFile run)
    {
        var table = new MarkdownTable(
            "<Link, one way", "<", "Goodput [MB/s]", "<min..max", "Bytes sent per byte delivered", "Queue, p99 [ms]",
            "Dropped by the queue [%]", "Lost by the relay itself [%]", "Late by the relay, p99 [ms]",
            "<Cores used: sender, receiver, relay");
        foreach (var group in SampleGroup.Of(run, MeasureKind.Link))
        {
            table.Add(group.Error is { } error ? [group.Setting, group.Contestant, error, "", "", "", "", "", "", ""] :
            [
                group.Setting,
                group.Contestant,
                Numbers.Plain(group.Median(Figure.Goodput) / 1e6),
                group.Range(Figure.Goodput, 1e-6, Numbers.Plain),
                Numbers.Plain(group.Median(Figure.SentPerDelivered)),
                Numbers.Plain(group.Median(Figure.QueueP99)),
                Numbers.Plain(group.Median(Figure.QueueDropped) * 100),
                Numbers.Plain(group.Median(Figure.Overrun) * 100),
                Numbers.Plain(group.Median(Figure.RelayLateP99)),
                string.Join(", ", Shares.Select(figure => Numbers.Plain(group.Median(figure)))),
            ]);
        }

        return table.ToString();
    }

    public static string Peers(RunFile run)
    {
        var table = new MarkdownTable(
            "<", "Messages/s", "<min..max", "Arrived [%]", "CPU of the sender [ns]", "of all peers together [ns]");
        foreach (var group in SampleGroup.Of(run, MeasureKind.Peers))
        {
            table.Add(group.Error is { } error ? [group.Contestant, error, "", "", "", ""] :
            [
                group.Contestant,
                Numbers.Short(group.Median(Figure.Rate)),
                group.Range(Figure.Rate, 1, Numbers.Short),
                Numbers.Plain(Math.Min(100, group.Median(Figure.Arrived) * 100)),
                Numbers.Plain(group.Median(Figure.SenderCpu)),
                Numbers.Plain(group.Median(Figure.ReceiverCpu)),
            ]);
        }

        return table.ToString();
    }

    public static string Machines(RunFile run)
    {
        var table = new MarkdownTable("<", "Median", "<min..max");
        foreach (var group in SampleGroup.Of(run, MeasureKind.Handshakes))
        {
            AddMachine(table, group, "Handshakes/s, both ends, on two cores", Figure.Rate);
            AddMachine(table, group, "Processor time of a handshake, both ends [ns]", Figure.SenderCpu);
        }

        foreach (var group in SampleGroup.Of(run, MeasureKind.Memory))
        {
            AddMachine(table, group, $"Managed bytes per idle session, {group.Setting}", Figure.ManagedBytes);
            AddMachine(table, group, $"Resident bytes per idle session, {group.Setting}", Figure.ResidentBytes);
        }

        return table.ToString();
    }

    private static void AddMachine(MarkdownTable table, SampleGroup group, string what, Figure figure) =>
        table.Add(what, group.Error ?? Numbers.Plain(group.Median(figure)), group.Range(figure, 1, Numbers.Plain));

    private static string[] Failed(SampleGroup group, string error, int columns) =>
        [$"{group.Size}", group.Contestant, error, .. Enumerable.Repeat("", columns - 3)];
}
