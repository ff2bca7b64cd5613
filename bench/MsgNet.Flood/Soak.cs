using System.Diagnostics;

namespace MsgNet.Flood;

/// <summary>
/// Honest traffic for minutes in one process: steady peers, and ten a second that come, ask and go, with every twentieth datagram lost.
/// Prints what the process holds, and at the end how it grows.
/// </summary>
internal static class Soak
{
    private const int Steady = 10;
    private const int RequestsPerSecond = 1_000; // and as many replies
    private const int ComingPerSecond = 10;
    private const int SlopeSamplesMin = 59; // ten minutes
    private static readonly TimeSpan Report = TimeSpan.FromSeconds(10);

    private static long answered;
    private static long failed;
    private static long came;
    private static int joined;

    public static async Task Run(TimeSpan time)
    {
        await using var server = await Start("/ip4/127.0.0.1/udp/0");
        Responder.Answer(server);
        var clients = new List<MessageHost>();
        for (var i = 0; i < Steady; i++)
            clients.Add(await Join(server));

        Console.WriteLine("| Minute | RSS [MiB] | Heap [MiB] | Handles | Gen 2 | Answered | Failed | Came and went |");
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|");
        var samples = new List<(double Minutes, double Mebibytes)>();
        var (start, asked, begun) = (Stopwatch.GetTimestamp(), 0L, 0L);
        while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < time)
        {
            for (; asked < elapsed.TotalSeconds * RequestsPerSecond; asked++)
                _ = Ask(clients[(int)(asked % Steady)], server);
            for (; begun < elapsed.TotalSeconds * ComingPerSecond; begun++)
                _ = ComeAndGo(server);
            if (elapsed >= Report * (samples.Count + 1))
                samples.Add(Sample(elapsed));
            await Task.Delay(1);
        }

        foreach (var client in clients)
            await client.Close(TimeSpan.Zero);

        // The first third is the runtime's, which compiles and sizes its heap.
        var late = samples.Skip(samples.Count / 3).ToArray();
        Console.WriteLine();
        var hourly = 60 * Slope(late);
        Console.WriteLine(samples.Count < SlopeSamplesMin
            ? "How memory grows in the long run takes ten minutes at the least to tell."
            : FormattableString.Invariant($"After the first third the resident set grows by {hourly:F1} MiB an hour."));
    }

    private static (double Minutes, double Mebibytes) Sample(TimeSpan elapsed)
    {
        using var process = Process.GetCurrentProcess();
        var resident = process.WorkingSet64 / 1048576.0;
        var heap = GC.GetTotalMemory(forceFullCollection: false) / 1048576.0;
        var handles = Directory.GetFiles("/proc/self/fd").Length;
        Console.WriteLine(FormattableString.Invariant($"| {elapsed.TotalMinutes:F1} | {resident:F1} | {heap:F1} | {handles} ")
            + FormattableString.Invariant($"| {GC.CollectionCount(2)} | {Interlocked.Read(ref answered)} | {Interlocked.Read(ref failed)} ")
            + FormattableString.Invariant($"| {Interlocked.Read(ref came)} |"));
        return (elapsed.TotalMinutes, resident);
    }

    // The line of least squares.
    private static double Slope((double X, double Y)[] points)
    {
        if (points.Length < 2)
            return double.NaN;

        var (meanX, meanY) = (points.Average(point => point.X), points.Average(point => point.Y));
        return points.Sum(point => (point.X - meanX) * (point.Y - meanY)) / points.Sum(point => (point.X - meanX) * (point.X - meanX));
    }

    private static ValueTask<MessageHost> Start(params ReadOnlySpan<Multiaddress> listen)
    {
        var options = new MsgNetOptions();
        foreach (var address in listen)
            options.Listen.Add(address);
        return MessageHost.Start(LossyPlatform.Instance, options, MessageHost.DefaultTransports, null, CancellationToken.None);
    }

    // From an address of its own: of those who come from one address a host keeps only so many, and a lost goodbye is one for minutes.
    private static async Task<MessageHost> Join(MessageHost server)
    {
        var number = Interlocked.Increment(ref joined);
        var host = await Start($"/ip4/127.1.{(number >> 8) & 255}.{number & 255}/udp/0");
        host.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        return host;
    }

    private static async Task ComeAndGo(MessageHost server)
    {
        var host = await Join(server);
        await Ask(host, server);
        await host.Close(TimeSpan.Zero);
        Interlocked.Increment(ref came);
    }

    private static async Task Ask(MessageHost client, MessageHost server)
    {
        try
        {
            await client.Request(server.Id, Responder.Protocol, new byte[64]);
            Interlocked.Increment(ref answered);
        }
        catch (Exception error) when (error is MsgNetException or TimeoutException)
        {
            Interlocked.Increment(ref failed);
        }
    }
}
