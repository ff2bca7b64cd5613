using MsgNet.LoadBench.Nodes;
using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Reports;

/// <summary>The figures to reach, as measured.</summary>
internal static class GoalTable
{
    public static string Write(RunFile run, IEnumerable<Goal> goals)
    {
        var table = new MarkdownTable("<Work", "<Figure", "Measured", "<min..max", "By processor time", "Reach", "<Reached", "Beyond");
        foreach (var goal in goals)
            table.Add(Row(run, goal));
        return table.ToString();
    }

    private static string[] Row(RunFile run, Goal goal)
    {
        var values = goal.ValuesIn(run);
        var median = Statistics.Median(values);
        var sign = goal.IsCeiling ? "≤ " : "≥ ";
        return
        [
            goal.Work,
            goal.Unit,
            Numbers.Plain(median),
            Numbers.Range(values, Numbers.Plain),
            ByProcessorTime(run, goal),
            goal.Reach is { } reach ? sign + Numbers.Plain(reach) : "",
            Verdict(goal, median),
            goal.Beyond is { } beyond ? sign + Numbers.Plain(beyond) : "",
        ];
    }

    private static string Verdict(Goal goal, double value)
    {
        if (double.IsNaN(value))
            return "not measured";
        if (goal.Beyond is { } beyond && goal.IsMet(value, beyond))
            return "yes, beyond";
        if (goal.Reach is { } reach)
            return goal.IsMet(value, reach) ? "yes" : "**no**";

        return goal.Beyond is null ? "" : "not beyond";
    }

    /// <summary>
    /// The ratio of rates that two cores with nothing else to do would give, each end on its own: what the busier end of the bar takes for
    /// a message, by what the busier end of ours takes. Of many peers it is the one sender, and of handshakes, which two threads make, the
    /// rate itself.
    /// </summary>
    private static string ByProcessorTime(RunFile run, Goal goal) => (goal.Quantity, goal.Bar) switch
    {
        ({ Figure: not Figure.Rate }, _) => "",
        ({ Kind: MeasureKind.Handshakes }, null) => Numbers.Plain(NodesProcess.Threads * 1e9 / Cost(run, goal.Quantity, Figure.SenderCpu)),
        ({ Kind: MeasureKind.OneWay }, { } bar) => Numbers.Plain(CostIn(run, bar) / CostIn(run, goal.Quantity)),
        ({ Kind: MeasureKind.Peers }, { } bar) =>
            Numbers.Plain(Cost(run, bar, Figure.SenderCpu) / Cost(run, goal.Quantity, Figure.SenderCpu)),
        _ => "",
    };

    /// <summary>What the busier end takes for a message.</summary>
    private static double CostIn(RunFile run, Quantity quantity) =>
        Math.Max(Cost(run, quantity, Figure.SenderCpu), Cost(run, quantity, Figure.ReceiverCpu));

    private static double Cost(RunFile run, Quantity quantity, Figure figure) =>
        Statistics.Median((quantity with { Figure = figure }).In(run).Select(value => value.Value));
}
