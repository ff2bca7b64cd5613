using MsgNet.Testing;

namespace MsgNet.Core.Tests.Lanes;

/// <summary>Acknowledgement by consumption, windows, slots, buffers (lanes.md 4).</summary>
public sealed class LaneFlowTests
{
    private readonly RawLane bob = new(side: 1);

    [Fact]
    [Covers("LANE-030")]
    public void An_acknowledgement_of_what_was_never_sent_ends_the_lane()
    {
        var lane = bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true)!;
        bob.Table.TrySend(bob.Now, lane, "x"u8);
        bob.Segments();
        bob.Give(lane.Id, 2, 0xFF, 0xFF);
        Assert.Equal(0UL, lane.Delivered);
        bob.Give(lane.Id, 2, 0, 0);
        Assert.Equal(1UL, lane.Delivered);
        bob.Give(lane.Id, 2, 0xFF, 0xFF);
        Assert.True(lane.IsOpen);
        bob.Give(lane.Id, 2, 1, 0);
        bob.AssertBroken(lane.Id);
    }

    [Fact]
    [Covers("LANE-031")]
    public void A_segment_is_consumed_when_all_messages_that_end_in_it_are_done_with()
    {
        bob.Host.IsDeaf = true;
        bob.Give(0, RawLane.Packet(MspFlags.First, 0xFFFF, 0, RawLane.Segment(2, RawLane.Init("/a", "1"), RawLane.Message("2"), [3])));
        bob.Give(0, RawLane.Packet(MspFlags.First, 0xFFFF, 1, RawLane.Segment(3, [0])));
        bob.Give(0, RawLane.Packet(MspFlags.First, 0xFFFF, 2, RawLane.Segment(1, "\u00013"u8.ToArray())));
        var lane = bob.Table.Find(0)!;
        var receipts = new List<ulong>();
        while (bob.Table.TryPeek(lane, out var message))
        {
            receipts.Add(message.Receipt);
            bob.Table.Take(bob.Now, lane, default);
        }

        Assert.Equal(3, receipts.Count);
        Assert.Equal(0UL, lane.Machine.Consumed);
        bob.Table.Consume(bob.Now, lane, receipts[2]);
        bob.Table.Consume(bob.Now, lane, receipts[1]);
        Assert.Equal(0UL, lane.Machine.Consumed);
        bob.Table.Consume(bob.Now, lane, receipts[0]);
        Assert.Equal(3UL, lane.Machine.Consumed);
        Assert.Throws<InvalidOperationException>(() => bob.Table.Consume(bob.Now, lane, receipts[0]));
        Assert.Throws<InvalidOperationException>(() => bob.Table.Consume(bob.Now, lane, 99));
    }

    [Fact]
    [Covers("LANE-033")]
    public void A_segment_beyond_the_window_ends_the_lane()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a")));
        bob.Give(0, RawLane.Data(15, RawLane.Message("x")));
        Assert.NotNull(bob.Table.Find(0));
        bob.Give(0, RawLane.Data(16, RawLane.Message("x")));
        bob.AssertBroken(0);
    }

    [Fact]
    [Covers("LANE-033")]
    public void A_window_doubles_while_it_is_consumed_quickly_and_the_budget_lasts()
    {
        bob.Table.RoundTrip = TimeSpan.FromMilliseconds(15);
        var sequence = 0;
        var windows = new List<string>();
        bob.Give(0, RawLane.Data(sequence++, RawLane.Init("/a")));
        for (var i = 0; i < 40_000; i++)
        {
            bob.Wait(0.01);
            bob.Give(0, RawLane.Data(sequence++ & 0xFFFF, RawLane.Message("x")));
            bob.Wait(0);
            windows.AddRange(bob.Control(riding: true).Where(text => text.Contains("window")));
        }

        // Half of 8 MiB holds 3,495 segments of 1,200 bytes.
        Assert.Equal(
            ["32", "64", "128", "256", "512", "1024", "2048", "3495"], windows.Select(text => text.Split(' ')[2]));
        Assert.Equal(3_495, bob.Table.Find(0)!.Machine.ReceiveWindow);
        bob.Give(4, RawLane.Data(0, RawLane.Init("/a")));
        Assert.Equal(16, bob.Table.Find(4)!.Machine.ReceiveWindow);
    }

    [Fact]
    [Covers("LANE-033")]
    public void No_window_exceeds_8192_and_a_slow_consumer_gets_none()
    {
        var rich = new RawLane(1, new LaneSettings { ReceiveBudget = 1L << 30 });
        rich.Give(0, RawLane.Data(0, RawLane.Init("/a")));
        for (var sequence = 1; sequence < 30_000; sequence++)
        {
            rich.Give(0, RawLane.Data(sequence, RawLane.Message("x")));
            rich.Wait(0);
        }

        Assert.Equal(8_192, rich.Table.Find(0)!.Machine.ReceiveWindow);

        bob.Table.RoundTrip = TimeSpan.FromMilliseconds(10);
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a")));
        for (var sequence = 1; sequence < 200; sequence++)
        {
            bob.Wait(6);
            bob.Give(0, RawLane.Data(sequence, RawLane.Message("x")));
            bob.Wait(0);
        }

        Assert.Equal(16, bob.Table.Find(0)!.Machine.ReceiveWindow);
    }

    [Fact]
    [Covers("LANE-034")]
    public void Large_messages_take_slots_and_a_lane_without_one_consumes_nothing()
    {
        using var pair = new LanePair(1, new LaneSettings { MessageSizeMax = 256 * 1024, ReceiveBudget = 1 << 20 });
        pair.Bob.IsDeaf = true;
        var lanes = new List<Lane>();
        for (var i = 0; i < 4; i++)
        {
            lanes.Add(pair.Alice.Open(pair.Now, "/a", i % 2 == 0 ? LaneKind.Ordered : LaneKind.Unordered));
            Assert.True(pair.Alice.Table.TrySend(pair.Now, lanes[i], new byte[200_000]));
        }

        for (var i = 0; i < 3_000; i++)
            pair.Step();
        var theirs = lanes.Select(lane => pair.Bob.Table.Find(lane.Id)!).ToArray();
        Assert.Equal(2, theirs.Count(lane => lane.Inbox.HasMessage));
        Assert.Equal(2, theirs.Count(lane => lane.Inbox.WaitsForSlot));
        // A small message on another lane is not held up.
        var small = pair.Alice.Open(pair.Now, "/b", LaneKind.Ordered);
        pair.Alice.Table.TrySend(pair.Now, small, new byte[64_000]);
        pair.RunUntil(() => pair.Bob.Table.Find(small.Id)?.Inbox.HasMessage == true);
        pair.Bob.IsDeaf = false;
        pair.RunUntilQuiet();
        Assert.Equal([64_000, 200_000, 200_000, 200_000, 200_000], pair.Bob.Received().Select(data => data.Length).Order());
        Assert.All(lanes, lane => Assert.Equal(1UL, lane.Delivered));
    }

    [Theory]
    [Covers("LANE-034")]
    [InlineData(65_536, 0)]
    [InlineData(65_537, 1)]
    public void A_message_above_the_limit_ends_the_lane(int length, int broken)
    {
        using var pair = new LanePair();
        var small = new LaneHost("small", 1, new LaneSettings { MessageSizeMax = 65_536 });
        var writer = new WireWriter(new byte[1_200]);
        var items = new PacketItems();
        var lane = pair.Alice.Open(pair.Now, "/a", LaneKind.Ordered);
        Assert.True(pair.Alice.Table.TrySend(pair.Now, lane, new byte[length]));
        for (var i = 0; i < 100 && pair.Alice.Table.HasWork; i++)
        {
            writer = new WireWriter(new byte[1_168]);
            items.Clear();
            pair.Alice.Table.WriteSegments(pair.Now, 1_168, early: false, ref writer, items);
            small.Receive(pair.Now, writer.Written.ToArray());
            small.Tick(pair.Now);
            writer = new WireWriter(new byte[1_168]);
            items.Clear();
            small.Table.WriteControl(pair.Now, riding: true, ref writer, items);
            pair.Alice.Receive(pair.Now, writer.Written.ToArray());
        }

        Assert.Equal(broken, small.Happened.Count(happened => happened.End == LaneEnd.MessageTooLarge));
        Assert.Equal(broken, pair.Alice.Happened.Count(happened => happened.End == LaneEnd.MessageTooLarge));
        Assert.Equal(broken, small.Counters.Dropped(DropReason.TooLarge));
        Assert.Equal(1 - broken, small.Messages.Count);
    }

    [Fact]
    [Covers("LANE-035")]
    public void An_acknowledgement_leaves_within_5_ms_or_after_a_quarter_of_the_window_or_on_the_way()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a")));
        bob.Wait(0);
        Assert.False(bob.Table.HasWork);
        Assert.Empty(bob.Control());
        bob.Wait(4.9);
        Assert.Empty(bob.Control());
        bob.Wait(0.1);
        Assert.True(bob.Table.HasWork);
        Assert.Equal(["0 020000"], bob.Control());
        Assert.False(bob.Table.HasWork);
        bob.Outcome(arrived: false, bob.Items);
        Assert.Equal(["0 020000"], bob.Control());
        var first = bob.Items;
        bob.Give(0, RawLane.Data(1, RawLane.Message("x")));
        bob.Wait(0);
        Assert.Equal(bob.Now + TimeSpan.FromMilliseconds(5), bob.Table.NextTimer);
        Assert.Equal(["0 020100"], bob.Control(riding: true));
        Assert.True(bob.Table.NextTimer > bob.Now + TimeSpan.FromMilliseconds(5));
        bob.Outcome(arrived: false, first);
        Assert.Empty(bob.Control(riding: true));
        for (var sequence = 2; sequence < 6; sequence++)
        {
            Assert.False(bob.Table.HasWork);
            bob.Give(0, RawLane.Data(sequence, RawLane.Message("x")));
            bob.Wait(0);
        }

        Assert.Equal(["0 020500"], bob.Control());
        Assert.Equal(["0 020500"], bob.Probe());
    }

    [Fact]
    [Covers("LANE-036", "LANE-069")]
    public void A_lane_takes_256_KiB_or_one_message_and_tells_of_room()
    {
        var lane = bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true)!;
        Assert.True(bob.Table.TrySend(bob.Now, lane, new byte[1 << 20]));
        Assert.False(bob.Table.TrySend(bob.Now, lane, default));
        var other = bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true)!;
        var accepted = 0;
        while (bob.Table.TrySend(bob.Now, other, new byte[1_000]))
            accepted++;
        Assert.InRange(accepted, 250, 262);
        var empty = bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true)!;
        accepted = 0;
        while (bob.Table.TrySend(bob.Now, empty, default))
            accepted++;
        Assert.InRange(accepted, 10_000, 16_384);
        Assert.DoesNotContain(bob.Host.Happened, happened => happened.Kind == NodeEventKind.LaneRoom);
        bob.Window(other.Id, 512);
        bob.Window(empty.Id, 512);
        for (var i = 0; i < 60; i++)
            bob.Segments();
        bob.Wait(0);
        Assert.True(bob.Table.TrySend(bob.Now, other, new byte[1_000]));
        Assert.DoesNotContain(bob.Host.Happened, happened => happened.Kind == NodeEventKind.LaneRoom);
        for (var i = 0; i < 160; i++)
            bob.Segments();
        bob.Wait(0);
        Assert.Equal(
            [other, empty],
            bob.Host.Happened.Where(entry => entry.Kind == NodeEventKind.LaneRoom).Select(entry => entry.Lane).OrderBy(l => l.Id));
        for (accepted = 0; bob.Table.TrySend(bob.Now, other, new byte[1_000]);)
            accepted++;
        Assert.InRange(accepted, 125, 262);
    }

    [Fact]
    [Covers("LANE-037")]
    public void A_window_frame_grants_and_never_takes_back()
    {
        var lane = bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true)!;
        Assert.False(bob.Window(lane.Id, 0));
        Assert.False(bob.Window(lane.Id, 8_193));
        Assert.True(bob.Window(99, 64));
        Assert.Equal(16, lane.Machine.SendWindow);
        Assert.True(bob.Window(lane.Id, 20));
        Assert.True(bob.Window(lane.Id, 17));
        Assert.True(bob.Window(lane.Id, 1));
        bob.Table.TrySend(bob.Now, lane, new byte[100_000]);
        var sent = 0;
        while (bob.Segments().Length > 0)
            sent++;
        Assert.Equal(20, sent);
        Assert.False(bob.Table.HasWork);
        Assert.True(bob.Window(lane.Id, 8_192));
        Assert.True(bob.Table.HasWork);
    }

    [Fact]
    [Covers("LANE-037")]
    public void A_lost_window_is_sent_again_while_it_is_the_newest()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a")));
        for (var sequence = 1; sequence < 8; sequence++)
            bob.Give(0, RawLane.Data(sequence, RawLane.Message("x")));
        bob.Wait(0);
        Assert.Equal(["0 020700", "0 window 32"], bob.Control());
        var old = bob.Items;
        bob.Outcome(arrived: false, old[1]);
        Assert.Equal(["0 window 32"], bob.Control());
        for (var sequence = 8; sequence < 24; sequence++)
            bob.Give(0, RawLane.Data(sequence, RawLane.Message("x")));
        bob.Wait(0);
        Assert.Equal(["0 021700", "0 window 64"], bob.Control());
        bob.Outcome(arrived: false, old);
        Assert.Empty(bob.Control(riding: true));
    }
}
