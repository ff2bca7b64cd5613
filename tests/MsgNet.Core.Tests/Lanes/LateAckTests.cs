using MsgNet.Testing;

namespace MsgNet.Core.Tests.Lanes;

/// <summary>Acknowledgements that were overtaken by newer ones.</summary>
public sealed class LateAckTests
{
    private readonly RawLane raw = new();
    private readonly Lane lane;
    private readonly object oldKeys = new();
    private readonly object newKeys = new();

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
        Acknowledge(oldKeys, counter: 7, sequence: 5);

        Assert.Equal(6UL, lane.Delivered);
    }

    private void Acknowledge(object keys, ulong counter, int sequence)
    {
        raw.From(keys, counter);
        raw.Give(lane.Id, (byte)MspFlags.Ack, (byte)sequence, (byte)(sequence >> 8));
    }
}
