using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using MsgNet.Bench;
using MsgNet.Core;
using MsgNet.LoadBench.Processes;
using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Nodes;

/// <summary>
/// A process that measures the machines alone, on two threads: handshakes, or the memory of sessions. It prints its figures.
/// </summary>
internal static class NodesProcess
{
    public const string HandshakesRole = "handshakes";
    public const string MemoryRole = "memory";

    /// <summary>Threads that make handshakes.</summary>
    public const int Threads = 2;

    private const int Batch = 64;
    private const int ForWarmth = 200;

    // A node takes 16,384 peers; more sessions are spread over several.
    private const int SessionsPerNode = 12_500;

    /// <summary>Runs a role with its one number: seconds, or sessions.</summary>
    public static void Run(string role, string number, TextWriter output)
    {
        var value = double.Parse(number, CultureInfo.InvariantCulture);
        var figures = role == HandshakesRole ? Handshakes(TimeSpan.FromSeconds(value)) : Memory((int)value);
        output.WriteLine(JsonSerializer.Serialize(figures, Wire.Json));
    }

    private static Dictionary<Figure, double> Handshakes(TimeSpan time)
    {
        OnThreads(_ => MakeHandshakes(time / 4));
        var made = OnThreads(_ => MakeHandshakes(time));
        return new Dictionary<Figure, double>
        {
            [Figure.Rate] = made.Sum(each => each.Count / each.Seconds),
            [Figure.SenderCpu] = made.Sum(each => each.CpuSeconds) * 1e9 / made.Sum(each => each.Count),
        };
    }

    /// <summary>Both ends of them, one after the other; making identities and clearing up is not counted.</summary>
    private static Made MakeHandshakes(TimeSpan time)
    {
        var introduction = new Introduction();
        using var listener = NewListener();
        var ticks = 0L;
        var cpu = 0.0;
        var count = 0;
        for (; ticks < time.TotalSeconds * Stopwatch.Frequency && listener.Node.PeerCount + Batch < Limits.PeersMax; count += Batch)
        {
            var callers = Enumerable.Range(0, Batch).Select(_ => introduction.MakeCaller()).ToArray();
            var (start, cpuStart) = (Stopwatch.GetTimestamp(), ThreadSeconds());
            foreach (var caller in callers)
                introduction.Meet(caller, listener);
            ticks += Stopwatch.GetTimestamp() - start;
            cpu += ThreadSeconds() - cpuStart;
            foreach (var caller in callers)
                caller.Dispose();
        }

        return new Made(count, (double)ticks / Stopwatch.Frequency, cpu);
    }

    // Processor time of this thread; not a number where nobody tells.
    private static unsafe double ThreadSeconds()
    {
        const int ThreadClock = 3;
        SystemCalls.TimeValue time;
        return OperatingSystem.IsLinux() && SystemCalls.GetTime(ThreadClock, &time) == 0
            ? time.Seconds + (time.Nanoseconds * 1e-9)
            : double.NaN;
    }

    private static Dictionary<Figure, double> Memory(int sessions)
    {
        // What is there once, and what grows with use and not with sessions, is there before it counts.
        Fill(ForWarmth);
        var nodes = (int)Math.Ceiling((double)sessions / SessionsPerNode);
        var before = Take();
        var listeners = Enumerable.Range(0, nodes).Select(_ => NewListener()).ToArray();
        var share = (double)sessions / nodes;
        OnThreads(thread =>
        {
            for (var i = thread; i < nodes; i += Threads)
                Fill(listeners[i], (int)((i + 1) * share) - (int)(i * share));
            return 0;
        });
        var after = Take();
        GC.KeepAlive(listeners);
        return new Dictionary<Figure, double>
        {
            [Figure.ManagedBytes] = (double)(after.Managed - before.Managed) / sessions,
            [Figure.ResidentBytes] = (double)(after.Resident - before.Resident) / sessions,
        };
    }

    private static void Fill(int sessions)
    {
        using var listener = NewListener();
        Fill(listener, sessions);
    }

    private static void Fill(BareNode listener, int sessions)
    {
        var introduction = new Introduction();
        for (; sessions > 0; sessions--)
        {
            using var caller = introduction.MakeCaller();
            introduction.Meet(caller, listener);
            introduction.Settle(caller, listener);
        }

        introduction.Rest(listener);
    }

    private static BareNode NewListener() => new(NetAddress.From(IPAddress.Loopback, 4001, 0));

    private static (long Managed, long Resident) Take()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var process = Process.GetCurrentProcess();
        return (GC.GetTotalMemory(forceFullCollection: false), process.WorkingSet64);
    }

    private static T[] OnThreads<T>(Func<int, T> work)
    {
        var results = new T[Threads];
        var threads = Enumerable.Range(0, Threads).Select(i => new Thread(() => results[i] = work(i))).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        return results;
    }

    private readonly record struct Made(int Count, double Seconds, double CpuSeconds);
}
