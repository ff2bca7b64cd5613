namespace MsgNet.Simulation.Tests;

public class SeededRandomTests
{
    [Fact]
    public void Seeds_and_streams_repeat_and_differ()
    {
        Assert.Equal(Draw(1, 0), Draw(1, 0));
        var all = from seed in Enumerable.Range(0, 50) from stream in Enumerable.Range(0, 50) select Draw((ulong)seed, (ulong)stream)[0];
        Assert.Equal(2500, all.Distinct().Count());

        static ulong[] Draw(ulong seed, ulong stream)
        {
            var random = new SeededRandom(seed, stream);
            return [.. Enumerable.Range(0, 100).Select(_ => random.NextUInt64())];
        }
    }

    [Fact]
    public void Bytes_and_numbers_are_evenly_spread()
    {
        var random = new SeededRandom(42);
        var bytes = new byte[256 * 1000 + 3];
        random.Fill(bytes);
        var counts = bytes.GroupBy(value => value).Select(group => group.Count()).ToArray();
        Assert.Equal(256, counts.Length);
        Assert.All(counts, count => Assert.InRange(count, 840, 1160));
        var doubles = Enumerable.Range(0, 10_000).Select(_ => random.NextDouble()).ToArray();
        Assert.All(doubles, value => Assert.InRange(value, 0, 0.9999999999999999));
        Assert.InRange(doubles.Average(), 0.485, 0.515);
        Assert.False(random.NextBool(0));
        Assert.True(random.NextBool(1));
    }

    [Fact]
    public void The_sequence_stays_what_it_is()
    {
        // Seeds printed by failing tests must mean the same next year. Worked out by another implementation of xoshiro256** and SplitMix64.
        var random = new SeededRandom(1);
        Assert.Equal(Expected, Enumerable.Range(0, 3).Select(_ => random.NextUInt64()));
    }

    private static readonly ulong[] Expected = [0xEE127FE613436E33, 0xD6DAD8D34A1874EA, 0x2A52C16CEC1116A9];
}
