using System.Runtime;
using MsgNet.Testing;

namespace MsgNet.Core.Tests;

/// <summary>What the tests of allocations rest on.</summary>
public sealed class AllocationsTests
{
    private object? kept;

    [Fact]
    public void Tests_run_without_concurrent_collections() => Assert.Equal(GCLatencyMode.Batch, GCSettings.LatencyMode);

    [Fact]
    public void Work_that_always_allocates_fails()
    {
        Assert.Throws<InvalidOperationException>(() => Allocations.AssertNone(() => kept = new object()));
        Assert.Throws<InvalidOperationException>(() => Allocations.AssertAtMost(23, () => { }, () => kept = new object()));
        Assert.Throws<InvalidOperationException>(() => Allocations.AssertAtMost(0, "input"u8, _ => kept = new object()));
    }

    [Fact]
    public void Work_within_its_bound_or_that_allocates_once_passes()
    {
        Allocations.AssertNone(() => kept ??= new object());
        Allocations.AssertAtMost(24, () => kept = new byte[1000], () => kept = new object());
        Allocations.AssertAtMost(24, "input"u8, _ => kept = new object());
        Assert.NotNull(kept);
    }
}
