using MsgNet.Testing;

namespace MsgNet.Core.Tests;

/// <summary>The fuzz tests are worth what their inputs are worth.</summary>
public class MutatorTests
{
    private static readonly byte[][] Corpus = [[], [0x01], Convert.FromHexString("0401020304910220fb"), new byte[300]];

    [Fact]
    public void The_same_seed_gives_the_same_inputs()
    {
        var one = new Mutator(7);
        var two = new Mutator(7);
        for (var i = 0; i < 10_000; i++)
            Assert.True(one.Next(Corpus).SequenceEqual(two.Next(Corpus)));
    }

    [Fact]
    public void Inputs_are_many_grow_and_shrink_and_include_the_good_ones()
    {
        var mutator = new Mutator(8);
        var seen = new HashSet<string>();
        for (var i = 0; i < 10_000; i++)
            seen.Add(Convert.ToHexString(mutator.Next(Corpus)));

        Assert.True(seen.Count > 4_000, $"{seen.Count} different inputs");
        Assert.All(Corpus, good => Assert.Contains(Convert.ToHexString(good), seen));
        Assert.Contains(seen, hex => hex.Length > 2 * 300);
    }

    [Fact]
    public void The_corpus_is_never_changed()
    {
        byte[][] copy = [.. Corpus.Select(input => input.ToArray())];
        var mutator = new Mutator(9);
        for (var i = 0; i < 10_000; i++)
            mutator.Next(Corpus);
        Assert.Equal(copy, Corpus);
    }

    [Fact]
    public void A_warm_mutator_allocates_nothing()
    {
        var mutator = new Mutator(10);
        for (var i = 0; i < 10_000; i++)
            mutator.Next(Corpus);
        Allocations.AssertAtMost<byte>(0, default, _ =>
        {
            for (var i = 0; i < 1_000; i++)
                mutator.Next(Corpus);
        });
    }
}
