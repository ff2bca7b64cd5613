using MsgNet.Testing;
using StandIn = MsgNet.Simulation.SimulatedCrypto;

namespace MsgNet.Core.Tests.Node;

/// <summary>What goes to addresses that have proven nothing, while peers are heard from everywhere.</summary>
public sealed class PathLedgerTests : IDisposable
{
    private const int Steps = 1_000_000;
    private const int PeersMax = 20;
    private readonly NodeEvents events = new();
    private readonly byte[] buffer = new byte[Limits.DatagramSizeMax];
    private readonly Dictionary<NetAddress, (long Received, long Sent)> ledger = [];
    private readonly HashSet<NetAddress> proven = [];
    private readonly Dictionary<uint, RawPeer> known = [];
    private readonly List<RawPeer> established = [];
    private readonly List<(NetAddress From, byte[] Datagram)> recorded = [];
    private readonly List<(RawPeer Peer, NetAddress To, ulong Token)> challenges = [];
    private readonly StandIn crypto = new(Key(0), new SeededRandom(1));
    private readonly Random random = new(4);
    private readonly UdpNode node;
    private Instant now = Instant.Zero;
    private RawPeer? greeting;
    private double closest;
    private long candidateBytes;
    private int moves;

    public PathLedgerTests()
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
    [Covers("SEC-081", "SEC-088", "MP-011", "SEC-092")]
    public void A_million_random_packets_never_earn_an_unproven_address_more_than_three_times_their_bytes()
    {
        for (var step = 0; step < Steps; step++)
        {
            now += TimeSpan.FromMilliseconds(random.Next(0, 8));
            switch (random.Next(0, 1_000))
            {
                case < 3:
                    Greet(step);
                    break;
                case < 30 when recorded.Count > 0:
                    var (from, datagram) = recorded[random.Next(0, recorded.Count)];
                    Inject((random.NextDouble() < 0.5) ? from : AnyAddress(), datagram);
                    break;
                case < 60 when challenges.Count > 0:
                    Respond();
                    break;
                case < 700 when established.Count > 0:
                    var peer = established[random.Next(0, established.Count)];
                    Inject((random.NextDouble() < 0.3) ? peer.Address : AnyAddress(), peer.Data(AnyFrames()));
                    break;
                default:
                    SendSomething();
                    break;
            }

            if (node.NextTimer <= now)
                node.OnTimer(now, events);
            events.Clear();
            Write();
        }

        Assert.True(node.Counters.HandshakesAnswered > 500);
        Assert.True(closest > 0.99, $"The bound was never approached: {closest}.");
        Assert.True(candidateBytes > 1_000_000, $"Only {candidateBytes} bytes went to candidates.");
        Assert.True(moves > 500, $"Only {moves} moves.");
    }

    private static byte[] Key(int number)
    {
        var key = new byte[StandIn.KeyLength];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(key, number + 1_000);
        return key;
    }

    private NetAddress AnyAddress() =>
        NetAddress.From(new System.Net.IPAddress([10, 0, 1, (byte)random.Next(0, 200)]), 5000 + random.Next(0, 300), 0);

    private byte[] AnyFrames()
    {
        var kind = random.Next(0, 8);
        var token = (ulong)random.NextInt64();
        var message = new byte[random.Next(0, 1_100)];
        return RawPeer.Frames((ref WireWriter writer) =>
        {
            if (kind is 1 or 2 or 3)
                FrameWriter.TryWritePathChallenge(ref writer, token);
            if (kind is 3 or 4)
                FrameWriter.TryWritePathResponse(ref writer, token);
            if (kind is 2 or 5)
                FrameWriter.TryWriteInit(ref writer, 1, "/chat"u8, 5, message);
        });
    }

    private void Greet(int step)
    {
        var raw = new RawPeer(new StandIn(Key(1 + random.Next(0, PeersMax)), new SeededRandom((ulong)step)), 1)
        {
            Index = (uint)step + 1,
            Address = AnyAddress(),
        };
        greeting = raw;
        Inject(raw.Address, raw.Hello(crypto.PublicKey, (ulong)now.Microseconds, new byte[random.Next(0, 900)]));
        greeting = null;
    }

    // Mostly from where the challenge went, which proves that address; else from elsewhere, which proves nothing.
    private void Respond()
    {
        var at = random.Next(0, challenges.Count);
        var (peer, to, token) = challenges[at];
        challenges.RemoveAt(at);
        var from = (random.NextDouble() < 0.7) ? to : AnyAddress();
        if (from == to)
            proven.Add(from);
        Inject(from, peer.Data(RawPeer.Frames((ref WireWriter writer) => FrameWriter.TryWritePathResponse(ref writer, token))));
    }

    private void SendSomething()
    {
        var at = random.Next(0, PeersMax);
        foreach (var peer in node.Peers)
        {
            if (at-- == 0)
            {
                node.TrySend(now, peer, ProtocolId.FromString("/chat"), new byte[random.Next(0, 3_000)], allowEarly: true);
                return;
            }
        }
    }

    private void Inject(NetAddress from, byte[] datagram)
    {
        var (received, sent) = ledger.GetValueOrDefault(from);
        ledger[from] = (received + datagram.Length, sent);
        if (recorded.Count < 500)
            recorded.Add((from, datagram));
        else if ((random.NextDouble() < 0.01))
            recorded[random.Next(0, recorded.Count)] = (from, datagram);

        // Any DATA from the address of its handshake proves that address.
        if (datagram[0] == (byte)ChannelMessageType.Data && established.Exists(peer => peer.Address == from))
            proven.Add(from);
        node.OnDatagram(now, from, (byte[])datagram.Clone(), events);
        foreach (ref readonly var happened in events.All)
            moves += happened.Kind == NodeEventKind.PeerMoved ? 1 : 0;
        events.Clear();
        Write();
    }

    private void Write()
    {
        while (true)
        {
            var writer = new DatagramWriter(buffer);
            if (!node.WriteDatagram(now, ref writer))
                return;

            var (received, sent) = ledger.GetValueOrDefault(writer.To);
            sent += writer.Length;
            ledger[writer.To] = (received, sent);
            if (!proven.Contains(writer.To))
            {
                closest = Math.Max(closest, sent / (received * 3.0));
                Assert.True(sent <= received * 3, $"{writer.To}: {sent} B for {received} B.");
            }

            Read(writer.To, writer.Datagram);
        }
    }

    private void Read(NetAddress to, ReadOnlySpan<byte> datagram)
    {
        if (datagram[0] == (byte)ChannelMessageType.Ack)
        {
            if (greeting is { } raw && (random.NextDouble() < 0.8))
                Accept(raw, datagram.ToArray());
            return;
        }

        var index = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(datagram[4..]);
        if (!known.TryGetValue(index, out var peer) || to == peer.Address)
            return;

        candidateBytes += datagram.Length;
        foreach (var (type, body) in peer.Open(datagram.ToArray()))
        {
            if (type == FrameType.PathChallenge && challenges.Count < 100)
                challenges.Add((peer, to, System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(body)));
        }
    }

    private void Accept(RawPeer raw, byte[] ack)
    {
        raw.Accept(ack);
        known[raw.Index] = raw;
        established.Add(raw);
        if (established.Count <= PeersMax)
            return;

        known.Remove(established[0].Index);
        established[0].Dispose();
        established.RemoveAt(0);
        challenges.RemoveAll(challenge => !known.ContainsValue(challenge.Peer));
    }
}
