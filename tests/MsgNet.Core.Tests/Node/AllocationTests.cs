using MsgNet.Sodium;
using MsgNet.Testing;
using KeyPair = MsgNet.Identity;

namespace MsgNet.Core.Tests.Node;

/// <summary>What the steady state allocates: nothing.</summary>
public class AllocationTests
{
    private static readonly ProtocolId Chat = ProtocolId.FromString("/chat");
    private readonly NodeEvents events = new();
    private readonly byte[] buffer = new byte[Limits.DatagramSizeMax];
    private byte[] message = new byte[100];
    private readonly Side a = new(1);
    private readonly Side b = new(2);
    private readonly object state = new();
    private Instant now = Instant.Zero;
    private int received;
    private int replied;
    private int loseEvery = int.MaxValue;
    private int written;

    [Fact]
    public void Ten_thousand_messages_and_their_reports_allocate_nothing()
    {
        Connect();
        Converse(20_000);
        Allocations.AssertNone(() =>
        {
            received = 0;
            Converse(10_000);
        });
        Assert.Equal(10_000, received);
    }

    [Fact]
    public void Requests_and_replies_allocate_nothing()
    {
        Connect();
        Ask(5_000);
        Allocations.AssertNone(() =>
        {
            replied = 0;
            Ask(2_000);
        });
        Assert.Equal(2_000, replied);
    }

    [Fact]
    [Covers("SEC-089")]
    public void Datagrams_of_the_largest_size_allocate_nothing()
    {
        Connect();
        message = new byte[5_000];
        Converse(500);
        Assert.Equal(Limits.DatagramSizeMax, a.PeerOf(now, b).DatagramSize);

        message = new byte[1_400];
        Converse(20_000);
        Allocations.AssertNone(() =>
        {
            received = 0;
            Converse(10_000);
        });
        Assert.Equal(10_000, received);
    }

    [Theory]
    [InlineData(LaneKind.Ordered)]
    [InlineData(LaneKind.Unordered)]
    public void Messages_of_a_lane_allocate_nothing(LaneKind kind)
    {
        Connect();
        Assert.Equal(SendStatus.Accepted, a.Machine.TryOpenLane(now, a.PeerOf(now, b), Chat, kind, allowEarly: true, out var lane));
        SendReliably(lane!, 20_000);
        Allocations.AssertNone(() =>
        {
            received = 0;
            SendReliably(lane!, 10_000);
        });
        Assert.Equal(10_000, received);
    }

    [Theory]
    [InlineData(LaneKind.Ordered)]
    [InlineData(LaneKind.Unordered)]
    public void Long_messages_of_a_lane_that_loses_packets_allocate_nothing(LaneKind kind)
    {
        Connect();
        message = new byte[16_384];
        Assert.Equal(SendStatus.Accepted, a.Machine.TryOpenLane(now, a.PeerOf(now, b), Chat, kind, allowEarly: true, out var lane));
        loseEvery = 29;
        SendReliably(lane!, 2_000);
        Allocations.AssertNone(() =>
        {
            received = 0;
            SendReliably(lane!, 500);
        });
        Assert.Equal(500, received);
    }

    [Fact]
    public void Long_unreliable_messages_allocate_nothing_though_many_stay_in_pieces()
    {
        Connect();
        message = new byte[16_384];
        loseEvery = 29;
        Converse(2_000);
        Allocations.AssertNone(() =>
        {
            received = 0;
            Converse(500);
        });
        Assert.InRange(received, 250, 499);
    }

    private void SendReliably(Lane lane, int messages)
    {
        for (var i = 0; i < messages; i++)
        {
            Assert.True(a.Machine.TrySend(now, lane, message) == SendStatus.Accepted);
            Turn();
        }

        for (var i = 0; i < 100; i++)
            Turn();
    }

    private void Connect()
    {
        a.Machine.Dial(now, a.PeerOf(now, b), [b.Address], TimeSpan.FromSeconds(5));
        for (var i = 0; i < 20; i++)
            Turn();
        Assert.True(a.PeerOf(now, b).IsReady && b.PeerOf(now, a).IsReady);
    }

    private void Converse(int messages)
    {
        var peer = a.PeerOf(now, b);
        for (var i = 0; i < messages; i++)
        {
            a.Machine.TrySend(now, peer, Chat, message, allowEarly: true);
            Turn();
        }

        for (var i = 0; i < 100; i++)
            Turn();
    }

    private void Ask(int requests)
    {
        var peer = a.PeerOf(now, b);
        for (var i = 0; i < requests; i++)
        {
            a.Machine.TryRequest(now, peer, Chat, message, state, now + TimeSpan.FromSeconds(5), out _);
            for (var step = 0; step < 4; step++)
                Turn();
        }
    }

    // One millisecond.
    private void Turn()
    {
        now += TimeSpan.FromMilliseconds(1);
        Turn(a, b);
        Turn(b, a);
    }

    private void Turn(Side from, Side to)
    {
        if (from.Machine.NextTimer <= now)
            from.Machine.OnTimer(now, events);
        events.Clear();
        while (true)
        {
            var writer = new DatagramWriter(buffer);
            if (!from.Machine.WriteDatagram(now, ref writer))
                return;

            if (++written % loseEvery == 0)
                continue;

            to.Machine.OnDatagram(now, from.Address, buffer.AsSpan(0, writer.Length), events);
            foreach (ref readonly var happened in events.All)
            {
                received += happened.MessageCount;
                replied += happened.Kind == NodeEventKind.Reply ? 1 : 0;
                if (happened is { Kind: NodeEventKind.LaneReadable, Lane: { } lane })
                    Read(to.Machine, lane);
                if (happened is { Kind: NodeEventKind.Message, RequestId: not 0 })
                    to.Machine.Reply(now, happened.Peer, happened.RequestId, ReplyStatus.Ok, happened.Data(buffer));
            }

            events.Clear();
        }
    }

    private void Read(UdpNode machine, Lane lane)
    {
        while (machine.TryPeekMessage(lane, out var message))
        {
            received++;
            machine.TakeMessage(now, lane);
            machine.Consume(now, lane, message.Receipt);
        }
    }

    private sealed class Side
    {
        private readonly KeyPair identity;

        public Side(byte number)
        {
            var seed = new byte[KeyPair.SeedLength];
            seed[0] = number;
            identity = KeyPair.FromSeed(seed);
            Address = NetAddress.From(System.Net.IPAddress.Loopback, number, 0);
            var protocols = new ProtocolRegistry();
            protocols.Register(Chat);
            Machine = new UdpNode(
                new SodiumChannelCrypto(identity, new SeededRandom(number)),
                new SeededRandom(number),
                protocols,
                new UdpNodeSettings { UnixMicrosecondsAtZero = 1, StartedAt = Instant.Zero, IdentityIsFresh = true });
        }

        public NetAddress Address { get; }

        public UdpNode Machine { get; }

        public PeerChannel PeerOf(Instant now, Side other)
        {
            Assert.True(Machine.TryGetPeer(now, other.identity.Id, out var peer));
            return peer;
        }
    }
}
