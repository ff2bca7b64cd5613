using MsgNet.Testing;

namespace MsgNet.Core.Tests.Lanes;

/// <summary>Whatever a peer sends: nothing throws, memory stays bounded, and an honest flow allocates nothing.</summary>
public sealed class LaneFuzzTests
{
    private const int Packets = 100_000;

    [Theory]
    [Covers("LANE-021", "LANE-034")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_packets_throw_nothing_and_keep_every_bound(int seed)
    {
        var random = new Random(seed);
        var settings = new LaneSettings { MessageSizeMax = 65_536, ReceiveBudget = 1 << 20 };
        var bob = new RawLane(1, settings);
        var ours = new List<Lane>();
        var kept = 0L;
        for (var i = 0; i < Packets; i++)
        {
            if (i % 500 == 0 && bob.Table.Open(bob.Now, i % 1000 == 0 ? "/a" : "/stream", (LaneKind)random.Next(3), true) is { } opened)
            {
                ours.Add(opened);
                bob.Table.TrySend(bob.Now, opened, new byte[random.Next(3_000)]);
            }

            var id = random.Next(4) == 0 && ours.Count > 0
                ? ours[random.Next(ours.Count)].Id
                : ((ulong)random.NextInt64((i / 400) + 4) * 4) + (ulong)random.NextInt64(4);
            if (random.Next(50) == 0)
                bob.Window(id, (ushort)random.Next(10_000));
            bob.Give(id, RandomPacket(random, ours.Find(lane => lane.Id == id)));
            if (random.Next(3) > 0)
                bob.Wait(random.Next(3) * 0.3);
            bob.Control(random.Next(2) == 0);
            bob.Segments();
            foreach (var item in bob.Items)
                bob.Outcome(random.Next(3) > 0, item);
            bob.Host.Happened.Clear();
            bob.Host.Messages.Clear();
            bob.Host.Replies.Clear();
            kept = Math.Max(kept, bob.Table.BytesReceived);
            Assert.InRange(bob.Table.Count, 0, Limits.LanesKeptMax + Limits.LanesPerSideMax);
        }

        Assert.InRange(kept, 1, (settings.ReceiveBudget * 2) + (256 * Limits.LaneWindowInitial * Limits.LaneSegmentMax));
        bob.Table.Fail(PeerLoss.PeerRestarted, bob.Host.Events);
        Assert.Equal(0, bob.Table.Count);
        Assert.Equal(0, bob.Table.BytesReceived);
        Assert.False(bob.Table.HasWork);
    }

    [Fact]
    public void A_steady_flow_of_messages_allocates_nothing()
    {
        var alice = new LaneTable(default, 0, new LaneSettings(), new ProtocolRegistry(), new BufferPool(false), new NodeCounters())
        {
            Origin = new PacketOrigin(this, 0),
        };
        var registry = new ProtocolRegistry();
        registry.Register("/a");
        var bob = new LaneTable(default, 1, new LaneSettings(), registry, new BufferPool(false), new NodeCounters())
        {
            Origin = new PacketOrigin(this, 0),
        };
        var lanes = new[] { LaneKind.Ordered, LaneKind.Unordered }
            .Select(kind => alice.Open(Instant.Zero, "/a", kind, allowEarly: true)!).ToArray();
        var flow = new SteadyFlow(alice, bob, lanes);
        flow.Run(500);
        var before = flow.Delivered;
        Allocations.AssertAtMost<byte>(0, default, _ => flow.Run(200));
        Assert.True(flow.Delivered - before > 200 * 2 * 3, $"{flow.Delivered - before} messages were delivered.");
    }

    // What a peer could have sent, or nearly: half of it well formed.
    private static byte[] RandomPacket(Random random, Lane? ours)
    {
        var flags = (MspFlags)random.Next(random.Next(20) == 0 ? 256 : 8);
        var likely = (ours?.Machine.FirstUnacknowledged ?? 0) - 1 + (ulong)random.Next(2);
        var ack = random.Next(4) == 0 ? random.Next(65_536) : (int)(likely & 0xFFFF);
        var sequence = random.Next(10) == 0 ? random.Next(65_536) : random.Next(20);
        byte[] data;
        switch (random.Next(4))
        {
            case 0:
                data = new byte[random.Next(40)];
                random.NextBytes(data);
                break;
            case 1:
                data = RawLane.Segment((byte)random.Next(4), new byte[random.Next(1, 1_400)]);
                break;
            case 2 when sequence == 0:
                data = RawLane.Segment((byte)(random.Next(2) * 2), RawLane.Init(random.Next(8) == 0 ? "/none" : "/a", "x"));
                break;
            default:
                data = RawLane.Segment((byte)random.Next(4), RawLane.Message("hello"), RawLane.Message("world"));
                break;
        }

        var packet = RawLane.Packet(flags, ack, sequence, data);
        return random.Next(10) == 0 ? packet[..random.Next(packet.Length)] : packet;
    }

    private sealed class SteadyFlow(LaneTable alice, LaneTable bob, Lane[] lanes)
    {
        private readonly byte[] message = new byte[700];
        private readonly byte[] datagram = new byte[LanePair.FrameRoom];
        private readonly PacketItems items = new();
        private readonly NodeEvents events = new();
        private Instant now = Instant.Zero;

        public long Delivered { get; private set; }

        public void Run(int rounds)
        {
            for (var i = 0; i < rounds; i++)
            {
                now += TimeSpan.FromMilliseconds(1);
                foreach (var lane in lanes)
                {
                    for (var j = 0; j < 4; j++)
                        alice.TrySend(now, lane, message.AsSpan(0, (i * 37) % message.Length));
                }

                Move(alice, bob);
                foreach (var happened in events.All)
                    Read(happened);
                events.Clear();
                Move(bob, alice);
                events.Clear();
                bob.OnTimer(now, events);
                alice.OnTimer(now, events);
                events.Clear();
            }
        }

        private void Read(in NodeEvent happened)
        {
            if (happened.Kind != NodeEventKind.LaneReadable)
                return;

            while (bob.TryPeek(happened.Lane!, out var waiting))
            {
                bob.Take(now, happened.Lane!, default);
                bob.Consume(now, happened.Lane!, waiting.Receipt);
                Delivered++;
            }
        }

        private void Move(LaneTable from, LaneTable to)
        {
            for (var i = 0; i < 20; i++)
            {
                var writer = new WireWriter(datagram);
                items.Clear();
                from.WriteControl(now, riding: true, ref writer, items);
                from.WriteSegments(now, datagram.Length, early: false, ref writer, items);
                if (writer.Position == 0)
                    return;

                var reader = new FrameListReader(writer.Written);
                while (reader.TryNext(out var slice) == FrameReadStatus.Frame)
                {
                    if (slice.Type == FrameType.Msp && MspFrame.TryParse(slice.Body, out var msp))
                        to.OnMsp(now, msp, early: false, events);
                    else if (LaneWindowFrame.TryParse(slice.Body, out var window))
                        to.OnWindow(now, window, events);
                }

                foreach (var item in items.Span)
                    from.OnOutcome(now, new PacketOutcome(item, true), events);
            }
        }
    }
}
