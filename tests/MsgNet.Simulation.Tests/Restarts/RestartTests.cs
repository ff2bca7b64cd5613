using System.Collections.Concurrent;
using MsgNet.Simulation.Tests.Attack;
using MsgNet.Testing;
using Xunit.Abstractions;

namespace MsgNet.Simulation.Tests.Restarts;

/// <summary>
/// A thousand seeds of <see cref="RestartScenario"/>. Replay one: <c>MSGNET_SEED=7 dotnet test tests/MsgNet.Simulation.Tests -c Release
/// --filter RestartTests</c>.
/// </summary>
public sealed class RestartTests(ITestOutputHelper output)
{
    private const int Seeds = 1_000;

    [Fact]
    [Covers("SEC-087", "SEC-104", "REQ-025")]
    public void A_host_that_lost_power_in_the_middle_of_everything_is_back_within_three_round_trips()
    {
        var failures = new ConcurrentQueue<string>();
        var done = new ConcurrentQueue<RestartScenario>();
        Parallel.ForEach(SeedList.Of(Seeds), new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed =>
        {
            var scenario = new RestartScenario(seed);
            scenario.Run();
            done.Enqueue(scenario);
            if (scenario.Violations.Count > 0)
                failures.Enqueue(scenario.ToString());
        });

        var sums = $"{done.Count} restarts; requests: {done.Sum(scenario => scenario.Before)} answered before, "
            + $"{done.Sum(scenario => scenario.After)} after, {done.Sum(scenario => scenario.Failed)} failed; "
            + $"the slowest recovery took {done.Max(scenario => scenario.Recovery).TotalMilliseconds} ms";
        output.WriteLine(sums);
        Assert.True(failures.IsEmpty, SeedList.Describe(failures, nameof(RestartTests)));

        // A crash that interrupted nothing would prove nothing.
        Assert.True(done.All(scenario => scenario is { Before: > 0, After: > 0 }) && done.Any(scenario => scenario.Failed > 0), sums);
    }
}
