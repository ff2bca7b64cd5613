using System.Globalization;
using System.Text;
using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Reports;

/// <summary>What a run gave, as a part of a Markdown document.</summary>
internal static class MarkdownReport
{
    public static string Write(RunFile run)
    {
        var text = new StringBuilder();
        Append(text, "Figures to reach", Texts.Goals, GoalTable.Write(run, Goals.All));
        Append(text, "One way", Texts.OneWay, Tables.OneWay(run));
        AppendPlot(text, "messages per second by size", "throughput");
        Append(text, "Round trips", Texts.RoundTrips, Tables.RoundTrips(run));
        AppendPlot(text, "round trips", "latency");
        Append(text, "Links with delay and loss", Texts.Links, Tables.Links(run));
        AppendPlot(text, "goodput by loss", "goodput");
        Append(text, "Many peers", Texts.Peers, Tables.Peers(run));
        Append(text, "Handshakes and idle sessions", Texts.Machines, Tables.Machines(run));
        return text.ToString().TrimEnd('\n') + "\n";
    }

    /// <summary>The machine and the commit, as a list.</summary>
    public static string Head(RunFile run) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        - {run.Date} UTC, commit {run.Commit}{(run.IsQuick ? ", a smoke run: the figures say little" : "")}
        - {run.Machine.Processor}, {run.Machine.Cores} cores, {run.Machine.System}, .NET {run.Machine.Runtime}
        - {(run.Machine.IsPinned ? "sender on core 0, receiver on core 1" : "not pinned to cores")}, load before {run.Machine.Load:F2}

        """);

    private static void Append(StringBuilder text, string title, string before, string table) =>
        text.Append("## ").Append(title).Append("\n\n").Append(before).Append('\n').Append(table).Append('\n');

    private static void AppendPlot(StringBuilder text, string title, string name) =>
        text.Append("![").Append(title).Append("](plots/").Append(name).Append(".svg)\n\n");
}
