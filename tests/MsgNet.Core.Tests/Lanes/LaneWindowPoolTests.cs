using MsgNet.Testing;

namespace MsgNet.Core.Tests.Lanes;

/// <summary>What the lanes of all peers may have beyond each peer's own budget.</summary>
public sealed class LaneWindowPoolTests
{
    // Half of 8 MiB holds as many segments of 1,200 bytes.
    private const int Own = 3_495;

    [Fact]
    [Covers("LANE-068")]
    public void A_peer_takes_at_most_what_it_leaves()
    {
        var pool = new LaneWindowPool();
        var left = Limits.LaneWindowsShared;
        foreach (var expected in new[] { 32_768, 16_384, 8_192, 4_096 })
        {
            var taken = pool.Take(int.MaxValue, held: 0);

            Assert.Equal(expected, taken);
            Assert.Equal(0, pool.Take(int.MaxValue, taken));
            left -= taken;
        }

        Assert.Equal(7, pool.Take(7, held: 0));
        pool.Return(7);
        Assert.Equal(left / 2, pool.Take(int.MaxValue, held: 0));
    }

    [Fact]
    [Covers("LANE-033", "LANE-068")]
    public void A_fast_lane_grows_beyond_the_budget_and_gives_it_back_when_it_ends()
    {
        var pool = new LaneWindowPool();
        var raw = new RawLane(1, new LaneSettings { SharedWindows = pool });
        Consume(raw, lane: 0);

        Assert.Equal(Limits.LaneWindowMax, raw.Table.Find(0)!.Machine.ReceiveWindow);
        var held = Limits.LaneWindowMax - Own;
        Assert.Equal((Limits.LaneWindowsShared - held) / 2, TakeAndReturn(pool));

        // A second one takes all of its window from there, and the budget is free again when the first one ends.
        Consume(raw, lane: 4);
        raw.Give(0, RawLane.Packet(MspFlags.Stop, 0, 0, []));
        Assert.Null(raw.Table.Find(0));
        Assert.Equal((Limits.LaneWindowsShared - held) / 2, TakeAndReturn(pool));

        raw.Table.Dispose();
        Assert.Equal(Limits.LaneWindowsShared / 2, TakeAndReturn(pool));
    }

    [Fact]
    [Covers("LANE-033")]
    public void Half_of_a_window_may_take_three_round_trips()
    {
        var slow = new RawLane(1) { Table = { RoundTrip = TimeSpan.FromMilliseconds(100) } };
        slow.Give(0, RawLane.Data(0, RawLane.Init("/a")));
        GiveEvery(slow, milliseconds: 39);
        Assert.Equal(16, slow.Table.Find(0)!.Machine.ReceiveWindow);

        var fast = new RawLane(1) { Table = { RoundTrip = TimeSpan.FromMilliseconds(100) } };
        fast.Give(0, RawLane.Data(0, RawLane.Init("/a")));
        GiveEvery(fast, milliseconds: 37);
        Assert.Equal(32, fast.Table.Find(0)!.Machine.ReceiveWindow);
    }

    private static void GiveEvery(RawLane raw, double milliseconds)
    {
        for (var sequence = 1; sequence < 16; sequence++)
        {
            raw.Wait(milliseconds);
            raw.Give(0, RawLane.Data(sequence, RawLane.Message("x")));
        }
    }

    private static void Consume(RawLane raw, ulong lane)
    {
        raw.Give(lane, RawLane.Data(0, RawLane.Init("/a")));
        for (var sequence = 1; sequence < 30_000; sequence++)
        {
            raw.Give(lane, RawLane.Data(sequence, RawLane.Message("x")));
            raw.Wait(0);
        }
    }

    private static int TakeAndReturn(LaneWindowPool pool)
    {
        var taken = pool.Take(int.MaxValue, held: 0);
        pool.Return(taken);
        return taken;
    }
}
