using System.Globalization;
using System.Text;
using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Reports;

/// <summary>
/// What gnuplot draws: blocks of "x value" lines, each after its title, with two empty lines between them. The scripts in bench/plots
/// say how.
/// </summary>
internal static class PlotData
{
    /// <summary>Writes every file into a folder.</summary>
    public static void Write(RunFile run, string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "throughput.dat"), Throughput(run));
        File.WriteAllText(Path.Combine(folder, "latency.dat"), Latency(run));
        File.WriteAllText(Path.Combine(folder, "goodput.dat"), Goodput(run));
    }

    /// <summary>Messages per second by the bytes of a message, a block for each contestant.</summary>
    public static string Throughput(RunFile run) => Blocks(
        from one in SampleGroup.Of(run, MeasureKind.OneWay)
        where one.Error is null
        group (one.Size, one.Median(Figure.Rate)) by one.Contestant into line
        select (line.Key, line.Select(point => (Text(point.Size), point.Item2))));

    /// <summary>Median, p99 and p99.9 of round trips of 32 B, a line for each contestant.</summary>
    public static string Latency(RunFile run)
    {
        var text = new StringBuilder();
        foreach (var one in SampleGroup.Of(run, MeasureKind.RoundTrip).Where(one => one.Size == 32 && one.Error is null))
        {
            text.Append('"').Append(one.Contestant).Append("\" ").AppendJoin(
                ' ', new[] { Figure.Median, Figure.P99, Figure.P999 }.Select(figure => Text(one.Median(figure)))).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Megabytes per second by percent of loss, a block for each contestant and delay.</summary>
    public static string Goodput(RunFile run) => Blocks(
        from one in SampleGroup.Of(run, MeasureKind.Link)
        let parts = one.Setting.Split(", ")
        where one.Error is null && parts.Length == 2
        group (Loss: parts[1].Split(' ')[0], MegaBytes: one.Median(Figure.Goodput) / 1e6) by $"{one.Contestant}, {parts[0]}" into line
        select (line.Key, line.AsEnumerable()));

    private static string Blocks(IEnumerable<(string Title, IEnumerable<(string X, double Value)> Points)> lines)
    {
        var text = new StringBuilder();
        foreach (var (title, points) in lines)
        {
            text.Append(text.Length > 0 ? "\n\n" : "").Append('"').Append(title).Append("\"\n");
            foreach (var (x, value) in points)
                text.Append(x).Append(' ').Append(Text(value)).Append('\n');
        }

        return text.ToString();
    }

    private static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
