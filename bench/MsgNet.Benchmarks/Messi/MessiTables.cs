using System.Globalization;

namespace MsgNet.Benchmarks.Loads;

/// <summary>Messi beside the least that .NET needs for the same work, on loopback, client and server in two processes.</summary>
internal static class MessiTables
{
    /// <summary>The sizes of the original's own figures, and those of the other tables.</summary>
    private static readonly int[] Sizes = [16, 32, 1000, 1200];

    private static readonly LoadCase[] Cases =
    [
        .. Sizes.Select(size => new LoadCase(LoadPattern.ToServer, size, 1)),
        new(LoadPattern.ToServer, 32, 100),
        new(LoadPattern.ToServer, 1200, 100),
        .. Sizes.Select(size => new LoadCase(LoadPattern.ToClient, size, 1)),
        .. Sizes.Select(size => new LoadCase(LoadPattern.Echo, size, 1)),
        new(LoadPattern.Echo, 32, 100),
        new(LoadPattern.Echo, 1200, 100),
        new(LoadPattern.Broadcast, 32, 1000),
        new(LoadPattern.Broadcast, 1200, 1000),
    ];

    /// <summary>Measures, and writes the tables.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="time">How long one run is measured.</param>
    /// <param name="rounds">Runs of each case over each transport; they take turns, so that a slow moment hits them alike.</param>
    public static async Task Write(TextWriter output, TimeSpan time, int rounds)
    {
        await using var server = await ServerHandle.Start();
        var samples = new Dictionary<(LoadCase, Transport), List<LoadSample>>();
        // The first round is for the compiler, which works in the background.
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var what in Cases)
            {
                foreach (var transport in Enum.GetValues<Transport>())
                {
                    var sample = await LoadRun.Measure(server, transport, what, round == 0 ? time / 2 : time);
                    if (round == 0)
                        samples[(what, transport)] = [];
                    else
                        samples[(what, transport)].Add(sample);
                }
            }
        }

        WriteRates(output, "Messages", samples, what => what.Pattern is LoadPattern.ToServer or LoadPattern.ToClient);
        WriteTimes(output, samples);
        WriteRates(output, "Deliveries", samples, what => what.Pattern is LoadPattern.Broadcast);
    }

    private static void WriteRates(
        TextWriter output, string name, Dictionary<(LoadCase, Transport), List<LoadSample>> samples, Func<LoadCase, bool> isShown)
    {
        output.WriteLine($"| | Message [B] | Clients | {name}/s | min..max | MB/s | CPU ns each | Allocated B each | By hand: {name}/s "
            + "| min..max | CPU ns each | Messi / by hand |");
        output.WriteLine("|:---|---:|---:|---:|:---|---:|---:|---:|---:|:---|---:|---:|");
        foreach (var what in Cases.Where(isShown))
        {
            var messi = samples[(what, Transport.Messi)];
            var tcp = samples[(what, Transport.Tcp)];
            var (rate, peer) = (Median(messi, sample => sample.Rate), Median(tcp, sample => sample.Rate));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {NameOf(what.Pattern)} | {what.Size} | {what.Clients} | {rate:F0} | {Range(messi, sample => sample.Rate, "F0")} "
                + $"| {rate * what.Size / 1e6:F1} | {Median(messi, sample => sample.Cpu):F0} | {Allocated(messi)} "
                + $"| {peer:F0} | {Range(tcp, sample => sample.Rate, "F0")} | {Median(tcp, sample => sample.Cpu):F0} "
                + $"| {rate / peer:F2} |"));
        }

        output.WriteLine();
    }

    private static void WriteTimes(TextWriter output, Dictionary<(LoadCase, Transport), List<LoadSample>> samples)
    {
        output.WriteLine("| Message [B] | Clients | Round trip, median [us] | min..max | p99 [us] | Round trips/s | Allocated B each "
            + "| By hand: median [us] | min..max | p99 [us] | Round trips/s |");
        output.WriteLine("|---:|---:|---:|:---|---:|---:|---:|---:|:---|---:|---:|");
        foreach (var what in Cases.Where(what => what.Pattern == LoadPattern.Echo))
        {
            var messi = samples[(what, Transport.Messi)];
            var tcp = samples[(what, Transport.Tcp)];
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {what.Size} | {what.Clients} | {Times(messi)} | {Allocated(messi)} | {Times(tcp)} |"));
        }

        output.WriteLine();
    }

    private static string Times(List<LoadSample> samples) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Median(samples, sample => sample.Median):F1} | {Range(samples, sample => sample.Median, "F1")} "
        + $"| {Median(samples, sample => sample.Percentile99):F1} | {Median(samples, sample => sample.Rate):F0}");

    private static string Allocated(List<LoadSample> samples)
        => Math.Max(0, Median(samples, sample => sample.Allocated)).ToString("F2", CultureInfo.InvariantCulture);

    private static string NameOf(LoadPattern pattern) => pattern switch
    {
        LoadPattern.ToServer => "client to server",
        LoadPattern.ToClient => "server to client",
        _ => "broadcast",
    };

    private static double Median(List<LoadSample> samples, Func<LoadSample, double> figure)
        => samples.Select(figure).Order().ElementAt(samples.Count / 2);

    private static string Range(List<LoadSample> samples, Func<LoadSample, double> figure, string format)
        => $"{samples.Min(figure).ToString(format, CultureInfo.InvariantCulture)}"
            + $"..{samples.Max(figure).ToString(format, CultureInfo.InvariantCulture)}";
}
