using System.Buffers.Binary;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Lanes between three nodes that dial, close, move, change keys and restart at random on a bad network.</summary>
public class LaneStormTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(103)] // segments of 1,431 bytes, and a path that carries 1,200 after a move
    [InlineData(113)]
    [InlineData(1503)] // a peer that is gone while everything sent to it was reported, and not all acknowledged
    [InlineData(1557)] // a peer that is gone before its address is proven: nothing may be sent
    [InlineData(1082)] // a piece of a segment is reported, and dropped before the other comes
    [Covers("LANE-063", "LANE-024", "LANE-026", "LANE-062", "REC-042")]
    public void Every_message_is_delivered_once_and_in_order_or_its_lane_has_ended(int seed)
    {
        var storm = new Storm(seed);
        storm.Run(1_500);
        storm.Calm();
    }

    private sealed class Storm
    {
        private readonly Random random;
        private readonly NodeNetwork network;
        private readonly TestNode[] nodes;
        private readonly int[] lives = new int[3];
        private readonly Dictionary<int, Line> lines = [];
        private int moves;

        public Storm(int seed)
        {
            random = new Random(seed);
            network = new NodeNetwork(seed);
            nodes = [network.Add("/chat"), network.Add("/chat"), network.Add("/chat")];
            network.OnSend = Meddle;
            foreach (var node in nodes)
            {
                node.Settings = node.Settings with { RekeyAfterPackets = 300 };
                node.Start();
                node.Handle("/chat");
            }
        }

        public void Run(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                network.Run(random.Next(100) == 0 ? random.Next(50) : random.NextDouble() / 10);
                Check();
                var at = random.Next(nodes.Length);
                var from = nodes[at];
                var to = nodes[(at + random.Next(1, nodes.Length)) % nodes.Length];
                Act(at, from, to);
            }
        }

        /// <summary>The network heals: what was accepted on lanes that live is delivered, and then there is nothing left.</summary>
        public void Calm()
        {
            network.OnSend = null;
            network.Run(40);
            Check();
            foreach (var line in lines.Values.Where(line => line.IsCurrent && line.Lane.IsOpen))
            {
                Assert.Equal(line.Accepted, line.Received.Count);
                Assert.Equal((ulong)line.Accepted, line.Lane.Delivered);
            }

            network.Run(900);
            Check();
            Assert.True(lines.Count > 40 && lines.Values.Count(line => line.Accepted > 5) > 20);
            foreach (var node in nodes)
            {
                var opened = lines.Values.Where(line => line.From == node && line.IsCurrent).Select(line => line.Lane).ToArray();
                Assert.Equal(opened.Length, node.LanesEnded.Count(ended => ended.Lane!.IsOpener));
                Assert.All(opened, lane => Assert.False(lane.IsOpen));
                Assert.Equal(0, node.Machine.PeerCount);
                Assert.True(node.Machine.NextTimer.IsNever);
            }
        }

        private void Act(int at, TestNode from, TestNode to)
        {
            switch (random.Next(60))
            {
                case 0:
                    from.Close(to, CloseCode.Done);
                    break;
                case 1 when random.Next(3) == 0:
                    Restart(at);
                    break;
                case 2:
                    from.Address = NetAddress.From(new System.Net.IPAddress([10, 5, (byte)(++moves >> 8), (byte)moves]), 4000, 0);
                    break;
                case < 10:
                    from.Dial(to);
                    from.Write();
                    break;
                case < 20:
                    if (from.Peer(to).IsReady || from.Peer(to).IsConnecting)
                        Open(from, to);
                    break;
                case < 24:
                    from.Send(to, "/chat", new byte[random.Next(1_000)]);
                    break;
                case 24:
                    if (Pick(from) is { } dying)
                        End(dying);
                    break;
                default:
                    if (Pick(from) is { } line)
                        Send(line);
                    break;
            }
        }

        private Line? Pick(TestNode from)
        {
            var open = lines.Values.Where(line => line.From == from && line.IsCurrent && line.Lane.IsOpen).ToArray();
            return open.Length == 0 ? null : open[random.Next(open.Length)];
        }

        private void Open(TestNode from, TestNode to)
        {
            var kind = random.Next(3) == 0 ? LaneKind.Unordered : LaneKind.Ordered;
            var line = new Line(lines.Count, from, to, from.OpenLane(to, kind: kind));
            lines.Add(line.Number, line);
            Send(line);
        }

        private void End(Line line)
        {
            if (random.Next(2) == 0)
                line.From.Shutdown(line.Lane);
            else
                line.From.Abort(line.Lane);
        }

        private void Send(Line line)
        {
            for (var count = random.Next(20); count >= 0; count--)
            {
                var data = new byte[12 + (random.Next(10) == 0 ? random.Next(9_000) : random.Next(300))];
                BinaryPrimitives.WriteInt32LittleEndian(data, line.Number);
                BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(4), line.Accepted);
                var status = random.Next(10) == 0
                    ? line.From.Machine.TryRequest(
                        network.Now, line.Lane, data, line, network.Now + TimeSpan.FromSeconds(30), out _)
                    : line.From.Machine.TrySend(network.Now, line.Lane, data);
                if (status != SendStatus.Accepted)
                    break;
                line.Accepted++;
            }

            line.From.Write();
        }

        private void Restart(int at)
        {
            var node = nodes[at];
            Check();
            foreach (var line in lines.Values.Where(line => line.From == node))
                line.IsCurrent = false;
            node.Log.Clear();
            node.Taken.Clear();
            node.Start();
            node.Handle("/chat");
            lives[at]++;
        }

        private void Check()
        {
            foreach (var node in nodes)
            {
                foreach (var message in node.Taken)
                    Take(node, message);
                node.Taken.Clear();
                CheckEnds(node);
            }
        }

        private void Take(TestNode node, Arrived message)
        {
            var line = lines[BinaryPrimitives.ReadInt32LittleEndian(message.Data)];
            var number = BinaryPrimitives.ReadInt32LittleEndian(message.Data.AsSpan(4));
            Assert.Same(line.To, node);
            Assert.InRange(number, 0, line.Accepted - 1);
            var life = lives[Array.IndexOf(nodes, node)];
            Assert.True(line.Lane.Kind == LaneKind.Unordered || line.Received.Count == number, $"Line {line.Number} skipped to {number}.");
            Assert.True(line.Received.Add(number), $"Line {line.Number} delivered {number} twice.");
            Assert.True(line.DeliveredTo is null || line.DeliveredTo == life, $"Line {line.Number} crossed over to another life.");
            line.DeliveredTo = life;
        }

        private static void CheckEnds(TestNode node)
        {
            var ended = new HashSet<Lane>();
            foreach (var happened in node.Log)
            {
                if (happened.Lane is not { } lane)
                    continue;
                Assert.DoesNotContain(lane, ended);
                if (happened.Kind == NodeEventKind.LaneEnded)
                    ended.Add(lane);
            }
        }

        private void Meddle(Flight flight)
        {
            flight.IsLost = random.Next(6) == 0;
            flight.Copies = random.Next(8) == 0 ? 2 : 1;
            flight.ExtraDelay = TimeSpan.FromMilliseconds(random.Next(4) == 0 ? random.Next(200) : 0);
            if (random.Next(30) == 0)
                flight.Datagram[random.Next(flight.Datagram.Length)] ^= 1;
        }
    }

    /// <summary>A lane with what was said on it.</summary>
    private sealed record Line(int Number, TestNode From, TestNode To, Lane Lane)
    {
        public int Accepted { get; set; }

        public HashSet<int> Received { get; } = [];

        public int? DeliveredTo { get; set; }

        /// <summary>The opener has not restarted since.</summary>
        public bool IsCurrent { get; set; } = true;
    }
}
