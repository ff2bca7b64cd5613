using System.Globalization;

namespace MsgNet.Flood;

/// <summary>Measures honest traffic under every kind of flood, the kinds taking turns, and prints a table of medians.</summary>
internal static class Siege
{
    public static async Task Run(TimeSpan time, int rate, int runs)
    {
        var kinds = Enum.GetValues<AttackKind>();
        var results = kinds.ToDictionary(kind => kind, _ => new List<SiegeResult>());
        for (var run = 0; run < runs; run++)
        {
            foreach (var kind in kinds)
            {
                var result = await Measure(kind, rate, time);
                results[kind].Add(result);
                await Console.Error.WriteLineAsync(result.ToRow(kind));
            }
        }

        Console.WriteLine(
            "| Flood | Packets/s | Dropped by the kernel [%] | Answered [%] | Median [ms] | p99 [ms] "
            + "| Responder CPU [%] | Growth [MiB] | Dials of 20 | Slowest dial [s] |");
        Console.WriteLine("|:---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var kind in kinds)
            Console.WriteLine(SiegeResult.MedianOf(results[kind]).ToRow(kind));
    }

    private static async Task<SiegeResult> Measure(AttackKind kind, int rate, TimeSpan time)
    {
        await using var responder = Child.Start(Responder.Role);
        var address = Multiaddress.Parse(await responder.ReadLine());
        if (!address.TryGetUdpEndPoint(out _, out var port))
            throw new InvalidOperationException($"{address} is no UDP address.");

        await using var load = await HonestLoad.Connect(address);
        await load.Run(TimeSpan.FromSeconds(1)); // the runtimes of both ends compile what is used often
        var seconds = ((int)time.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        await using var attacker = kind == AttackKind.None
            ? null
            : Child.Start(Attacker.Role, $"{kind}", rate.ToString(CultureInfo.InvariantCulture), seconds, $"{address}");
        if (attacker is not null)
        {
            await attacker.ReadLine();
            await attacker.WriteLine();
        }

        var before = ProcessUse.Of(responder.Id, port);
        var honest = await load.Run(time);
        var after = ProcessUse.Of(responder.Id, port);
        var (sent, sentSeconds) = attacker is null ? (0.0, time.TotalSeconds) : Sent(await attacker.ReadLine());
        return new SiegeResult
        {
            PacketsPerSecond = sent / sentSeconds,
            DroppedPercent = 100.0 * (after.DatagramsDropped - before.DatagramsDropped) / (sent + honest.Asked),
            AnsweredPercent = honest.AnsweredPercent,
            MedianMilliseconds = honest.Percentile(0.5),
            P99Milliseconds = honest.Percentile(0.99),
            CpuPercent = 100 * (after.Cpu - before.Cpu) / time,
            GrowthMebibytes = (after.ResidentBytes - before.ResidentBytes) / 1048576.0,
            DialsSucceeded = honest.DialSeconds.Length,
            SlowestDialSeconds = honest.DialSeconds.DefaultIfEmpty(double.NaN).Max(),
        };
    }

    private static (double Packets, double Seconds) Sent(string line)
    {
        var words = line.Split(' ');
        return (double.Parse(words[0], CultureInfo.InvariantCulture), double.Parse(words[1], CultureInfo.InvariantCulture));
    }
}
