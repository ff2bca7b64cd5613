namespace MsgNet.Core.Tests.Node;

/// <summary>The buffers of one machine.</summary>
public sealed class BufferPoolTests
{
    private const int KeptBytesMax = 32 << 20;
    private readonly BufferPool pool = new(poison: false);

    [Fact]
    public void What_a_fast_and_long_path_has_under_way_is_kept_and_no_more()
    {
        var most = KeptBytesMax / 2_048;
        var lent = Enumerable.Range(0, most + 10).Select(_ => pool.Rent(1_400)).ToArray();
        foreach (var buffer in lent)
            pool.Return(buffer);
        Assert.Equal(0, pool.Outstanding);

        var known = lent.ToHashSet(ReferenceEqualityComparer.Instance);
        Assert.Equal(most, Enumerable.Range(0, most + 10).Count(_ => known.Contains(pool.Rent(1_400))));
    }

    [Fact]
    public void All_sizes_together_have_one_bound()
    {
        foreach (var buffer in Enumerable.Range(0, KeptBytesMax / 65_536).Select(_ => pool.Rent(65_536)).ToArray())
            pool.Return(buffer);
        var small = pool.Rent(100);
        pool.Return(small);
        Assert.NotSame(small, pool.Rent(100));
        pool.Rent(65_536);
        pool.Return(small);
        Assert.Same(small, pool.Rent(100));
    }
}
