using MsgNet.Testing;

namespace MsgNet.Core.Tests.Lanes;

/// <summary>STOP: how often it is said, and what it means to whoever hears it (lanes.md 2 and 5).</summary>
public sealed class LaneStopTests
{
    private readonly RawLane bob = new(side: 1);

    [Fact]
    [Covers("LANE-013")]
    public void STOPs_are_limited_and_what_exceeds_the_limit_comes_later()
    {
        for (var number = 0UL; number < 300; number++)
            bob.Give(number << 2, RawLane.Data(0, RawLane.Init("/none")));
        var said = new List<string>(bob.Control());
        Assert.Equal(10, said.Count);
        Assert.False(bob.Table.HasWork);
        for (var i = 0; i < 100; i++)
        {
            bob.Wait(10);
            said.AddRange(bob.Control());
        }

        Assert.InRange(said.Count, 105, 110);
        for (var i = 0; i < 250; i++)
        {
            bob.Wait(10);
            said.AddRange(bob.Control());
        }

        Assert.Equal(300, said.Distinct().Count());
        Assert.Equal(300, said.Count);
        Assert.False(bob.Table.HasWork);
        Assert.True(bob.Table.NextTimer > bob.Now);
    }

    [Fact]
    [Covers("LANE-016")]
    public void A_first_flight_that_comes_after_the_STOP_of_its_lane_opens_nothing()
    {
        Assert.True(bob.Give(8, 8, 0));
        Assert.Empty(bob.Control());
        bob.Give(8, RawLane.Data(0, RawLane.Stream("/stream", "late")));
        bob.Wait(1);
        Assert.Equal(0, bob.Table.Count);
        Assert.Equal(["8 0800"], bob.Control());
        Assert.False(bob.Table.NeedsKeys);

        // The others open, and of one that has ended the reason stands.
        bob.Give(4, RawLane.Data(0, RawLane.Init("/a", "x")));
        bob.Give(12, RawLane.Data(0, RawLane.Init("/none")));
        bob.Give(12, 8, 0);
        bob.Give(12, RawLane.Data(1, RawLane.Message("y")));
        bob.Wait(10);
        Assert.Equal(["x"], bob.Texts());
        Assert.Contains("12 0801", bob.Control());
    }

    [Fact]
    [Covers("LANE-016")]
    public void A_STOP_of_a_lane_of_this_side_says_nothing_of_later_ones()
    {
        bob.Give(9, 8, 0);
        Assert.NotNull(bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true));
        Assert.Equal(1, bob.Table.Count);
    }

    [Fact]
    [Covers("LANE-013")]
    public void A_flood_of_unknown_lanes_keeps_a_bounded_number_of_STOPs()
    {
        for (var number = 0UL; number < 100_000; number++)
            bob.Give((number * 7) << 2, RawLane.Data(0, RawLane.Init("/none")));
        var said = 0;
        for (var i = 0; i < 3_000; i++)
        {
            bob.Wait(10);
            said += bob.Control().Length;
        }

        Assert.Equal(Limits.LaneStopsMax, said);
        Assert.Equal(0, bob.Table.Count);
    }

    [Fact]
    [Covers("LANE-013")]
    public void A_lost_STOP_is_said_again_and_an_arrived_one_is_not()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/none")));
        Assert.Equal(["0 0801"], bob.Control());
        Assert.Equal(new PacketItem(PacketItemKind.Stop, 0, 1), Assert.Single(bob.Items));
        Assert.Equal(["0 0801"], bob.Probe());
        bob.Outcome(arrived: false, bob.Items);
        Assert.Equal(["0 0801"], bob.Control());
        bob.Outcome(arrived: true, bob.Items);
        Assert.Empty(bob.Control());
        Assert.Empty(bob.Probe());
        Assert.True(bob.Table.IsDrained);
    }

    [Fact]
    [Covers("LANE-017")]
    public void A_STOP_that_is_lost_again_and_again_is_said_ever_more_slowly_and_not_given_up()
    {
        bob.Table.RoundTrip = TimeSpan.FromMilliseconds(20);
        bob.Give(0, RawLane.Data(0, RawLane.Init("/none")));
        Assert.Equal(["0 0801"], bob.Control());
        foreach (var wait in new[] { 0, 40, 80, 160, 320, 640, 1_000, 1_000 }.Concat(Enumerable.Repeat(1_000, 100)))
        {
            bob.Outcome(arrived: false, bob.Items);
            Assert.False(bob.Table.IsDrained);
            if (wait > 0)
            {
                bob.Wait(wait - 1);
                Assert.Empty(bob.Control(riding: true));
                Assert.False(bob.Table.HasWork);
                Assert.Equal(bob.Now + TimeSpan.FromMilliseconds(1), bob.Table.NextTimer);
                bob.Wait(1);
            }

            Assert.True(bob.Table.HasWork);
            Assert.Equal(["0 0801"], bob.Control());
        }

        bob.Outcome(arrived: true, bob.Items);
        Assert.True(bob.Table.IsDrained);
        bob.Wait(10_000);
        Assert.Empty(bob.Control());
    }

    [Fact]
    [Covers("LANE-017")]
    public void What_asks_for_a_STOP_that_waits_gets_it_at_once_and_the_next_wait_is_longer()
    {
        bob.Table.RoundTrip = TimeSpan.FromMilliseconds(20);
        bob.Give(0, RawLane.Data(0, RawLane.Init("/none")));
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(["0 0801"], bob.Control());
            bob.Outcome(arrived: false, bob.Items);
        }

        Assert.Empty(bob.Control());
        bob.Give(0, RawLane.Data(1, RawLane.Message("y")));
        Assert.Equal(["0 0801"], bob.Control());
        bob.Outcome(arrived: false, bob.Items);
        bob.Wait(79);
        Assert.Empty(bob.Control());
        bob.Wait(1);
        Assert.Equal(["0 0801"], bob.Control());
    }

    [Fact]
    [Covers("LANE-017", "LANE-065")]
    public void A_STOP_that_waits_is_kept_for_a_peer_that_is_lost_meanwhile()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/none")));
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(["0 0801"], bob.Control());
            bob.Outcome(arrived: false, bob.Items);
        }

        bob.Table.Fail(PeerLoss.TimedOut, bob.Host.Events);
        bob.Wait(2_000);
        Assert.False(bob.Table.HasWork);
        bob.Table.OnReached(bob.Now);
        Assert.Equal(["0 0801"], bob.Control());
    }

    [Fact]
    [Covers("LANE-013")]
    public void STOPs_and_what_carries_no_data_are_not_answered()
    {
        Assert.True(bob.Give(0, 8));
        Assert.True(bob.Give(0, 8, 3));
        Assert.True(bob.Give(0, 12, 0, 0, 0, 0, 0));
        Assert.True(bob.Give(0, 4));
        Assert.True(bob.Give(0, 4, 0xFF, 0xFF));
        Assert.True(bob.Give(0, 4, 0xFF, 0xFF, 0));
        Assert.Empty(bob.Control());
        Assert.Equal(0, bob.Table.Count);
    }

    [Fact]
    [Covers("LANE-065")]
    public void A_peer_that_was_lost_is_told_of_its_lanes_when_it_is_reached_again()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a", "x")));
        var said = bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true)!;
        bob.Table.TrySend(bob.Now, said, "x"u8);
        bob.Segments();
        bob.Table.TrySend(bob.Now, bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true)!, "never sent"u8);

        bob.Table.Fail(PeerLoss.Unreachable, bob.Host.Events);
        bob.Host.Handle(bob.Now);

        Assert.False(bob.Table.HasWork);
        Assert.True(bob.Table.IsDrained);
        Assert.Equal(["0 0800", $"{said.Id} 0800"], bob.Control());
    }

    [Fact]
    [Covers("LANE-065", "LANE-013")]
    public void What_a_peer_was_not_told_before_it_was_lost_again_is_told_when_it_is_reached()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a", "x")));
        bob.Give(4, RawLane.Data(0, RawLane.Init("/a", "x")));
        bob.Give(8, RawLane.Data(0, RawLane.Init("/unknown", "x")));
        Assert.Equal(["8 0801"], bob.Control());
        bob.Give(12, RawLane.Data(0, RawLane.Init("/unknown", "x")));

        bob.Table.Fail(PeerLoss.TimedOut, bob.Host.Events);
        bob.Table.Fail(PeerLoss.Unreachable, bob.Host.Events);
        bob.Host.Handle(bob.Now);

        Assert.False(bob.Table.HasWork);
        Assert.True(bob.Table.IsDrained);
        Assert.Equal(["0 0800", "12 0801", "4 0800", "8 0801"], bob.Control().Order());
    }

    [Fact]
    [Covers("LANE-065")]
    public void STOPs_under_way_and_those_of_an_earlier_loss_are_due_when_the_peer_is_reached()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/nobody", "x")));
        bob.Give(8, RawLane.Data(0, RawLane.Init("/nobody", "x")));
        Assert.Equal(["0 0801", "8 0801"], bob.Control());
        bob.Give(4, RawLane.Data(0, RawLane.Init("/a", "x")));
        bob.Table.Fail(PeerLoss.TimedOut, bob.Host.Events);
        bob.Table.Fail(PeerLoss.Unreachable, bob.Host.Events);
        bob.Host.Handle(bob.Now);
        Assert.False(bob.Table.HasWork);

        bob.Table.OnReached(bob.Now);
        Assert.True(bob.Table.HasWork);
        Assert.Equal(["0 0801", "4 0800", "8 0801"], bob.Control().Order());
    }

    [Fact]
    [Covers("LANE-065")]
    public void A_peer_that_restarted_is_told_nothing_of_what_it_has_forgotten()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a", "x")));
        bob.Give(4, RawLane.Data(0, RawLane.Init("/nobody", "x")));
        bob.Table.Fail(PeerLoss.TimedOut, bob.Host.Events);
        bob.Give(8, RawLane.Data(0, RawLane.Init("/a", "x")));
        bob.Table.OnPeerRestarted(bob.Host.Events);
        bob.Host.Handle(bob.Now);

        bob.Table.OnReached(bob.Now);
        Assert.Empty(bob.Control());
    }

    [Fact]
    [Covers("LANE-065")]
    public void A_peer_that_restarted_is_told_of_the_lanes_it_may_have_met_in_a_first_flight()
    {
        var failed = Say(bob);
        bob.Table.Fail(PeerLoss.Unreachable, bob.Host.Events);
        var current = Say(bob);
        bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true);
        bob.Table.OnPeerRestarted(bob.Host.Events);
        bob.Host.Handle(bob.Now);

        Assert.False(bob.Table.HasWork);
        bob.Table.OnReached(bob.Now);
        Assert.Equal([$"{failed.Id} 0800", $"{current.Id} 0800"], bob.Control());
    }

    [Theory]
    [Covers("LANE-013")]
    [InlineData(new byte[] { 8 }, LaneEnd.Aborted)]
    [InlineData(new byte[] { 8, 0 }, LaneEnd.Aborted)]
    [InlineData(new byte[] { 8, 1 }, LaneEnd.ProtocolNotSupported)]
    [InlineData(new byte[] { 8, 2 }, LaneEnd.TooManyLanes)]
    [InlineData(new byte[] { 8, 3 }, LaneEnd.UnknownLane)]
    [InlineData(new byte[] { 8, 4 }, LaneEnd.ProtocolError)]
    [InlineData(new byte[] { 8, 5 }, LaneEnd.MessageTooLarge)]
    [InlineData(new byte[] { 8, 6 }, LaneEnd.Aborted)]
    [InlineData(new byte[] { 8, 17 }, LaneEnd.Aborted)]
    public void A_STOP_ends_the_lane_for_its_reason(byte[] packet, LaneEnd end)
    {
        var lane = bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true)!;
        bob.Table.TrySend(bob.Now, lane, "x"u8);
        bob.Segments();
        bob.Give(lane.Id, packet);
        Assert.Equal(end, bob.EndOf(lane.Id));
        Assert.False(lane.IsOpen);
        Assert.Empty(bob.Control());
        Assert.False(bob.Table.TrySend(bob.Now, lane, "x"u8));
        Assert.False(bob.Table.HasWork);
    }

    [Fact]
    [Covers("LANE-043")]
    public void An_unknown_lane_after_SHUTDOWN_is_success_when_all_was_acknowledged()
    {
        var lane = bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true)!;
        bob.Table.TrySend(bob.Now, lane, "x"u8);
        bob.Segments();
        bob.Table.Shutdown(bob.Now, lane);
        bob.Segments();
        bob.Give(lane.Id, 2, 0, 0);
        bob.Give(lane.Id, 8, 3);
        Assert.Equal(LaneEnd.Completed, bob.EndOf(lane.Id));

        var lost = bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true)!;
        bob.Table.TrySend(bob.Now, lost, "x"u8);
        bob.Table.Shutdown(bob.Now, lost);
        bob.Segments();
        bob.Give(lost.Id, 8, 3);
        Assert.Equal(LaneEnd.UnknownLane, bob.EndOf(lost.Id));

        var open = bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true)!;
        bob.Table.TrySend(bob.Now, open, "x"u8);
        bob.Segments();
        bob.Give(open.Id, 2, 0, 0);
        bob.Give(open.Id, 8, 3);
        Assert.Equal(LaneEnd.UnknownLane, bob.EndOf(open.Id));
    }

    [Fact]
    [Covers("LANE-013")]
    public void A_lane_that_is_given_up_says_so_once_and_forgets_what_it_had()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a", "x")));
        var lane = bob.Table.Find(0)!;
        bob.Table.Abort(bob.Now, lane, LaneEnd.Aborted, bob.Host.Events);
        bob.Table.Abort(bob.Now, lane, LaneEnd.Aborted, bob.Host.Events);
        bob.Host.Handle(bob.Now);
        Assert.Equal(["0 0800"], bob.Control());
        Assert.Equal(LaneEnd.Aborted, bob.EndOf(0));
        Assert.False(bob.Table.TryPeek(lane, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => bob.Table.Abort(bob.Now, lane, LaneEnd.Completed, bob.Host.Events));

        var unheard = bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true)!;
        bob.Table.Abort(bob.Now, unheard, LaneEnd.Aborted, bob.Host.Events);
        Assert.Empty(bob.Control());
    }

    private static Lane Say(RawLane host)
    {
        var lane = host.Table.Open(host.Now, "/a", LaneKind.Ordered, allowEarly: true)!;
        host.Table.TrySend(host.Now, lane, "x"u8);
        Assert.Single(host.Segments(early: true));
        return lane;
    }
}
