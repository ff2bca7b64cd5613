using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Multipacket;

public sealed class IdTests
{
    private readonly OutgoingIds outgoing = new();
    private readonly IncomingIds incoming = new();

    [Fact]
    [Covers("REQ-001")]
    public void Ids_count_from_1_and_are_not_reused()
    {
        for (var expected = 1UL; expected <= 100_000; expected++)
        {
            Assert.True(outgoing.TryAllocate(out var id));
            Assert.Equal(expected, id);
            Assert.True(outgoing.Release(id));
            Assert.False(outgoing.Release(id));
        }
    }

    [Fact]
    [Covers("REQ-002")]
    public void At_most_1024_are_open()
    {
        for (var i = 0; i < Limits.OpenIdsMax; i++)
            Assert.True(outgoing.TryAllocate(out _));
        Assert.False(outgoing.TryAllocate(out var none));
        Assert.Equal(0UL, none);
        Assert.True(outgoing.Release(500));
        Assert.True(outgoing.TryAllocate(out var next));
        Assert.Equal(1025UL, next);
    }

    [Fact]
    [Covers("REQ-002", "REQ-003")]
    public void Newest_stays_within_the_peers_window_of_the_oldest_open()
    {
        Assert.True(outgoing.TryAllocate(out var oldest));
        var newest = 0UL;
        while (outgoing.TryAllocate(out var id))
        {
            newest = id;
            outgoing.Release(id);
            Assert.True(incoming.TryAccept(id));
        }

        Assert.Equal(oldest + Limits.IdWindow - 1, newest);
        Assert.True(incoming.TryAccept(oldest), "the oldest open id must still be deliverable");
        Assert.True(outgoing.Release(oldest));
        Assert.True(outgoing.TryAllocate(out _));
    }

    [Fact]
    public void What_was_never_open_is_not_released()
    {
        Assert.False(outgoing.Release(1));
        outgoing.TryAllocate(out _);
        Assert.False(outgoing.Release(0));
        Assert.False(outgoing.Release(2));
        Assert.False(outgoing.Release(ulong.MaxValue));
        Assert.Equal(1, outgoing.OpenCount);
    }

    [Fact]
    [Covers("REQ-001", "REQ-002")]
    public void Allocation_agrees_with_a_plain_set()
    {
        var random = new Random(3);
        var open = new SortedSet<ulong>();
        var next = 1UL;
        for (var step = 0; step < 300_000; step++)
        {
            // Slow tails: mostly the newest close, so that the span bound is met too.
            if (open.Count > 0 && random.Next(100) < 51)
            {
                var some = open.ElementAt(random.Next(Math.Min(open.Count, 20)));
                var id = random.Next(2000) == 0 ? open.Min : random.Next(3) > 0 ? open.Max : some;
                Assert.True(outgoing.Release(id));
                open.Remove(id);
            }
            else
            {
                var may = open.Count < Limits.OpenIdsMax && (open.Count == 0 || next - open.Min < Limits.IdWindow);
                Assert.Equal(may, outgoing.TryAllocate(out var id));
                if (!may)
                    continue;
                Assert.Equal(next++, id);
                open.Add(id);
            }

            Assert.Equal(open.Count, outgoing.OpenCount);
        }
    }

    [Fact]
    [Covers("REQ-003", "REQ-004")]
    public void Each_id_is_taken_once_and_none_below_the_window()
    {
        Assert.True(incoming.TryAccept(20_000));
        Assert.False(incoming.TryAccept(20_000));
        Assert.False(incoming.TryAccept(20_000 - Limits.IdWindow));
        Assert.True(incoming.TryAccept(20_000 - Limits.IdWindow + 1));
        Assert.False(incoming.TryAccept(20_000 - Limits.IdWindow + 1));
        Assert.True(incoming.TryAccept(Uvarint.ValueMax));
        Assert.False(incoming.TryAccept(20_001));
    }

    [Fact]
    [Covers("REQ-003", "REQ-004")]
    public void Window_agrees_with_a_plain_set()
    {
        var random = new Random(4);
        var seen = new HashSet<ulong>();
        var highest = 0UL;
        for (var step = 0; step < 300_000; step++)
        {
            var jump = random.Next(1000) == 0 ? random.Next(40_000) : random.Next(40);
            var id = random.Next(3) == 0 ? highest + (ulong)jump : (ulong)Math.Max(1, (long)highest - random.Next(17_000));
            var expected = id + Limits.IdWindow > highest && seen.Add(id);
            Assert.Equal(expected, incoming.TryAccept(id));
            highest = Math.Max(highest, id);
        }
    }
}
