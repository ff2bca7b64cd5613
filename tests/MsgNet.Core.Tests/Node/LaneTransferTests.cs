using System.Buffers.Binary;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Reliable messages between two nodes, whatever happens to packets, keys and addresses.</summary>
public class LaneTransferTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public LaneTransferTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
    }

    [Theory]
    [InlineData(LaneKind.Ordered)]
    [InlineData(LaneKind.Unordered)]
    [Covers("REC-042", "MP-008", "MP-009")]
    public void Ten_thousand_messages_arrive_once_at_twenty_percent_loss(LaneKind kind)
    {
        network.Connect(a, b);
        Lose(0.2);
        var lane = a.OpenLane(b, kind: kind);
        a.SendAll(lane, 10_000, Message);
        network.RunUntil(() => lane.Delivered == 10_000, seconds: 120);
        AssertExact(10_000, inOrder: kind == LaneKind.Ordered);
        Assert.True(a.Machine.Counters.SegmentsResent > 0);
        network.OnSend = null;
        network.Run(5);
        Assert.True(a.Peer(b).IsDrained && b.Peer(a).IsDrained);
    }

    [Fact]
    [Covers("LANE-038")]
    public void Acknowledgements_count_under_new_keys_however_much_was_acknowledged_under_the_old()
    {
        network.Connect(a, b);
        var lane = a.OpenLane(b);
        a.SendAll(lane, 48_000, number =>
        {
            if (number % 1_000 == 0)
                network.Flights.Clear();
            return Message(number, 1_100);
        });
        network.RunUntil(() => lane.Delivered == 48_000, seconds: 120);
        var former = a.Peer(b).Sessions.Current;
        Assert.True(lane.Machine.FirstUnacknowledged > 32_768);

        a.Peer(b).Sessions.Current!.MakeOlder(TimeSpan.FromSeconds(170));
        a.SendAll(lane, 10, number => Message(48_000 + number, 1_100));
        network.RunUntil(() => a.Peer(b).Sessions.Current != former);
        a.SendAll(lane, 10, number => Message(48_010 + number, 1_100));
        network.RunUntil(() => lane.Delivered == 48_020, seconds: 20);
        AssertExact(48_020, inOrder: true);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    [Covers("REC-042", "SEC-103")]
    public void Keys_change_every_thousand_packets_and_nothing_is_lost(double loss)
    {
        foreach (var node in new[] { a, b })
        {
            node.Settings = node.Settings with { RekeyAfterPackets = 1_000 };
            node.Start();
            node.Handle("/chat");
        }

        network.Connect(a, b);
        Lose(loss);
        var lane = a.OpenLane(b);
        a.SendAll(lane, 6_000, number => Message(number, 1_100));
        network.RunUntil(() => lane.Delivered == 6_000, seconds: 200);
        AssertExact(6_000, inOrder: true);
        Assert.True(a.Machine.Counters.HellosSent > 4);
        Assert.DoesNotContain(a.Log.Concat(b.Log), happened => happened.Kind is NodeEventKind.PeerLost or NodeEventKind.LaneEnded);
        if (loss == 0)
            Assert.InRange(a.Machine.Counters.SegmentsResent, 0, 60);
    }

    [Fact]
    [Covers("SEC-088", "REC-042")]
    public void Either_end_moves_and_nothing_is_lost()
    {
        network.Connect(a, b);
        Lose(0.05);
        var lane = a.OpenLane(b);
        for (var round = 0; round < 6; round++)
        {
            var (mover, other) = round % 2 == 0 ? (a, b) : (b, a);
            a.SendAll(lane, 500, number => Message((round * 500) + number, 400));

            mover.Address = NetAddress.From(new System.Net.IPAddress([10, 7, 7, (byte)round]), 7000, 0);
            mover.Request(other, "/chat", "here I am");
            var moves = other.Count(NodeEventKind.PeerMoved);
            network.RunUntil(() => other.Count(NodeEventKind.PeerMoved) > moves); // who both moved could not find each other
        }

        network.RunUntil(() => lane.Delivered == 3_000, seconds: 120);
        AssertExact(3_000, inOrder: true);
        Assert.Equal((3, 3), (a.Count(NodeEventKind.PeerMoved), b.Count(NodeEventKind.PeerMoved)));
    }

    [Fact]
    [Covers("REC-034")]
    public void A_lost_tail_is_repaired_within_two_round_trips()
    {
        network.Connect(a, b);
        var lane = a.OpenLane(b);
        for (var i = 0; i < 50; i++)
        {
            a.Send(lane, Message(i));
            network.Run(0.2);
        }

        for (var i = 50; i < 70; i++)
        {
            var taken = b.Taken.Count;
            var lost = network.Flights.Count;
            network.OnSend = flight => flight.IsLost = flight.Number == lost;
            var start = network.Now;
            a.Send(lane, Message(i));
            network.RunUntil(() => b.Taken.Count > taken);
            Assert.InRange((network.Now - start).TotalMilliseconds, 20, 50);
            network.Run(0.5);
        }

        AssertExact(70, inOrder: true);
    }

    [Fact]
    public void A_message_of_sixteen_megabytes_passes()
    {
        foreach (var node in new[] { a, b })
        {
            node.Settings = node.Settings with { ReliableMessageSizeMax = 16 << 20, LaneReceiveBudget = 64 << 20 };
            node.Start();
            node.Handle("/chat");
        }

        network.Connect(a, b);
        Lose(0.01);
        var large = new byte[16 << 20];
        new Random(5).NextBytes(large);
        var lane = a.OpenLane(b);
        Assert.Equal(SendStatus.Accepted, a.Send(lane, large));
        Assert.Equal(SendStatus.Full, a.Send(lane, "no room"));
        network.RunUntil(() => lane.Delivered == 1, seconds: 120);
        Assert.True(Assert.Single(b.Taken).Data.AsSpan().SequenceEqual(large));
        Assert.Equal(SendStatus.Accepted, a.Send(lane, ""));
        network.RunUntil(() => lane.Delivered == 2);
        Assert.Empty(b.Taken[1].Data);
        Assert.Throws<ArgumentException>(() => a.Send(lane, new byte[(16 << 20) + 1]));
    }

    [Fact]
    [Covers("LANE-031")]
    public void A_slow_consumer_closes_its_lane_without_a_second_sending()
    {
        network.Connect(a, b);
        b.Consumes = false;
        var lane = a.OpenLane(b);
        var accepted = 0;
        while (a.Send(lane, Message(accepted, 1_000)) == SendStatus.Accepted)
            accepted++;
        network.Run(1);
        var taken = b.Taken.Count;
        var sent = network.Flights.Count;
        Assert.InRange(taken, 10, accepted - 1);
        Assert.Equal((taken, 0), (a.Machine.Counters.SegmentsSent, a.Machine.Counters.SegmentsResent));
        network.Run(100);

        // A handshake of two datagrams; then each 15 s a question and its answer (LANE-067).
        var data = network.Flights.Count(flight => flight.Type == ChannelMessageType.Data);
        Assert.Equal((taken, sent), (b.Taken.Count, data + 2 - (2 * 6)));
        Assert.Equal(0ul, lane.Delivered);

        b.Consumes = true;
        foreach (var message in b.Taken.ToArray())
            b.Consume(message);
        network.RunUntil(() => lane.Delivered == (ulong)accepted, seconds: 30);
        AssertExact(accepted, inOrder: true);
        Assert.Equal(0, a.Machine.Counters.SegmentsResent);
    }

    [Fact]
    [Covers("REC-061", "REC-062")]
    public void Unreliable_and_reliable_traffic_share()
    {
        network.Connect(a, b);
        var chat = ProtocolId.FromString("/chat");
        var lane = a.OpenLane(b);
        var from = network.Flights.Count;
        for (var i = 0; i < 400; i++)
        {
            for (var more = true; more;)
            {
                more = a.Machine.TrySend(network.Now, lane, new byte[1_000]) == SendStatus.Accepted;
                more &= a.Machine.TrySend(network.Now, a.Peer(b), chat, new byte[1_100], allowEarly: true) == SendStatus.Accepted;
            }

            a.Write();
            network.Run(0.002);
        }

        var full = network.Flights.Skip(from).Where(flight => flight.From == a.Address && flight.Datagram.Length > 1_000).ToArray();
        var lanes = full.Count(flight => flight.Has(FrameType.Msp));
        Assert.True(full.Length > 200, $"{full.Length} {lanes}");
        Assert.InRange(lanes, full.Length * 4 / 10, full.Length * 6 / 10);
        Assert.All(network.Flights.Skip(from), flight =>
        {
            var ranks = flight.FrameList().Select(frame => Rank(frame)).ToArray();
            Assert.Equal(ranks.Order(), ranks);
        });
    }

    // REC-061, REC-062; lanes and the queue take turns.
    private static int Rank((FrameType Type, byte[] Body) frame) => frame.Type switch
    {
        FrameType.PathChallenge or FrameType.PathResponse or FrameType.Observed => 1,
        FrameType.Report => 2,
        FrameType.LaneWindow => 3,
        FrameType.Msp when frame.Body.Length <= 1 + MspPacket.AckLength => 3,
        FrameType.Ack or FrameType.Reset => 4,
        FrameType.Reply => 5,
        _ => 6,
    };

    private static byte[] Message(int number) => Message(number, 10 + (number % 50));

    private static byte[] Message(int number, int length)
    {
        var data = new byte[length];
        BinaryPrimitives.WriteInt32LittleEndian(data, number);
        data.AsSpan(4).Fill((byte)number);
        return data;
    }

    private void AssertExact(int count, bool inOrder)
    {
        var numbers = b.Taken.Select(message => BinaryPrimitives.ReadInt32LittleEndian(message.Data)).ToArray();
        Assert.Equal(Enumerable.Range(0, count), inOrder ? numbers : numbers.Order());
        Assert.All(b.Taken, message => Assert.True(message.Data.AsSpan(4).IndexOfAnyExcept(message.Data[0]) < 0));
    }

    private void Lose(double share)
    {
        var random = new Random(7);
        network.OnSend = flight => flight.IsLost = flight.Type == ChannelMessageType.Data && random.NextDouble() < share;
    }
}
