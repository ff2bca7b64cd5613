using MsgNet.Testing;
using StandIn = MsgNet.Simulation.SimulatedCrypto;

namespace MsgNet.Core.Tests.Node;

/// <summary>What goes to addresses that have proven nothing, and how many of them a node remembers.</summary>
public sealed class LedgerTests : IDisposable
{
    private const int Steps = 100_000;
    private readonly NodeEvents events = new();
    private readonly byte[] buffer = new byte[Limits.DatagramSizeMax];
    private readonly Dictionary<NetAddress, (long Received, long Sent)> ledger = [];
    private readonly HashSet<NetAddress> proven = [];
    private readonly List<(RawPeer Peer, byte[] Ack)> answered = [];
    private readonly List<(NetAddress From, byte[] Datagram)> recorded = [];
    private readonly StandIn crypto = new(Key(0), new SeededRandom(1));
    private readonly UdpNode node;
    private Instant now = Instant.Zero;
    private double closest;

    public LedgerTests()
    {
        var protocols = new ProtocolRegistry();
        protocols.Register(ProtocolId.FromString("/chat"));
        node = new UdpNode(crypto, new SeededRandom(2), protocols, new UdpNodeSettings
        {
            UnixMicrosecondsAtZero = 1,
            StartedAt = now,
            IdentityIsFresh = true,
        });
    }

    public void Dispose() => node.Dispose();

    [Fact]
    [Covers("SEC-081", "SEC-060", "SEC-051", "SEC-077")]
    public void No_unproven_address_is_ever_sent_more_than_three_times_what_came_from_it()
    {
        var random = new Random(3);
        var timestamp = 1ul; // of the last attempt, or another image of it
        for (var step = 0; step < Steps; step++)
        {
            now += TimeSpan.FromMilliseconds(random.Next(0, 30));
            switch (random.Next(12))
            {
                case 0:
                    var raw = new RawPeer(new StandIn(Key(1 + random.Next(20)), new SeededRandom((ulong)step)), (byte)random.Next(200))
                    {
                        Index = (uint)step + 1,
                        Incarnation = (ulong)random.Next(1, 4),
                    };
                    timestamp = random.Next(2) == 0 ? timestamp : (ulong)now.Microseconds;
                    Inject(raw.Address, raw.Hello(crypto.PublicKey, timestamp, new byte[random.Next(1_000)]), raw);
                    break;
                case 1 when recorded.Count > 0:
                    var (from, datagram) = recorded[random.Next(recorded.Count)];
                    Inject(random.Next(2) == 0 ? from : AnyAddress(random), datagram, null);
                    break;
                case 2 when answered.Count > 0 && random.Next(200) == 0:
                    Confirm(answered[random.Next(answered.Count)], AnyAddress(random), random);
                    break;
                default:
                    SendSomething(random);
                    break;
            }

            if (node.NextTimer <= now)
                node.OnTimer(now, events);
            events.Clear();
            Write(null);
        }

        Assert.True(node.Counters.HandshakesAnswered > 1_000);
        Assert.True(closest > 0.9, $"The bound was never approached: {closest}.");
        Assert.InRange(proven.Count, 1, 150);
    }

    [Fact]
    [Covers("SEC-062", "SEC-005")]
    public void At_most_4096_handshakes_are_half_open_and_all_is_forgotten_in_the_end()
    {
        for (var i = 0; i < Limits.HalfOpenMax + 500; i++)
        {
            now += TimeSpan.FromMilliseconds(2.5);
            using var raw = new RawPeer(new StandIn(Key(i + 1), new SeededRandom((ulong)i)), (byte)(i % 200));
            Inject(raw.Address, raw.Hello(crypto.PublicKey, 1, []), null);
            if (buffer[0] != (byte)ChannelMessageType.Retry)
                continue;

            // SEC-052: with so many half open a cookie is asked for.
            raw.TakeRetry(crypto.PublicKey, buffer[..RetryMessage.Length]);
            Inject(raw.Address, raw.Hello(crypto.PublicKey, 1, []), null);
        }

        Assert.InRange(node.Counters.RetriesSent, Limits.HalfOpenMax - Limits.HalfOpenCalm, Limits.HalfOpenMax);

        Assert.Equal(Limits.HalfOpenMax, node.Counters.HalfOpenPeak);
        Assert.Equal(Limits.HalfOpenMax, node.Peers.Count(peer => peer.Sessions.Sending is not null));
        for (var i = 0; i < 1_000 && !node.NextTimer.IsNever; i++)
        {
            now = Instant.Max(now, node.NextTimer) + TimeSpan.FromMilliseconds(500);
            node.OnTimer(now, events);
            Write(null);
        }

        Assert.Equal(0, node.PeerCount);
        Assert.True(node.NextTimer.IsNever);
    }

    private static byte[] Key(int number)
    {
        var key = new byte[StandIn.KeyLength];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(key, number + 1_000);
        return key;
    }

    private static NetAddress AnyAddress(Random random) =>
        NetAddress.From(new System.Net.IPAddress([10, 0, 1, (byte)random.Next(200)]), 5000, 0);

    private void Inject(NetAddress from, byte[] datagram, RawPeer? sender)
    {
        var (received, sent) = ledger.GetValueOrDefault(from);
        ledger[from] = (received + datagram.Length, sent);
        if (recorded.Count < 500)
            recorded.Add((from, datagram));
        node.OnDatagram(now, from, (byte[])datagram.Clone(), events);
        events.Clear();
        Write(sender);
    }

    // The answer must have been read; then the address counts as proven if the DATA came from it.
    private void Confirm((RawPeer Peer, byte[] Ack) answer, NetAddress from, Random random)
    {
        answered.Remove(answer);
        answer.Peer.Accept(answer.Ack);
        var authentic = node.Counters.Dropped(DropReason.UnknownIndex);
        var source = random.Next(2) == 0 ? from : answer.Peer.Address;
        var datagram = answer.Peer.Data([]);
        if (source == answer.Peer.Address)
            proven.Add(source);
        Inject(source, datagram, null);
        if (node.Counters.Dropped(DropReason.UnknownIndex) != authentic)
            proven.Remove(source);
    }

    private void SendSomething(Random random)
    {
        var at = random.Next(30);
        foreach (var peer in node.Peers)
        {
            if (at-- == 0)
            {
                node.TrySend(now, peer, ProtocolId.FromString("/chat"), new byte[random.Next(900)], allowEarly: true);
                return;
            }
        }
    }

    private void Write(RawPeer? sender)
    {
        while (true)
        {
            var writer = new DatagramWriter(buffer);
            if (!node.WriteDatagram(now, ref writer))
                return;

            var (received, sent) = ledger[writer.To];
            ledger[writer.To] = (received, sent + writer.Length);
            if (!proven.Contains(writer.To))
            {
                closest = Math.Max(closest, (sent + writer.Length) / (received * 3.0));
                Assert.True(sent + writer.Length <= received * 3, $"{writer.To}: {sent + writer.Length} B for {received} B.");
            }

            if (sender is not null && buffer[0] == (byte)ChannelMessageType.Ack)
                answered.Add((sender, writer.Datagram.ToArray()));
        }
    }
}
