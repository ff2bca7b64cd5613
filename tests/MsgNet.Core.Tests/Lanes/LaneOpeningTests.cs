using MsgNet.Testing;

namespace MsgNet.Core.Tests.Lanes;

/// <summary>Names of lanes, how they open, and how they are refused (lanes.md 1 and 2).</summary>
public sealed class LaneOpeningTests
{
    private readonly RawLane bob = new(side: 1);

    [Theory]
    [Covers("LANE-001")]
    [InlineData(0, 0UL)]
    [InlineData(1, 1UL)]
    public void Numbers_count_for_each_kind_with_the_side_of_the_opener(int side, ulong lowest)
    {
        var host = new RawLane(side);
        Assert.Equal(lowest, Open(host, LaneKind.Ordered).Id);
        Assert.Equal(lowest + 4, Open(host, LaneKind.Stream).Id);
        Assert.Equal(lowest + 2, Open(host, LaneKind.Unordered).Id);
        Assert.Equal(lowest + 8, Open(host, LaneKind.Ordered).Id);
        Assert.Equal(lowest + 6, Open(host, LaneKind.Unordered).Id);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RawLane(2));
    }

    [Fact]
    [Covers("LANE-002")]
    public void A_side_opens_128_lanes_and_another_when_one_has_ended()
    {
        var alice = new RawLane(side: 0);
        var first = Open(alice, LaneKind.Ordered);
        for (var i = 1; i < Limits.LanesPerSideMax; i++)
            Open(alice, i % 2 == 0 ? LaneKind.Ordered : LaneKind.Unordered);
        Assert.Null(alice.Table.Open(alice.Now, "/a", LaneKind.Ordered, allowEarly: true));
        alice.Table.Shutdown(alice.Now, first);
        alice.Wait(0);
        Assert.Equal(LaneEnd.Completed, alice.EndOf(0));
        Open(alice, LaneKind.Ordered);
        Assert.Null(alice.Table.Open(alice.Now, "/a", LaneKind.Ordered, allowEarly: true));
    }

    [Fact]
    [Covers("LANE-002")]
    public void The_peers_129th_lane_is_refused_until_one_of_the_others_is_over()
    {
        for (var number = 0UL; number <= Limits.LanesPerSideMax; number++)
            bob.Give(number << 2, RawLane.Data(0, RawLane.Init("/a")));
        Assert.Equal(Limits.LanesPerSideMax, bob.Table.Count);
        Assert.Contains("512 0802", bob.Control());

        // Both directions of the first are shut down, though the peer may not have heard of it.
        bob.Give(0, RawLane.Packet(MspFlags.First | MspFlags.Shutdown, 0xFFFF, 1, []));
        bob.Wait(0);
        bob.Wait(1);
        bob.Give(129 << 2, RawLane.Data(0, RawLane.Init("/a")));
        Assert.NotNull(bob.Table.Find(129 << 2));
        Assert.Equal(Limits.LanesPerSideMax + 1, bob.Table.Count);
    }

    [Fact]
    [Covers("LANE-002")]
    public void A_peer_that_never_hears_of_ends_has_960_lanes_kept()
    {
        for (var number = 0UL; number < 5_000; number++)
        {
            bob.Give(number << 2, RawLane.Packet(MspFlags.First | MspFlags.Shutdown, 0xFFFF, 0, RawLane.Segment(0, RawLane.Init("/a"))));
            bob.Wait(0.1);
            bob.Wait(0.1);
        }

        Assert.Equal(Limits.LanesKeptMax, bob.Table.Count);
    }

    [Fact]
    [Covers("LANE-002")]
    public void Nor_does_this_side_keep_more_of_its_own_for_a_peer_that_does_not_say_what_it_heard()
    {
        var opened = 0;
        for (; opened < 5_000 && bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true) is { } lane; opened++)
        {
            bob.Table.TrySend(bob.Now, lane, "x"u8);
            bob.Table.Shutdown(bob.Now, lane);
            bob.Segments();
            bob.Give(lane.Id, RawLane.Packet(MspFlags.Ack | MspFlags.Shutdown, 0, 0, []));
            Assert.Equal(LaneEnd.Completed, bob.EndOf(lane.Id));
        }

        Assert.Equal(Limits.LanesKeptMax, opened);
        Assert.Equal(Limits.LanesKeptMax, bob.Table.Count);
    }

    [Fact]
    public void What_a_table_had_is_over_with_it()
    {
        var lane = bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true)!;
        bob.Table.Dispose();
        Assert.False(lane.IsOpen);
    }

    [Fact]
    [Covers("LANE-003")]
    public void A_number_opens_once_and_never_from_below_the_window()
    {
        bob.Give(2_000 << 2, RawLane.Data(0, RawLane.Init("/a")));
        bob.Table.Abort(bob.Now, bob.Table.Find(2_000 << 2)!, LaneEnd.Aborted, bob.Host.Events);
        Assert.Equal(["8000 0800"], bob.Control());
        bob.Give(2_000 << 2, RawLane.Data(0, RawLane.Init("/a")));
        Assert.Equal(["8000 0800"], bob.Control());
        bob.Give(1_039 << 2, RawLane.Data(0, RawLane.Init("/a")));
        Assert.Equal(["4156 0803"], bob.Control());
        bob.Give(1_040 << 2, RawLane.Data(0, RawLane.Init("/a")));
        Assert.NotNull(bob.Table.Find(1_040 << 2));
        bob.Give((1_039 << 2) | 2, RawLane.Data(0, RawLane.Init("/a")));
        Assert.NotNull(bob.Table.Find((1_039 << 2) | 2));
    }

    [Fact]
    [Covers("LANE-003")]
    public void An_opener_lets_no_lane_fall_behind_the_window()
    {
        var alice = new RawLane(side: 0);
        var silent = Open(alice, LaneKind.Ordered);
        for (var i = 1; i < 960; i++)
            alice.Table.Abort(alice.Now, Open(alice, LaneKind.Ordered), LaneEnd.Aborted, alice.Host.Events);
        Assert.Null(alice.Table.Open(alice.Now, "/a", LaneKind.Ordered, allowEarly: true));
        Open(alice, LaneKind.Unordered);
        alice.Table.TrySend(alice.Now, silent, "x"u8);
        alice.Segments();
        alice.Give(0, RawLane.Packet(MspFlags.Ack, 0, 0, [])[..3]);
        Open(alice, LaneKind.Ordered);
    }

    [Fact]
    [Covers("LANE-004")]
    public void A_lane_of_our_side_that_we_never_opened_is_a_bad_frame()
    {
        Assert.False(bob.Give(1, RawLane.Data(0, RawLane.Init("/a"))));
        Assert.False(bob.Give(3, RawLane.Data(0, RawLane.Init("/a"))));
        Assert.Empty(bob.Control());
        var ours = Open(bob, LaneKind.Ordered);
        Assert.True(bob.Give(1, 8, 0));
        Assert.Equal(LaneEnd.Aborted, bob.EndOf(ours.Id));
        Assert.True(bob.Give(1, RawLane.Data(0, RawLane.Message("x"))));
        Assert.Equal(["1 0803"], bob.Control());
        Assert.False(bob.Give(5));
    }

    [Fact]
    [Covers("LANE-010")]
    public void Only_FIRST_opens_a_lane()
    {
        bob.Give(0, RawLane.Packet(MspFlags.None, 0, 0, RawLane.Segment(0, RawLane.Init("/a", "x"))));
        Assert.Equal(["0 0803"], bob.Control());
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a", "x")));
        bob.Wait(0);
        Assert.Equal(["x"], bob.Texts());
    }

    [Fact]
    [Covers("LANE-011")]
    public void The_first_frame_names_the_protocol()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a", "bare")));
        bob.Give(4, RawLane.Data(0, RawLane.Request(7, RawLane.Init("/b", "request"))));
        bob.Give(8, RawLane.Packet(MspFlags.First, 0xFFFF, 0, RawLane.Segment(2, RawLane.Init("/a", "be"))));
        Assert.Equal("/a", bob.Table.Find(8)!.Protocol);
        bob.Give(8, RawLane.Packet(MspFlags.First, 0xFFFF, 1, RawLane.Segment(1, "gun"u8.ToArray())));
        bob.Wait(0);
        Assert.Equal(["bare", "request", "begun"], bob.Texts());
    }

    [Theory]
    [Covers("LANE-011")]
    [InlineData("00 0b 01 0002 02 2f61 0001 686565")]
    [InlineData("00 0b 01 0100 02 2f61 0001 686565")]
    [InlineData("00 0b 01 ffff 02 2f61 0001 686565")]
    [InlineData("00 0b 05 02 07 01 0001 02 2f61 0001")]
    [InlineData("00 0b 01 0001 02 2f61 0002 686565")]
    [InlineData("00 0b 01 0000 02 2f61 0002 686565")]
    [InlineData("00 05 03 0001 6865")]
    [InlineData("00 05 06 01 00 6865")]
    [InlineData("01 0b 01 0000 02 2f61 0001 686565")]
    [InlineData("02 05 01 0000 02 2f")]
    [InlineData("02 01 01")]
    [InlineData("00 09 01 0000 02 0a61 0001 68")]
    [InlineData("00 0b 05 01 00 01 0000 02 2f61 0001")]
    [InlineData("00 08 05 02 07 05 02 08 03 0001")]
    [InlineData("00 03 04 0001")]
    [InlineData("00 01 7f")]
    public void Anything_else_there_ends_the_lane(string segment)
    {
        bob.Give(0, RawLane.Packet(MspFlags.First, 0xFFFF, 0, Convert.FromHexString(segment.Replace(" ", ""))));
        bob.AssertBroken(0);
        Assert.Empty(bob.Host.Happened);
    }

    [Fact]
    [Covers("LANE-011")]
    public void A_name_of_more_than_140_characters_ends_the_lane()
    {
        bob.Host.Registry.Register(new string('n', 140));
        bob.Give(0, RawLane.Data(0, RawLane.Init(new string('n', 140))));
        Assert.NotNull(bob.Table.Find(0));
        bob.Give(4, RawLane.Data(0, RawLane.Init(new string('n', 141))));
        bob.AssertBroken(4);
    }

    [Fact]
    [Covers("LANE-012")]
    public void Later_frames_have_the_same_number_and_there_is_one_INIT()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a"), RawLane.Init("/a")));
        bob.Wait(0);
        bob.AssertBroken(0);
        bob.Give(4, RawLane.Data(0, RawLane.Init("/a"), RawLane.Message("x", protocolInt: 2)));
        bob.Wait(0);
        bob.AssertBroken(4);
        bob.Give(8, RawLane.Data(0, RawLane.Init("/a"), RawLane.Request(1, RawLane.Message("x", protocolInt: 2))));
        bob.Wait(0);
        bob.AssertBroken(8);
        Assert.Equal(["", "", ""], bob.Texts());
    }

    [Fact]
    [Covers("LANE-014")]
    public void Unknown_protocols_are_refused_for_that_reason_each_time()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/none", "x")));
        bob.Give(2, RawLane.Data(0, RawLane.Stream("/none", "x")));
        bob.Give(4, RawLane.Data(0, RawLane.Stream("/none", "x")));
        Assert.True(bob.Host.Registry.Unregister("/b"));
        bob.Give(6, RawLane.Data(0, RawLane.Init("/b", "x")));
        Assert.Equal(["0 0801", "2 0804", "4 0801", "6 0801"], bob.Control());
        bob.Give(0, RawLane.Data(1, RawLane.Message("y")));
        Assert.Equal(["0 0801"], bob.Control());
        bob.Wait(0);
        Assert.Empty(bob.Texts());
        Assert.Equal(0, bob.Table.Count);
        Assert.Equal(3, bob.Host.Counters.Dropped(DropReason.NoHandler));
    }

    [Fact]
    [Covers("LANE-011", "LANE-014")]
    public void A_stream_is_no_message_and_a_message_no_stream()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Stream("/a", "x")));
        bob.Give(4, RawLane.Data(0, RawLane.Init("/stream", "x")));
        bob.Give(2, RawLane.Data(0, RawLane.Init("/stream", "x")));
        bob.Give(8, RawLane.Data(0, RawLane.Request(7, RawLane.Init("/stream", "x"))));
        Assert.Equal(["0 0801", "4 0801", "2 0801", "8 0801"], bob.Control());
        bob.Wait(0);
        Assert.Empty(bob.Texts());
        Assert.Empty(bob.Host.Happened);
        Assert.Equal(0, bob.Table.Count);
    }

    [Fact]
    [Covers("LANE-014")]
    public void What_is_taken_may_change_and_a_name_may_be_taken_both_ways()
    {
        bob.Host.Registry.Register("/stream");
        bob.Give(0, RawLane.Data(0, RawLane.Init("/stream", "message")));
        bob.Give(4, RawLane.Data(0, RawLane.Stream("/stream", "bytes")));
        Assert.Equal((LaneKind.Ordered, LaneKind.Stream), (bob.Table.Find(0)!.Kind, bob.Table.Find(4)!.Kind));

        Assert.True(bob.Host.Registry.UnregisterStream("/stream"));
        bob.Give(8, RawLane.Data(0, RawLane.Stream("/stream", "late")));
        bob.Give(12, RawLane.Data(0, RawLane.Init("/stream", "message")));
        Assert.True(bob.Host.Registry.Unregister("/stream"));
        bob.Give(16, RawLane.Data(0, RawLane.Init("/stream", "late")));
        Assert.Equal(["8 0801", "16 0801"], bob.Control());
        bob.Wait(0);
        Assert.Equal(["bytes", "message", "message"], bob.Texts().Order());
    }

    [Fact]
    [Covers("LANE-015")]
    public void What_overtakes_the_first_segment_waits_ten_seconds()
    {
        bob.Give(0, RawLane.Data(1, RawLane.Message("second")));
        bob.Give(2, RawLane.Data(1, RawLane.Message("second")));
        bob.Wait(9_999);
        Assert.Empty(bob.Texts());
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a", "first")));
        bob.Wait(1);
        Assert.Equal(["first", "second"], bob.Texts());
        Assert.Contains("2 0803", bob.Control());
        Assert.Null(bob.Table.Find(2));
        bob.Give(2, RawLane.Data(0, RawLane.Init("/a", "first")));
        Assert.Equal(["2 0803"], bob.Control());
        Assert.DoesNotContain(bob.Host.Happened, happened => happened.Kind == NodeEventKind.LaneEnded);
    }

    private static Lane Open(RawLane host, LaneKind kind)
    {
        var lane = host.Table.Open(host.Now, kind == LaneKind.Stream ? "/stream" : "/a", kind, allowEarly: true);
        Assert.NotNull(lane);
        return lane;
    }
}
