using System.Collections.Concurrent;
using MsgNet.Simulation.Tests.Attack;
using Xunit.Abstractions;

namespace MsgNet.Simulation.Tests.Reliable;

/// <summary>
/// A thousand seeds of <see cref="CloseScenario"/>. Replay one: <c>MSGNET_SEED=123 dotnet test tests/MsgNet.Simulation.Tests -c Release
/// --filter CloseTests</c>.
/// </summary>
public sealed class CloseTests(ITestOutputHelper output)
{
    private const int Seeds = 1_000;

    [Fact]
    public void A_close_tells_the_truth_about_every_message()
    {
        var failures = new ConcurrentQueue<string>();
        var (delivered, reported) = (0, 0);
        Parallel.ForEach(SeedList.Of(Seeds), new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed =>
        {
            var scenario = new CloseScenario(seed);
            try
            {
                scenario.Run();
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                failures.Enqueue($"{scenario}: {error}");
                return;
            }

            if (scenario.Violations.Count > 0)
                failures.Enqueue(scenario.ToString());
            Interlocked.Add(ref delivered, scenario.Delivered);
            Interlocked.Add(ref reported, scenario.Reported);
        });

        output.WriteLine($"{delivered} messages said to be delivered, {reported} reported as lost");
        Assert.True(failures.IsEmpty, SeedList.Describe(failures, "CloseTests"));
        Assert.True(SeedList.IsSingle || (delivered > 0 && reported > 0), "a close that loses nothing, or everything, proves nothing");
    }
}
