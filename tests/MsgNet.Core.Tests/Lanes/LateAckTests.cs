using MsgNet.Testing;

namespace MsgNet.Core.Tests.Lanes;

/// <summary>Acknowledgements that come late, and which of them count.</summary>
public sealed class LateAckTests
{
    private readonly RawLane raw = new();
    private readonly Lane lane;
    private readonly object oldKeys = new();
    private readonly object newKeys = new();
    private ulong newCounter;

    public LateAckTests()
    {
        lane = raw.Table.Open(raw.Now, "/a", LaneKind.Ordered, allowEarly: true)!;
        for (var i = 0; i < 8; i++)
        {
            Assert.True(raw.Table.TrySend(raw.Now, lane, "message"u8));
            Assert.Single(raw.Segments());
        }
    }

    [Fact, Covers("LANE-038")]
    public void Says_nothing_in_a_packet_sent_before_the_one_that_counted()
    {
        Acknowledge(oldKeys, counter: 9, sequence: 2);
        Acknowledge(oldKeys, counter: 8, sequence: 5);

        Assert.Equal(3UL, lane.Delivered);
    }

    [Fact]
    public void Does_not_end_the_lane()
    {
        Acknowledge(oldKeys, counter: 9, sequence: 2);

        // 40,000 segments later this would be one of what was never sent.
        Acknowledge(oldKeys, counter: 8, sequence: 25_000);

        Assert.True(lane.IsOpen);
    }

    [Fact]
    public void Leaves_the_data_beside_it()
    {
        var peers = new RawLane();
        peers.From(oldKeys, 9);
        peers.Give(0, RawLane.Packet(MspFlags.First | MspFlags.Ack, 0xFFFF, 0, RawLane.Segment(0, RawLane.Init("/a", "one"))));
        peers.From(oldKeys, 8);
        peers.Give(0, RawLane.Packet(MspFlags.First | MspFlags.Ack, 0xFFFF, 1, RawLane.Segment(0, RawLane.Message("two"))));
        peers.Wait(0);

        Assert.Equal(["one", "two"], peers.Texts());
    }

    [Fact]
    public void Counts_in_the_same_packet_and_in_later_ones()
    {
        Acknowledge(oldKeys, counter: 9, sequence: 1);
        Acknowledge(oldKeys, counter: 9, sequence: 2);
        Acknowledge(oldKeys, counter: 10, sequence: 3);

        Assert.Equal(4UL, lane.Delivered);
    }

    [Fact]
    public void Counts_under_other_keys_whatever_the_counter()
    {
        Acknowledge(oldKeys, counter: 100, sequence: 2);
        Acknowledge(newKeys, counter: 0, sequence: 3);
        Acknowledge(oldKeys, counter: 101, sequence: 5);

        Assert.Equal(6UL, lane.Delivered);
    }

    [Theory, Covers("LANE-038")]
    [InlineData(32_767, true)]
    [InlineData(32_768, false)]
    public void Counts_until_32768_segments_were_acknowledged_under_other_keys(int between, bool counts)
    {
        Acknowledge(oldKeys, counter: 5, sequence: 2);
        Advance(between);
        SendMore(8);
        var before = lane.Delivered;
        Acknowledge(oldKeys, counter: 6, sequence: (int)before);

        Assert.Equal(3UL + (ulong)between, before);
        Assert.Equal(counts ? before + 1 : before, lane.Delivered);
        Assert.True(lane.IsOpen);
    }

    [Fact, Covers("LANE-038")]
    public void An_older_one_is_what_later_ones_of_its_keys_are_measured_by()
    {
        Acknowledge(oldKeys, counter: 5, sequence: 2);
        Advance(20_000);
        Acknowledge(oldKeys, counter: 6, sequence: 3);
        Advance(20_000);
        SendMore(8);
        var before = lane.Delivered;
        Acknowledge(oldKeys, counter: 7, sequence: (int)before);

        Assert.Equal(before, lane.Delivered);
    }

    [Fact, Covers("LANE-038")]
    public void Counts_under_keys_that_come_into_use_however_much_was_acknowledged_before()
    {
        Advance(40_000);
        var nextKeys = new object();
        raw.Table.OnKeysHeard(nextKeys, newKeys);
        SendMore(8);
        var before = lane.Delivered;
        Acknowledge(nextKeys, counter: 0, sequence: (int)before);
        Acknowledge(newKeys, newCounter, sequence: (int)before + 1);
        Acknowledge(nextKeys, counter: 1, sequence: (int)before + 2);

        Assert.Equal(before + 3, lane.Delivered);
    }

    [Fact, Covers("LANE-038")]
    public void Says_nothing_under_keys_in_use_long_before_it_came()
    {
        Acknowledge(newKeys, newCounter++, sequence: 2);
        raw.Table.OnKeysHeard(oldKeys, newKeys);
        Advance(32_768);
        SendMore(8);
        var before = lane.Delivered;
        Acknowledge(oldKeys, counter: 0, sequence: (int)before);

        Assert.Equal(before, lane.Delivered);
    }

    [Fact, Covers("LANE-038")]
    public void Says_nothing_in_a_first_flight()
    {
        raw.Table.Origin = default;
        raw.Give(lane.Id, (byte)MspFlags.Ack, 2, 0);

        Assert.Equal(0UL, lane.Delivered);
        Assert.True(lane.IsOpen);
    }

    [Fact, Covers("LANE-038")]
    public void Is_said_again_behind_a_first_flight()
    {
        var stream = raw.Table.Open(raw.Now, "/stream", LaneKind.Stream, allowEarly: true)!;
        Assert.True(raw.Table.TrySend(raw.Now, stream, "x"u8));
        Assert.Single(raw.Segments());
        raw.Give(stream.Id, RawLane.Packet(MspFlags.Ack, 0xFFFF, 0, RawLane.Segment(0, RawLane.Message("y"))));
        raw.Wait(0);
        Assert.True(raw.Table.TrySend(raw.Now, stream, "z"u8));
        Assert.Single(raw.Segments(early: true));
        raw.Wait(5);

        Assert.Equal([$"{stream.Id} 020000"], raw.Control());
    }

    // Under the new keys.
    private void Advance(int segments)
    {
        var until = lane.Delivered + (ulong)segments;
        raw.Window(lane.Id, Limits.LaneWindowMax);
        while (lane.Delivered < until)
        {
            SendMore(4_000);
            Acknowledge(newKeys, newCounter++, (int)(Math.Min(until, lane.Sent) - 1));
        }
    }

    private void SendMore(int count)
    {
        for (; count > 0 && lane.Sent - lane.Delivered < 8_000; count--)
        {
            Assert.True(raw.Table.TrySend(raw.Now, lane, "message"u8));
            Assert.Single(raw.Segments());
        }
    }

    private void Acknowledge(object keys, ulong counter, int sequence)
    {
        raw.From(keys, counter);
        raw.Give(lane.Id, (byte)MspFlags.Ack, (byte)sequence, (byte)(sequence >> 8));
    }
}
