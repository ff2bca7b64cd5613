using System.Collections.Concurrent;
using System.Diagnostics;

namespace MsgNet.Flood;

/// <summary>
/// Honest traffic for minutes between two processes: steady peers, and ten a second that come, ask and go, with every twentieth datagram
/// lost. Prints what the process holds that answers them all, and at the end how it grows.
/// </summary>
internal static class Soak
{
    private const int Steady = 10;
    private const int RequestsPerSecond = 1_000; // and as many replies
    private const int ComingPerSecond = 10;
    private const int BurstMax = 5; // after a pause of this process: more at once would be told that the handler is busy
    private const int ReasonsMax = 10;
    private static readonly TimeSpan Report = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TimeMin = TimeSpan.FromMinutes(15); // for a slope that says something

    private static readonly ConcurrentDictionary<string, long> Failures = new();
    private static long answered;
    private static long failed;
    private static long came;
    private static int joined;

    public static async Task Run(TimeSpan time)
    {
        await using var responder = Child.Start(Responder.LossyRole);
        var address = Multiaddress.Parse(await responder.ReadLine());
        if (!address.TryGetPeerId(out var server))
            throw new InvalidOperationException($"{address} has no peer id.");

        var clients = new List<MessageHost>();
        for (var i = 0; i < Steady; i++)
            clients.Add(await Join(server, address));

        Console.WriteLine(
            "| Minute | RSS [MiB] | Heap [MiB] | Handles | Full collections | Answered | Failed | Came and went | Peers' RSS [MiB] |");
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        var samples = new List<(double Minutes, double Mebibytes)>();
        var (start, asked, begun) = (Stopwatch.GetTimestamp(), 0L, 0L);
        while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < time)
        {
            for (var burst = 0; burst < BurstMax && asked < elapsed.TotalSeconds * RequestsPerSecond; burst++, asked++)
                _ = Ask(clients[(int)(asked % Steady)], server);
            for (; begun < elapsed.TotalSeconds * ComingPerSecond; begun++)
                _ = ComeAndGo(server, address);
            if (elapsed >= Report * (samples.Count + 1))
                samples.Add(await Sample(elapsed, responder));
            await Task.Delay(1);
        }

        foreach (var client in clients)
            await client.Close(TimeSpan.Zero);

        foreach (var (reason, count) in Failures.OrderByDescending(failure => failure.Value).Take(ReasonsMax))
            await Console.Error.WriteLineAsync($"{count} failed: {reason}");
        Console.WriteLine();
        // The first third is the runtime's, which compiles and sizes its heap.
        var late = samples.Skip(samples.Count / 3).ToArray();
        Console.WriteLine(time < TimeMin
            ? $"How memory grows in the long run takes {TimeMin.TotalMinutes} minutes at the least to tell."
            : FormattableString.Invariant($"After the first third the set grows by {60 * Slope(late):F1} MiB an hour."));
    }

    private static async Task<(double Minutes, double Mebibytes)> Sample(TimeSpan elapsed, Child responder)
    {
        await responder.WriteLine();
        var use = RuntimeUse.Parse(await responder.ReadLine());
        var resident = Mebibytes(responder.Id);
        Console.WriteLine(FormattableString.Invariant($"| {elapsed.TotalMinutes:F1} | {resident:F1} | {use.HeapBytes / 1048576.0:F1} ")
            + FormattableString.Invariant($"| {use.Handles} | {use.FullCollections} | {Interlocked.Read(ref answered)} ")
            + FormattableString.Invariant($"| {Interlocked.Read(ref failed)} | {Interlocked.Read(ref came)} ")
            + FormattableString.Invariant($"| {Mebibytes(Environment.ProcessId):F1} |"));
        return (elapsed.TotalMinutes, resident);
    }

    private static double Mebibytes(int process)
    {
        using var found = Process.GetProcessById(process);
        return found.WorkingSet64 / 1048576.0;
    }

    // The line of least squares.
    private static double Slope((double X, double Y)[] points)
    {
        if (points.Length < 2)
            return double.NaN;

        var (meanX, meanY) = (points.Average(point => point.X), points.Average(point => point.Y));
        return points.Sum(point => (point.X - meanX) * (point.Y - meanY)) / points.Sum(point => (point.X - meanX) * (point.X - meanX));
    }

    // From an address of its own: of those who come from one address a host keeps only so many, and a lost goodbye is one for minutes.
    private static Task<MessageHost> Join(PeerId server, Multiaddress address)
    {
        var number = Interlocked.Increment(ref joined);
        return Hosts.StartClient(
            server, address, LossyPlatform.Instance, $"/ip4/127.1.{(number >> 8) & 255}.{number & 255}/udp/0");
    }

    private static async Task ComeAndGo(PeerId server, Multiaddress address)
    {
        var host = await Join(server, address);
        await Ask(host, server);
        await host.Close(TimeSpan.Zero);
        Interlocked.Increment(ref came);
    }

    private static async Task Ask(MessageHost client, PeerId server)
    {
        try
        {
            await client.Request(server, Responder.Protocol, new byte[64]);
            Interlocked.Increment(ref answered);
        }
        catch (Exception error) when (error is MsgNetException or TimeoutException)
        {
            Interlocked.Increment(ref failed);
            Failures.AddOrUpdate(error.GetType().Name + ": " + error.Message, 1, static (_, count) => count + 1);
        }
    }
}
