using System.Collections.Concurrent;
using MsgNet.Testing;
using Xunit.Abstractions;

namespace MsgNet.Simulation.Tests.Attack;

/// <summary>
/// At most once, though every HELLO and EARLY is kept and sent again: 10^5 recorded first flights in <see cref="ReplayScenario"/>. Replay
/// one seed: <c>MSGNET_SEED=7 dotnet test tests/MsgNet.Simulation.Tests -c Release --filter ReplayTests</c>.
/// </summary>
public sealed class ReplayTests(ITestOutputHelper output)
{
    private const int Seeds = 40;
    private const int TrialsMin = 100_000;
    private const int EarlyTrialsMin = 10_000;

    [Fact]
    [Covers("SEC-051", "SEC-057", "SEC-059", "SEC-061", "SEC-066")]
    public void No_recorded_first_flight_is_delivered_twice()
    {
        var failures = new ConcurrentQueue<string>();
        var sums = new ReplaySums();
        Parallel.ForEach(SeedList.Of(Seeds), new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed =>
        {
            var scenario = new ReplayScenario(seed);
            scenario.Run();
            sums.Add(scenario);
            foreach (var violation in scenario.Violations)
                failures.Enqueue($"seed {seed}: {violation}");
        });

        output.WriteLine(sums.ToString());
        Assert.True(failures.IsEmpty, SeedList.Describe(failures, nameof(ReplayTests)));
        if (SeedList.IsSingle)
            return;

        // Copies of what never arrived at all, or replays that never came, would prove nothing.
        Assert.True(sums.Trials >= TrialsMin && sums.EarlyTrials >= EarlyTrialsMin, sums.ToString());
        Assert.True(sums.Restarts > Seeds && sums.Glued > 1_000 && sums.Repeated > TrialsMin, sums.ToString());
    }
}
