using System.Collections.Concurrent;
using System.Globalization;
using MsgNet.Testing;
using Xunit.Abstractions;

namespace MsgNet.Simulation.Tests.WholeStack;

/// <summary>
/// Two thousand seeds of <see cref="Scenario"/>. Replay one: <c>MSGNET_SEED=123 dotnet test tests/MsgNet.Simulation.Tests --filter
/// WholeStack</c>.
/// </summary>
public sealed class WholeStackTests(ITestOutputHelper output)
{
    private const int Seeds = 2_000;

    [Fact]
    [Covers("SEC-111", "REQ-011", "REQ-012", "REQ-022")]
    public void No_seed_breaks_a_promise()
    {
        var failures = new ConcurrentQueue<string>();
        var sums = new Sums();
        Parallel.ForEach(SeedsToRun(), new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed =>
        {
            var scenario = RunOne(seed, failures);
            if (scenario is null)
                return;

            sums.Add(scenario);
            if (seed % 10 == 0 && RunOne(seed, failures) is { } again && again.TraceHash != scenario.TraceHash)
                failures.Enqueue($"seed {seed} ran differently the second time: {scenario.TraceHash:x16}, {again.TraceHash:x16}");
        });

        output.WriteLine(sums.ToString());
        Assert.True(failures.IsEmpty, Describe(failures));

        // A loss generator that loses nothing, or hosts that say nothing, would prove nothing.
        Assert.True(sums.Lost > 0 && sums.Duplicated > 0 && sums.Crashes > 0 && sums.Replayed > 0, sums.ToString());
        Assert.True(sums.Delivered > sums.Scenarios && sums.Answered > sums.Scenarios && sums.Failed > sums.Scenarios, sums.ToString());
    }

    private static IEnumerable<ulong> SeedsToRun() =>
        ulong.TryParse(Environment.GetEnvironmentVariable("MSGNET_SEED"), CultureInfo.InvariantCulture, out var seed)
            ? [seed]
            : Enumerable.Range(1, Seeds).Select(number => (ulong)number);

    private static Scenario? RunOne(ulong seed, ConcurrentQueue<string> failures)
    {
        var scenario = new Scenario(seed);
        try
        {
            scenario.Run();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            failures.Enqueue($"{scenario}: {error}");
            return null;
        }

        if (scenario.Violations.Count == 0)
            return scenario;

        failures.Enqueue(scenario.ToString());
        return null;
    }

    private static string Describe(ConcurrentQueue<string> failures) =>
        $"{failures.Count} seeds failed. Replay one: "
        + "MSGNET_SEED=… dotnet test tests/MsgNet.Simulation.Tests -c Release --filter WholeStack\n"
        + string.Join('\n', failures.Take(5));

    private sealed class Sums
    {
        private readonly Lock gate = new();

        public int Scenarios { get; private set; }

        public long Delivered { get; private set; }

        public long Answered { get; private set; }

        public long Failed { get; private set; }

        public long Crashes { get; private set; }

        public long Replayed { get; private set; }

        public long Sent { get; private set; }

        public long Lost { get; private set; }

        public long Duplicated { get; private set; }

        public void Add(Scenario scenario)
        {
            lock (gate)
            {
                Scenarios++;
                Delivered += scenario.Delivered;
                Answered += scenario.Answered;
                Failed += scenario.Failed;
                Crashes += scenario.Crashes;
                Replayed += scenario.Replayed;
                Sent += scenario.Statistics.Sent;
                Lost += scenario.Statistics.Dropped;
                Duplicated += scenario.Statistics.Duplicated;
            }
        }

        public override string ToString() =>
            $"{Scenarios} scenarios: {Sent} datagrams, {Lost} lost, {Duplicated} doubled, {Crashes} crashes, {Replayed} replays; "
            + $"{Delivered} messages delivered, {Answered} requests answered, {Failed} sends and requests failed";
    }
}
