using MsgNet.Testing;
using Xunit.Abstractions;

namespace MsgNet.Simulation.Tests.Attack;

/// <summary>
/// <see cref="HourScenario"/> for one seed; another: <c>MSGNET_SEED=7 dotnet test tests/MsgNet.Simulation.Tests -c Release --filter
/// HourTests</c>.
/// </summary>
public sealed class HourTests(ITestOutputHelper output)
{
    [Fact]
    [Covers("SEC-102", "SEC-005", "REQ-025")]
    public void After_an_hour_of_everything_every_request_has_ended_once_and_nothing_is_left()
    {
        foreach (var seed in SeedList.Of(1))
        {
            var scenario = new HourScenario(seed);
            scenario.Run();
            output.WriteLine(scenario.ToString());
            Assert.True(scenario.Violations.Count == 0, $"{scenario}: {string.Join("; ", scenario.Violations.Take(10))}");
            Assert.True(scenario is { Restarts: 12, Rebindings: 60, Injected: >= 3_500_000 }, scenario.ToString());
            Assert.True(scenario.Answered > 10 * scenario.Failed && scenario.Handshakes > 100, scenario.ToString());
        }
    }
}
