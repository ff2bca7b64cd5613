using MsgNet.Sodium;
using MsgNet.Testing;
using KeyPair = MsgNet.Identity;

namespace MsgNet.Core.Tests.Node;

/// <summary>Nobody speaks in another's name: neither to one who is dialled, nor for one who is.</summary>
public class ImpostorTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public ImpostorTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
    }

    public static TheoryData<string> BadPoints => new(
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");

    [Theory]
    [MemberData(nameof(BadPoints))]
    [Covers("SEC-054", "ID-005", "SEC-003")]
    public void A_point_that_is_no_identity_neither_dials_nor_is_dialled(string point)
    {
        var key = Convert.FromHexString(point);
        Assert.Throws<ArgumentException>(() => a.Machine.TryGetPeer(network.Now, PeerId.FromEd25519(key), out _));
        AssertRefused(key);
    }

    [Fact]
    [Covers("SEC-056", "SEC-021")]
    public void A_HELLO_in_the_name_of_a_peer_without_its_key_is_dropped()
    {
        network.Connect(a, b);
        AssertRefused(a.PublicKey.ToArray());
        Assert.Equal(1, b.Machine.PeerCount);
        Assert.Same(b.Peer(a).Sessions.Current, b.Peer(a).Sessions.Sending);
    }

    [Fact]
    [Covers("SEC-054", "SEC-021")]
    public void A_sealed_name_of_a_recorded_HELLO_opens_in_no_other()
    {
        network.OnSend = flight => flight.IsLost = true;
        a.Dial(b);
        a.Send(b, "/chat", "x");
        var recorded = network.Flights[0].Datagram;
        network.OnSend = null;
        using var crypto = Crypto();
        using var raw = new RawPeer(crypto, 9);
        var hello = raw.Hello(b.PublicKey, b.Clock, []);
        recorded.AsSpan(HelloMessage.StaticOffset, 48).CopyTo(hello.AsSpan(HelloMessage.StaticOffset));
        network.Inject(raw.Address, b.Address, hello);
        Assert.Equal(1, b.Machine.Counters.Dropped(DropReason.NotAuthentic));
        Assert.Equal(0, b.Machine.PeerCount);
    }

    [Fact]
    [Covers("SEC-037", "SEC-056")]
    public void Whoever_stands_between_with_a_key_of_its_own_delivers_nothing()
    {
        using var crypto = Crypto();
        using var between = new RawPeer(crypto, 9);
        using var own = new ResponderHandshake(crypto);
        network.OnSend = flight =>
        {
            if (flight.Type != ChannelMessageType.Hello || flight.From != a.Address)
                return;

            // Towards a: it cannot open what was sealed to b. Towards b: it can only be itself.
            flight.IsLost = true;
            own.Restart();
            Assert.False(own.TryReadStatic(RawResponder.Parse(flight), default));
            network.Inject(a.Address, b.Address, between.Hello(b.PublicKey, b.Clock, []));
        };
        a.Dial(b, TimeSpan.FromSeconds(5));
        a.Send(b, "/chat", "for b alone");
        network.Run(0.2);
        Assert.False(b.Machine.TryFindPeer(a.Id, out _));
        Assert.True(b.Machine.TryFindPeer(between.Id, out _));

        // b's answers to it are none to a.
        foreach (var ack in network.Flights.Where(flight => flight.Type == ChannelMessageType.Ack).ToArray())
            network.Inject(b.Address, a.Address, ack.Datagram);
        network.Run(20);
        Assert.Equal(1, a.Count(NodeEventKind.DialFailed));
        Assert.Empty(a.Texts.Concat(b.Texts));
        Assert.Equal(0, a.Count(NodeEventKind.PeerReady) + b.Count(NodeEventKind.PeerReady));
    }

    [Fact]
    [Covers("SEC-021", "SEC-063", "SEC-074")]
    public void Whoever_stole_the_receivers_key_can_forge_a_first_flight_and_nothing_after_it()
    {
        var seed = new byte[KeyPair.SeedLength];
        (seed[0], seed[1]) = (2, 1);
        using var stolen = new SodiumChannelCrypto(KeyPair.FromSeed(seed), new SeededRandom(99));
        Assert.True(stolen.PublicKey.SequenceEqual(b.PublicKey));
        Assert.True(RemoteIdentity.TryCreate(stolen, b.PublicKey, out var remote));
        using var forged = new InitiatorHandshake(new ClaimingCrypto(stolen, a.PublicKey.ToArray()), remote, default);
        var init = RawPeer.Frames((ref WireWriter writer) => FrameWriter.TryWriteInit(ref writer, 1, "/chat"u8, 1, "forged"u8));
        var hello = new byte[HelloMessage.Overhead + init.Length];
        forged.WriteHello(hello, 1, b.Clock, 1, ChannelOffers.Common, init);
        network.Inject(a.Address, b.Address, hello);
        var message = Assert.Single(b.Messages);
        Assert.Equal((a.Id, true), (message.Peer, message.Early));

        // The ACK, and all that follows, takes a's key or one that b made for this handshake.
        var ack = Assert.Single(network.Flights, flight => flight.Type == ChannelMessageType.Ack);
        Assert.False(forged.TryReadAck(ack.Datagram, new byte[2048], out _, out _));
        network.Run(20);
        Assert.Equal(0, b.Count(NodeEventKind.PeerReady));
    }

    private void AssertRefused(byte[] claimed)
    {
        using var crypto = Crypto();
        using var raw = new RawPeer(new ClaimingCrypto(crypto, claimed), 9);
        var peers = b.Machine.PeerCount;
        var flights = network.Flights.Count;
        var init = RawPeer.Frames((ref WireWriter writer) => FrameWriter.TryWriteInit(ref writer, 1, "/chat"u8, 1, "forged"u8));
        network.Inject(a.Address, b.Address, raw.Hello(b.PublicKey, b.Clock, init));
        Assert.Equal(1, b.Machine.Counters.Dropped(DropReason.NotAuthentic));
        Assert.Equal(peers, b.Machine.PeerCount);
        Assert.Equal(flights, network.Flights.Count);
        Assert.Empty(b.Texts);
    }

    private static SodiumChannelCrypto Crypto()
    {
        var seed = new byte[KeyPair.SeedLength];
        seed[0] = 99;
        return new SodiumChannelCrypto(KeyPair.FromSeed(seed), new SeededRandom(99));
    }
}
