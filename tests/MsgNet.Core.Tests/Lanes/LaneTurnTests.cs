using MsgNet.Testing;

namespace MsgNet.Core.Tests.Lanes;

/// <summary>What is sent when: packing, turns, retransmission, idle lanes, last acknowledgements (lanes.md 3, 5, 6).</summary>
public sealed class LaneTurnTests
{
    private readonly RawLane alice = new(side: 0);

    [Fact]
    [Covers("LANE-020", "LANE-051")]
    public void A_segment_is_cut_once_and_repeated_with_the_newest_acknowledgement()
    {
        var lane = Open();
        Send(lane, 2_000);
        var first = Assert.Single(alice.Segments());
        var second = Assert.Single(alice.Segments());
        Assert.StartsWith("0 04ffff0000", first);
        Assert.StartsWith("0 04ffff0100", second);
        alice.Give(0, RawLane.Packet(MspFlags.Ack, 0xFFFF, 0, RawLane.Segment(0, [6, 9, 0])));
        var items = alice.Items;
        Send(lane, 100);
        alice.Outcome(arrived: false, new PacketItem(PacketItemKind.Segment, 0, 0), items[0]);
        Assert.Empty(alice.Segments(room: 300));
        Assert.Equal(["0 0200000000" + first[12..]], alice.Segments());
        Assert.Equal(["0 0200000100" + second[12..]], alice.Segments());
        Assert.StartsWith("0 0200000200", Assert.Single(alice.Segments()));
        Assert.Empty(alice.Segments());
        alice.Outcome(arrived: true, new PacketItem(PacketItemKind.Segment, 0, 1));
        alice.Outcome(arrived: false, new PacketItem(PacketItemKind.Segment, 0, 1));
        Assert.False(alice.Table.HasWork);
        alice.Outcome(arrived: false, new PacketItem(PacketItemKind.Segment, 0, 77), new PacketItem(PacketItemKind.Segment, 400, 0));
        Assert.False(alice.Table.HasWork);
        Assert.Equal(["0 0200000000" + first[12..]], alice.Probe());
    }

    [Fact]
    [Covers("REC-047")]
    public void A_small_probe_is_the_window_of_a_lane_with_a_segment_under_way()
    {
        var lane = Open();
        Assert.Empty(alice.SmallProbe());
        Send(lane, 1_000);
        Assert.Empty(alice.SmallProbe());
        alice.Segments();
        var segment = alice.Items;
        Assert.Equal(["0 window 16"], alice.SmallProbe());
        alice.Outcome(arrived: true, alice.Items);
        alice.Outcome(arrived: true, segment);
        Assert.Empty(alice.SmallProbe());
    }

    [Fact]
    [Covers("LANE-020")]
    public void Many_messages_and_many_lanes_share_a_datagram_with_one_segment_each()
    {
        var lanes = Enumerable.Range(0, 5).Select(_ => Open()).ToArray();
        foreach (var lane in lanes)
        {
            Send(lane, 10);
            Send(lane, 0);
            Send(lane, 20);
        }

        var segments = alice.Segments();
        Assert.Equal(["0", "4", "8", "12", "16"], segments.Select(text => text.Split(' ')[0]));
        Assert.Equal(
            "0 04ffff0000" + "00" + "12010000022f610001" + new string('0', 20) + "03030001" + "17030001" + new string('0', 40),
            segments[0]);
        Assert.False(alice.Table.HasWork);
    }

    [Fact]
    [Covers("LANE-050")]
    public void Lanes_share_bytes_whatever_the_size_of_their_messages()
    {
        var lanes = Enumerable.Range(0, 3).Select(_ => Open()).ToArray();
        var sizes = new[] { 1, 300, 20_000 };
        var bytes = new Dictionary<ulong, long>();
        foreach (var lane in lanes)
            alice.Window(lane.Id, 8_192);
        for (var i = 0; i < 3_000; i++)
        {
            for (var j = 0; j < lanes.Length; j++)
            {
                while (alice.Table.TrySend(alice.Now, lanes[j], new byte[sizes[j]]))
                {
                }
            }

            alice.Segments();
            foreach (var text in alice.Segments())
            {
                var lane = ulong.Parse(text.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
                bytes[lane] = bytes.GetValueOrDefault(lane) + (text.Length / 2);
            }
        }

        var share = bytes.Values.Sum() / 3.0;
        Assert.All(bytes.Values, sent => Assert.InRange(sent, share * 0.95, share * 1.05));
    }

    [Fact]
    [Covers("LANE-026")]
    public void A_segment_longer_than_the_path_carries_by_now_goes_in_pieces()
    {
        var bob = new RawLane(side: 1);
        var lane = Open();
        Send(lane, 1_300);
        alice.Segments(room: 1_440);
        var frame = new byte[Limits.DatagramReceiveMax];
        Assert.False(alice.Table.TryTakeOversized(1_168, 1, frame, out _, out _));
        alice.Outcome(arrived: false, alice.Items);
        Assert.Empty(alice.Segments());
        Assert.True(alice.Table.HasWork);
        Assert.False(alice.Table.TryTakeOversized(1_440, 1, frame, out _, out _));
        Assert.True(alice.Table.TryTakeOversized(1_168, 1, frame, out var plan, out var piece));
        Assert.Equal(2, plan.Count);
        Assert.False(alice.Table.HasWork);
        alice.Outcome(arrived: true, piece);
        alice.Outcome(arrived: false, piece);
        Assert.True(alice.Table.HasWork);
        Assert.True(alice.Table.TryTakeOversized(1_168, 2, frame, out plan, out piece));
        alice.Outcome(arrived: false, piece);
        Assert.True(alice.Table.TryTakeOversized(1_168, 3, frame, out plan, out var again));
        alice.Outcome(arrived: true, piece);
        alice.Outcome(arrived: true, again);
        Assert.Equal(1_300 + 11, lane.Machine.BytesKept);
        alice.Outcome(arrived: true, again);
        Assert.Equal(0, alice.Table.SegmentsInPieces);
        Assert.False(alice.Table.HasWork);
        Assert.Equal((byte)FrameType.Msp, frame[0]);
        bob.Give(frame[1], frame[2..plan.FrameLength]);
        bob.Wait(0);
        Assert.Equal(1_300, Assert.Single(bob.Texts()).Length);
    }

    [Fact]
    [Covers("LANE-027")]
    public void A_segment_whose_pieces_were_reported_and_not_put_together_goes_again()
    {
        var lane = Open();
        Send(lane, 2_600);
        alice.Segments(room: 1_440);
        alice.Outcome(arrived: false, alice.Items);
        alice.Segments(room: 1_440);
        alice.Segments(room: 1_440);
        alice.Outcome(arrived: false, alice.Items);
        alice.Outcome(arrived: false, new PacketItem(PacketItemKind.Segment, 0, 0));
        var frame = new byte[Limits.DatagramReceiveMax];
        SendInPieces(1, frame);
        SendInPieces(2, frame);
        var kept = lane.Machine.BytesKept;
        Assert.InRange(kept, 2_600, 2_700);
        Assert.False(alice.Table.IsDrained);

        // Only the first, after 500 ms, 1 s, 2 s, 4 s, 5 s, 5 s: what follows it cannot be acknowledged before.
        ulong id = 3;
        foreach (var wait in (double[])[500, 1_000, 2_000, 4_000, 5_000, 5_000])
        {
            alice.Wait(wait - 1);
            alice.Control(); // whether the peer lives is asked as well (LANE-067)
            Assert.False(alice.Table.HasWork);
            alice.Wait(1);
            Assert.True(alice.Table.HasWork);
            SendInPieces(id++, frame);
            Assert.Equal(0, frame[5]);
        }

        Assert.Equal(kept, lane.Machine.BytesKept);
        alice.Give(0, RawLane.Packet(MspFlags.Ack, 0, 0, [])[..3]);
        Assert.InRange(lane.Machine.BytesKept, 1, 1_440);
        alice.Wait(499);
        Assert.False(alice.Table.HasWork);
        alice.Wait(1);
        SendInPieces(id, frame);
        Assert.Equal(1, frame[5]);
        alice.Give(0, RawLane.Packet(MspFlags.Ack, 1, 0, [])[..3]);
        Assert.Equal(0, lane.Machine.BytesKept);
        alice.Wait(20_000);
        Assert.False(alice.Table.HasWork);
        Assert.True(alice.Table.IsDrained);
    }

    [Fact]
    [Covers("LANE-027")]
    public void A_whole_sending_that_arrived_settles_a_segment_in_doubt()
    {
        var lane = Open();
        Send(lane, 1_300);
        alice.Segments(room: 1_440);
        alice.Outcome(arrived: false, alice.Items);
        SendInPieces(1, new byte[Limits.DatagramReceiveMax]);
        alice.Wait(500);
        Assert.Single(alice.Segments(room: 1_440));
        alice.Outcome(arrived: true, alice.Items);
        Assert.Equal(0, lane.Machine.BytesKept);
        alice.Wait(20_000);
        Assert.Equal(["0 window 16"], alice.Control()); // LANE-067
        Assert.False(alice.Table.HasWork);
    }

    [Fact]
    [Covers("LANE-044")]
    public void An_opener_closes_a_message_lane_60_s_after_its_last_message()
    {
        var lane = Open();
        var stream = alice.Table.Open(alice.Now, "/stream", LaneKind.Stream, allowEarly: true)!;
        alice.Wait(59_000);
        Send(lane, 1);
        alice.Segments();
        alice.Wait(59_999);
        Assert.False(lane.IsShutDown);
        alice.Wait(1);
        Assert.False(lane.IsShutDown);
        alice.Give(0, 2, 0, 0);
        alice.Wait(60_000);
        Assert.True(lane.IsShutDown);
        Assert.False(stream.IsShutDown);
        Assert.False(alice.Table.TrySend(alice.Now, lane, default));
        Assert.Equal(["0 0100000100"], alice.Segments().Select(text => text.Replace("ffff", "0000")));
        var silent = Open();
        alice.Wait(60_000);
        Assert.Equal(LaneEnd.Completed, alice.EndOf(silent.Id));
        Assert.Equal(["0 window 16"], alice.Control()); // LANE-067
        Assert.False(alice.Table.HasWork);
    }

    [Fact]
    [Covers("LANE-020")]
    public void Of_several_lost_segments_of_a_lane_a_datagram_takes_one()
    {
        var lane = Open();
        Send(lane, 1);
        alice.Segments();
        var first = alice.Items;
        Send(lane, 1);
        alice.Segments();
        alice.Outcome(arrived: false, [.. first, .. alice.Items]);

        Assert.Single(alice.Segments());
        Assert.Single(alice.Segments());
        Assert.Empty(alice.Segments());
    }

    [Theory]
    [InlineData(1_472, 1)]
    [InlineData(2_500, 2)]
    [InlineData(4_000, 3)]
    [InlineData(8_940, 4)]
    [Covers("LANE-020")]
    public void A_large_datagram_takes_a_segment_of_a_lane_for_each_1472_bytes_and_four_at_most(int room, int expected)
    {
        var (lane, other) = (Open(), Open());
        Send(lane, 8_000);
        Assert.Equal(expected, alice.Segments(room).Length);
        Send(other, 8_000);
        var lanes = alice.Segments(8_940).Select(text => text.Split(' ')[0]).ToLookup(id => id);
        Assert.InRange(lanes["4"].Count(), 3, 4);
        Assert.InRange(lanes["0"].Count(), 1, 4);
    }

    [Fact]
    [Covers("LANE-045")]
    public void A_lane_is_kept_until_its_last_acknowledgement_has_arrived()
    {
        var lane = Open();
        Send(lane, 1);
        alice.Table.Shutdown(alice.Now, lane);
        Assert.StartsWith("0 05ffff0000", Assert.Single(alice.Segments()));
        alice.Give(0, RawLane.Packet(MspFlags.Ack | MspFlags.Shutdown, 0, 0, []));
        Assert.Equal(LaneEnd.Completed, alice.EndOf(0));
        Assert.Equal(1, alice.Table.Count);
        Assert.Equal(["0 020000"], alice.Control());
        alice.Outcome(arrived: false, alice.Items);
        Assert.Equal(["0 020000"], alice.Control());
        Assert.Equal(["0 020000"], alice.Probe());
        alice.Outcome(arrived: true, alice.Items);
        Assert.Equal(0, alice.Table.Count);
        Assert.Empty(alice.Probe());
        Assert.Equal(0, alice.Table.Count);
    }

    [Fact]
    [Covers("LANE-040")]
    public void SHUTDOWN_follows_everything_that_was_accepted()
    {
        var lane = Open();
        Send(lane, 3_000);
        alice.Table.Shutdown(alice.Now, lane);
        var flags = new List<string>();
        while (alice.Segments() is [var text, ..])
            flags.Add(text[2..4]);
        Assert.Equal(["04", "04", "05"], flags);
        alice.Give(0, 2, 2, 0);
        Assert.Equal(1UL, lane.Delivered);
        Assert.Equal(0, lane.BytesQueued);
    }

    [Fact]
    public void Only_lanes_that_allow_it_ride_in_the_first_flight_and_nothing_is_repeated_there()
    {
        var lane = Open();
        var late = alice.Table.Open(alice.Now, "/a", LaneKind.Ordered, allowEarly: false)!;
        Send(late, 10);
        Send(lane, 1_500);
        Assert.StartsWith("0 04", Assert.Single(alice.Segments(early: true)));
        alice.Outcome(arrived: false, alice.Items);
        Assert.Empty(alice.Segments(early: true));
        Assert.StartsWith("4 04", alice.Segments()[0]);
    }

    [Fact]
    public void A_lost_peer_fails_all_lanes_and_a_restarted_one_begins_anew()
    {
        var lane = Open();
        Send(lane, 1);
        alice.Segments();
        alice.Give(1, RawLane.Data(0, RawLane.Init("/a", "x")));
        alice.Give(5, RawLane.Data(0, RawLane.Init("/none")));
        alice.Table.OnPeerRestarted(alice.Host.Events);
        Assert.All(alice.Host.Events.All.ToArray(), happened => Assert.Equal(PeerLoss.PeerRestarted, happened.Loss));
        alice.Host.Handle(alice.Now);
        Assert.Equal(LaneEnd.PeerLost, alice.EndOf(0));
        Assert.Equal(LaneEnd.PeerLost, alice.EndOf(1));
        Assert.False(alice.Table.HasWork);
        Assert.Equal(0, alice.Table.Count);
        Assert.Equal(4UL, Open().Id);
        alice.Give(1, RawLane.Data(0, RawLane.Init("/a", "again")));
        alice.Wait(0);
        Assert.Equal(["again"], alice.Texts());
    }

    private Lane Open()
    {
        var lane = alice.Table.Open(alice.Now, "/a", LaneKind.Ordered, allowEarly: true);
        Assert.NotNull(lane);
        return lane;
    }

    // All pieces are reported.
    private void SendInPieces(ulong fragmentId, byte[] frame)
    {
        Assert.True(alice.Table.TryTakeOversized(1_168, fragmentId, frame, out var plan, out var piece));
        for (var i = 0; i < plan.Count; i++)
            alice.Outcome(arrived: true, piece);
    }

    private void Send(Lane lane, int length) => Assert.True(alice.Table.TrySend(alice.Now, lane, new byte[length]));
}
