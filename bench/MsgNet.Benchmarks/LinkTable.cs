using System.Globalization;
using MsgNet.Simulation;
using MsgNet.Simulation.Tests.Reliable;

namespace MsgNet.Benchmarks;

/// <summary>What reliable messages make of a link, in the simulator: the same on every machine.</summary>
internal static class LinkTable
{
    private const ulong Seed = 1;
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(10);

    private static readonly (string Name, LinkOptions Link, int Senders)[] Rows =
    [
        ("no loss", LinkOptions.Perfect, 1),
        ("1 % loss", new LinkOptions { Loss = 0.01 }, 1),
        ("5 % loss", new LinkOptions { Loss = 0.05 }, 1),
        ("10 % loss", new LinkOptions { Loss = 0.1 }, 1),
        ("10 ms jitter", new LinkOptions { Jitter = TimeSpan.FromMilliseconds(10) }, 1),
        ("two senders", LinkOptions.Perfect, 2),
    ];

    /// <summary>Writes the table.</summary>
    public static void Write(TextWriter output)
    {
        output.WriteLine("| Link | Goodput [%] | of it the first sender [%] | Queue, median [ms] | p99 [ms] | Lost | Taken for lost [%] |");
        output.WriteLine("|:---|---:|---:|---:|---:|---:|---:|");
        foreach (var (name, link, senders) in Rows)
        {
            var figures = new LinkFlow(Seed, link, senders).Run(Measured);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {100 * figures.Goodput:F1} | {100 * figures.Shares[0] / figures.Goodput:F1} "
                + $"| {figures.QueueMedian.TotalMilliseconds:F1} | {figures.QueueP99.TotalMilliseconds:F1} "
                + $"| {figures.PacketsLost} | {100.0 * figures.PacketsSpurious / figures.PacketsSent:F2} |"));
        }
    }
}
