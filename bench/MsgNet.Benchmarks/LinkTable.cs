using System.Globalization;
using MsgNet.Core;
using MsgNet.Simulation;
using MsgNet.Simulation.Tests.Reliable;

namespace MsgNet.Benchmarks;

/// <summary>What reliable messages make of a link, in the simulator: the same on every machine.</summary>
internal static class LinkTable
{
    private const ulong Seed = 1;
    private static readonly TimeSpan NarrowMeasured = TimeSpan.FromSeconds(10);

    // At 100,000 packets a second a few seconds say it, and take long enough.
    private static readonly TimeSpan FatMeasured = TimeSpan.FromSeconds(4);

    private static readonly LinkOptions Long = LinkFlow.Narrow(LinkOptions.Perfect, TimeSpan.FromMilliseconds(100));
    private static readonly CongestionControl[] One = [CongestionControl.Model];
    private static readonly CongestionControl[] Two = [CongestionControl.Model, CongestionControl.Model];
    private static readonly CongestionControl[] BesideCubic = [CongestionControl.Model, CongestionControl.Cubic];

    private static readonly (string Name, LinkOptions Link, CongestionControl[] Senders)[] NarrowRows =
    [
        ("no loss", LinkFlow.Narrow(LinkOptions.Perfect), One),
        ("1 % loss", LinkFlow.Narrow(new LinkOptions { Loss = 0.01 }), One),
        ("5 % loss", LinkFlow.Narrow(new LinkOptions { Loss = 0.05 }), One),
        ("10 % loss", LinkFlow.Narrow(new LinkOptions { Loss = 0.1 }), One),
        ("10 ms jitter", LinkFlow.Narrow(new LinkOptions { Jitter = TimeSpan.FromMilliseconds(10) }), One),
        ("two senders", LinkFlow.Narrow(LinkOptions.Perfect), Two),
        ("two senders, 100 ms one way", Long, Two),
        ("beside a host with CUBIC", LinkFlow.Narrow(LinkOptions.Perfect), BesideCubic),
        ("CUBIC alone", LinkFlow.Narrow(LinkOptions.Perfect), [CongestionControl.Cubic]),
    ];

    private static readonly (int OneWayMilliseconds, int LossPercent)[] FatRows =
        [(20, 0), (20, 1), (20, 5), (20, 10), (100, 0), (100, 1), (100, 5), (100, 10)];

    /// <summary>Writes the tables.</summary>
    public static void Write(TextWriter output)
    {
        WriteNarrow(output);
        output.WriteLine();
        WriteFat(output);
    }

    private static void WriteNarrow(TextWriter output)
    {
        output.WriteLine("| Link | Goodput [%] | of it the first sender [%] | Queue, median [ms] | p99 [ms] | Lost | Taken for lost [%] |");
        output.WriteLine("|:---|---:|---:|---:|---:|---:|---:|");
        foreach (var (name, link, senders) in NarrowRows)
        {
            var figures = new LinkFlow(Seed, link, senders).Run(NarrowMeasured);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {100 * figures.Use:F1} | {100 * figures.FirstShare:F1} "
                + $"| {figures.QueueMedian.TotalMilliseconds:F1} | {figures.QueueP99.TotalMilliseconds:F1} "
                + $"| {figures.PacketsLost} | {100.0 * figures.PacketsSpurious / figures.PacketsSent:F2} |"));
        }
    }

    private static void WriteFat(TextWriter output)
    {
        output.WriteLine("| One way [ms] | Loss [%] | Goodput [MB/s] | Sent per delivered | × (1 − loss) | Taken for lost [%] |");
        output.WriteLine("|---:|---:|---:|---:|---:|---:|");
        foreach (var (oneWay, percent) in FatRows)
        {
            var link = LinkFlow.Fat(TimeSpan.FromMilliseconds(oneWay), percent / 100.0);
            var figures = new LinkFlow(Seed, link, [CongestionControl.Model]).Run(FatMeasured);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {oneWay} | {percent} | {figures.Goodput / 1e6:F1} | {figures.SentPerDelivered:F3} "
                + $"| {figures.SentPerDelivered * (1 - (percent / 100.0)):F3} "
                + $"| {100.0 * figures.PacketsSpurious / figures.PacketsSent:F2} |"));
        }
    }
}
