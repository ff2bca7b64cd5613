using System.Collections.Concurrent;
using System.Globalization;

namespace MsgNet.Simulation.Tests.Attack;

/// <summary>The seeds a test runs: 1 to a number, or the one that <c>MSGNET_SEED</c> names.</summary>
internal static class SeedList
{
    private static readonly ulong? Named =
        ulong.TryParse(Environment.GetEnvironmentVariable("MSGNET_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : null;

    /// <summary>True when one seed is replayed: sums over all of them then say nothing.</summary>
    public static bool IsSingle => Named is not null;

    public static IEnumerable<ulong> Of(int count) =>
        Named is { } seed ? [seed] : Enumerable.Range(1, count).Select(number => (ulong)number);

    public static string Describe(ConcurrentQueue<string> failures, string test) =>
        $"{failures.Count} violations. Replay one: "
        + $"MSGNET_SEED=… dotnet test tests/MsgNet.Simulation.Tests -c Release --filter {test}\n{string.Join('\n', failures.Take(5))}";
}
