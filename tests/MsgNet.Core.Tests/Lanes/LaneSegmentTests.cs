using MsgNet.Testing;

namespace MsgNet.Core.Tests.Lanes;

/// <summary>How frames stand in segments, and what a wrong one leads to (lanes.md 3 and 5).</summary>
public sealed class LaneSegmentTests
{
    private readonly RawLane bob = new(side: 1);

    [Theory]
    [Covers("LANE-021")]
    [InlineData("00")]
    [InlineData("04 01 03")]
    [InlineData("00 00")]
    [InlineData("00 06 03 0001 68")]
    [InlineData("00 05 03 0001 6865 09")]
    [InlineData("00 8500 03 0001 6865")]
    [InlineData("00 05 03 0001 6865 00")]
    [InlineData("00 ffffffffffffffff7f 03")]
    [InlineData("01 05 03 0001 6865")]
    [InlineData("00 05 04 0001 6865")]
    [InlineData("00 03 02 0001")]
    [InlineData("00 05 06 01 00 6865")]
    [InlineData("00 01 03")]
    public void A_segment_that_breaks_the_form_ends_the_lane(string segment)
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a", "first")));
        bob.Wait(0);
        bob.Give(0, RawLane.Packet(MspFlags.First, 0xFFFF, 1, Convert.FromHexString(segment.Replace(" ", ""))));
        bob.Wait(0);
        bob.AssertBroken(0);
        Assert.Equal(LaneEnd.ProtocolError, bob.EndOf(0));
        Assert.Equal(["first"], bob.Texts());
        Assert.True(bob.Host.Counters.Dropped(DropReason.BadFrame) > 0);
    }

    [Fact]
    [Covers("LANE-021")]
    public void Chunks_are_joined_to_frames_over_segments()
    {
        bob.Give(0, RawLane.Packet(MspFlags.First, 0xFFFF, 0, RawLane.Segment(2, RawLane.Init("/a", "1"), [3])));
        bob.Give(0, RawLane.Packet(MspFlags.First, 0xFFFF, 1, RawLane.Segment(3, [0, 1])));
        bob.Give(0, RawLane.Packet(MspFlags.First, 0xFFFF, 2, RawLane.Segment(3, "2"u8.ToArray(), RawLane.Message("3"), [3, 0])));
        bob.Give(0, RawLane.Packet(MspFlags.First, 0xFFFF, 3, RawLane.Segment(1, [1], RawLane.Message(""))));
        bob.Wait(0);
        Assert.Equal(["1", "2", "3", "", ""], bob.Texts());
        bob.Give(0, RawLane.Packet(MspFlags.First, 0xFFFF, 4, RawLane.Segment(2, RawLane.Message("x"))));
        bob.Give(0, RawLane.Packet(MspFlags.First, 0xFFFF, 5, RawLane.Segment(0, RawLane.Message("y"))));
        bob.Wait(0);
        bob.AssertBroken(0);
    }

    [Fact]
    [Covers("LANE-022")]
    public void A_segment_without_data_is_the_end_and_nothing_is_unfinished_before_it()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a")));
        bob.Give(0, RawLane.Packet(MspFlags.First, 0xFFFF, 1, []));
        bob.AssertBroken(0);
        bob.Give(4, RawLane.Packet(MspFlags.First, 0xFFFF, 0, RawLane.Segment(2, RawLane.Init("/a"))));
        bob.Give(4, RawLane.Packet(MspFlags.First | MspFlags.Shutdown, 0xFFFF, 1, []));
        bob.AssertBroken(4);
        bob.Give(8, RawLane.Packet(MspFlags.First | MspFlags.Shutdown, 0xFFFF, 0, RawLane.Segment(2, RawLane.Init("/a"))));
        bob.AssertBroken(8);
        bob.Give(12, RawLane.Packet(MspFlags.First | MspFlags.Shutdown, 0xFFFF, 0, []));
        bob.AssertBroken(12);
        Assert.Equal(0, bob.Table.Count);
    }

    [Theory]
    [Covers("LANE-023")]
    [InlineData(1_472, false)]
    [InlineData(1_473, true)]
    public void A_segment_is_no_longer_than_a_datagram(int length, bool isBroken)
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a", new string('x', length - 11))));
        Assert.Equal(isBroken, bob.Table.Find(0) is null);
    }

    [Fact]
    [Covers("LANE-024")]
    public void An_ordered_lane_waits_for_what_is_missing()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a", "0")));
        bob.Give(0, RawLane.Data(2, RawLane.Message("2")));
        bob.Wait(0);
        Assert.Equal(["0"], bob.Texts());
        bob.Give(0, RawLane.Data(1, RawLane.Message("1")));
        bob.Wait(0);
        Assert.Equal(["0", "1", "2"], bob.Texts());
    }

    [Fact]
    [Covers("LANE-024", "LANE-034")]
    public void A_reader_that_never_catches_up_on_an_unordered_lane_costs_no_more_and_more()
    {
        bob.Host.IsDeaf = true;
        bob.Give(2, RawLane.Packet(MspFlags.First, 0xFFFF, 0, RawLane.Segment(0, RawLane.Init("/a", "0"))));
        var lane = bob.Table.Find(2)!;
        bob.Give(2, Part(1, 0, "1"));
        bob.Give(2, RawLane.Packet(MspFlags.First, 0xFFFF, 2, RawLane.Segment(2, RawLane.Message("begins"))));
        for (var sequence = 3; sequence < 1_000; sequence++)
        {
            bob.Give(2, RawLane.Packet(
                MspFlags.First, 0xFFFF, sequence, RawLane.Segment(3, "rest"u8.ToArray(), RawLane.Message("begins"))));
            Assert.True(bob.Table.TryPeek(lane, out var message));
            bob.Table.Take(bob.Now, lane, default);
            bob.Table.Consume(bob.Now, lane, message.Receipt);
        }

        Assert.True(lane.IsOpen);
        Assert.InRange(lane.Inbox.AheadCount, 0, 4 * Limits.LaneWindowInitial);
    }

    [Fact]
    [Covers("LANE-024")]
    public void An_unordered_lane_delivers_what_is_whole_but_nothing_before_the_first_segment()
    {
        bob.Give(2, Part(7, 3, "-7-"));
        bob.Give(2, Part(4, 0, "4"));
        bob.Wait(0);
        Assert.Empty(bob.Texts());
        bob.Give(2, RawLane.Packet(MspFlags.First, 0xFFFF, 0, RawLane.Segment(0, RawLane.Init("/a", "0"))));
        bob.Wait(0);
        Assert.Equal(["0", "4"], bob.Texts());
        bob.Give(2, RawLane.Packet(MspFlags.First, 0xFFFF, 8, RawLane.Segment(1, "8"u8.ToArray(), RawLane.Message("whole"))));
        bob.Wait(0);
        Assert.Equal(["0", "4", "whole"], bob.Texts());
        bob.Give(2, RawLane.Packet(MspFlags.First, 0xFFFF, 6, RawLane.Segment(2, RawLane.Message("6"))));
        bob.Wait(0);
        Assert.Equal(["0", "4", "whole", "6-7-8"], bob.Texts());
        Assert.Equal(["2 020000"], bob.Control(riding: true));
        for (var sequence = 1; sequence < 6; sequence++)
            bob.Give(2, Part(sequence, 0, $"{sequence}"));
        bob.Wait(0);
        Assert.Equal(["0", "4", "whole", "6-7-8", "1", "2", "3", "5"], bob.Texts());
        bob.Wait(0);
        Assert.Equal(["2 020800", "2 window 32"], bob.Control(riding: true));
        Assert.Equal(0, bob.Table.Find(2)!.Machine.BytesReceived);
    }

    [Fact]
    [Covers("LANE-025")]
    public void Data_behind_the_end_or_another_end_ends_the_lane()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a")));
        bob.Give(0, RawLane.Packet(MspFlags.First | MspFlags.Shutdown, 0xFFFF, 2, []));
        bob.Give(0, RawLane.Data(3, RawLane.Message("x")));
        bob.AssertBroken(0);
        bob.Give(4, RawLane.Data(0, RawLane.Init("/a")));
        bob.Give(4, RawLane.Packet(MspFlags.First | MspFlags.Shutdown, 0xFFFF, 2, []));
        bob.Give(4, RawLane.Packet(MspFlags.First | MspFlags.Shutdown, 0xFFFF, 1, []));
        bob.AssertBroken(4);
    }

    [Fact]
    [Covers("LANE-041")]
    public void A_message_lane_carries_messages_one_way_and_replies_the_other()
    {
        var lane = bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true)!;
        bob.Table.TryRequest(bob.Now, lane, 9, "x"u8);
        bob.Segments();
        bob.Give(lane.Id, RawLane.Packet(MspFlags.Ack, 0, 0, RawLane.Segment(0, [6, 9, 0, 0x6F, 0x6B])));
        Assert.Equal("ok"u8.ToArray(), Assert.Single(bob.Host.Replies).Data);
        Assert.Equal(["1 020000"], bob.Control(riding: true));
        bob.Give(lane.Id, RawLane.Packet(MspFlags.Ack, 0, 1, RawLane.Segment(0, RawLane.Message("x"))));
        bob.AssertBroken(lane.Id);

        bob.Give(0, RawLane.Data(0, RawLane.Init("/a", "x")));
        bob.Wait(0);
        var theirs = bob.Table.Find(0)!;
        Assert.Throws<InvalidOperationException>(() => bob.Table.TrySend(bob.Now, theirs, "x"u8));
        Assert.Throws<InvalidOperationException>(() => bob.Table.TryReply(bob.Now, lane, 1, ReplyStatus.Ok, "x"u8));
        bob.Give(0, RawLane.Data(1, [6, 9, 0, 0x6F, 0x6B]));
        bob.AssertBroken(0);
    }

    [Fact]
    [Covers("LANE-041", "LANE-040")]
    public void The_acceptor_shuts_down_when_it_has_consumed_the_openers_end()
    {
        bob.Host.HandlerTime = TimeSpan.FromMilliseconds(50);
        bob.Host.Answers = true;
        bob.Give(0, RawLane.Packet(
            MspFlags.First | MspFlags.Shutdown, 0xFFFF, 0, RawLane.Segment(0, RawLane.Request(7, RawLane.Init("/a", "x")))));
        bob.Wait(0);
        Assert.Equal(["0 02ffff0000000406070078"], bob.Segments());
        bob.Wait(49);
        Assert.Empty(bob.Segments());
        bob.Wait(1);
        bob.Wait(0);
        Assert.Equal(["0 0300000100"], bob.Segments());
        bob.Give(0, 2, 1, 0);
        Assert.Equal(LaneEnd.Completed, bob.EndOf(0));
    }

    [Fact]
    [Covers("LANE-042")]
    public void A_stream_carries_runs_and_nothing_else()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Stream("/stream")));
        bob.Give(0, RawLane.Data(1, RawLane.Message("ab"), RawLane.Message(""), RawLane.Message("c")));
        bob.Wait(0);
        Assert.Equal(["ab", "c"], bob.Texts());
        var lane = bob.Table.Find(0)!;
        Assert.Equal(LaneKind.Stream, lane.Kind);
        Assert.True(bob.Table.TrySend(bob.Now, lane, "back"u8));
        Assert.Equal(["0 020000000000070300016261636b"], bob.Segments().Select(text => text.Replace("0201", "0200")));
        Assert.Throws<InvalidOperationException>(() => bob.Table.TryRequest(bob.Now, lane, 1, "x"u8));
        bob.Give(0, RawLane.Data(2, RawLane.Request(1, RawLane.Message("x"))));
        bob.AssertBroken(0);
        bob.Give(4, RawLane.Data(0, RawLane.Request(1, RawLane.Stream("/stream"))));
        bob.AssertBroken(4);
    }

    [Fact]
    [Covers("LANE-042")]
    public void A_stream_opens_and_ends_without_a_byte()
    {
        var lane = bob.Table.Open(bob.Now, "/stream", LaneKind.Stream, allowEarly: true)!;
        Assert.True(bob.Table.TrySend(bob.Now, lane, default));
        Assert.True(bob.Table.TrySend(bob.Now, lane, default));
        Assert.Equal(["1 04ffff0000000d010001072f73747265616d0001"], bob.Segments());
        Assert.False(bob.Table.HasWork);
        Assert.True(bob.Table.TrySend(bob.Now, lane, default));
        Assert.False(bob.Table.HasWork);
        var silent = bob.Table.Open(bob.Now, "/stream", LaneKind.Stream, allowEarly: true)!;
        bob.Table.Shutdown(bob.Now, silent);
        Assert.Equal(["5 05ffff0000000d010001072f73747265616d0001"], bob.Segments());
    }

    private static byte[] Part(int sequence, byte span, string text) => RawLane.Packet(
        MspFlags.First,
        0xFFFF,
        sequence,
        RawLane.Segment(span, span == 0 ? RawLane.Message(text) : System.Text.Encoding.ASCII.GetBytes(text)));
}
