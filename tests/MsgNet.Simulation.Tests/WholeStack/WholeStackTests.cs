using System.Collections.Concurrent;
using MsgNet.Simulation.Tests.Attack;
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
        Parallel.ForEach(SeedList.Of(Seeds), new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed =>
        {
            var scenario = RunOne(seed, failures);
            if (scenario is null)
                return;

            sums.Add(scenario);
            if (seed % 10 == 0 && RunOne(seed, failures) is { } again && again.TraceHash != scenario.TraceHash)
                failures.Enqueue($"seed {seed} ran differently the second time: {scenario.TraceHash:x16}, {again.TraceHash:x16}");
        });

        output.WriteLine(sums.ToString());
        Assert.True(failures.IsEmpty, SeedList.Describe(failures, "WholeStack"));

        if (SeedList.IsSingle)
            return;

        // A loss generator that loses nothing, or hosts that say nothing, would prove nothing.
        Assert.True(sums.Lost > 0 && sums.Duplicated > 0 && sums.Crashes > 0 && sums.Replayed > 0, sums.ToString());
        Assert.True(sums.DeliveredReliably > 100 * sums.Scenarios && sums.ReportedLost > sums.Scenarios, sums.ToString());
        Assert.True(sums.StreamsCompleted > sums.Scenarios && sums.StreamsLost > 0, sums.ToString());
        Assert.True(sums.Delivered > sums.Scenarios && sums.Answered > sums.Scenarios && sums.Failed > sums.Scenarios, sums.ToString());
    }

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

    private sealed class Sums
    {
        private readonly Lock gate = new();

        public int Scenarios { get; private set; }

        public long Delivered { get; private set; }

        public long Answered { get; private set; }

        public long Failed { get; private set; }

        public long Crashes { get; private set; }

        public long Replayed { get; private set; }

        public long DeliveredReliably { get; private set; }

        public long ReportedLost { get; private set; }

        public long StreamsCompleted { get; private set; }

        public long StreamsLost { get; private set; }

        public long Sent { get; private set; }

        public long SentMax { get; private set; }

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
                DeliveredReliably += scenario.DeliveredReliably;
                ReportedLost += scenario.ReportedLost;
                StreamsCompleted += scenario.StreamsCompleted;
                StreamsLost += scenario.StreamsLost;
                Sent += scenario.Statistics.Sent;
                SentMax = Math.Max(SentMax, scenario.Statistics.Sent);
                Lost += scenario.Statistics.Dropped;
                Duplicated += scenario.Statistics.Duplicated;
            }
        }

        public override string ToString() =>
            $"{Scenarios} scenarios: {Sent} datagrams, {SentMax} at most, {Lost} lost, {Duplicated} doubled, {Crashes} crashes, "
            + $"{Replayed} replays; "
            + $"{Delivered} messages delivered, {Answered} requests answered, {Failed} sends and requests failed; "
            + $"{DeliveredReliably} reliable messages delivered, {ReportedLost} reported as lost; "
            + $"{StreamsCompleted} streams completed, {StreamsLost} lost";
    }
}
