using MsgNet.Sodium;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>
/// What seals DATA: AES-256-GCM between two that offer it, ChaCha20-Poly1305 in every other case, and always before there are keys.
/// </summary>
public class SuiteTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public SuiteTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [Covers("SEC-122", "SEC-125")]
    public void Two_nodes_use_AES_if_and_only_if_both_offer_it(bool first, bool second)
    {
        Offer(a, first);
        Offer(b, second);
        network.Connect(a, b);
        a.Send(b, "/chat", "one");
        b.Request(a, "/chat", new string('x', 3_000));
        network.Run(1);
        Assert.Equal(["one"], b.Texts);
        Assert.Equal(new string('x', 3_000), Assert.Single(b.Replies).Text);
        var expected = Suite(first && second);
        Assert.Equal((expected, expected), (SuiteOf(a, b), SuiteOf(b, a)));
        Assert.All(a.Peer(b).Sessions.Current!.Keys.Binding.ToArray(), (value, i) =>
            Assert.Equal(b.Peer(a).Sessions.Current!.Keys.Binding[i], value));
        Assert.Equal(0, a.Machine.Counters.Dropped(DropReason.NotAuthentic) + b.Machine.Counters.Dropped(DropReason.NotAuthentic));
    }

    [Theory]
    [InlineData(0x01)]
    [InlineData(0x03)]
    [Covers("SEC-121", "SEC-122")]
    public void An_ACK_says_what_its_sender_has_and_DATA_is_sealed_by_what_both_have(byte offers)
    {
        using var door = new Door();
        var raw = door.Peer(1);
        raw.Offers = offers;
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, "early")));
        raw.Accept(door.Sent[^1].Datagram);
        Assert.Equal(0x03, raw.RemoteOffers);
        Assert.Equal((offers & 2) != 0 ? PacketSuite.Aes256Gcm : PacketSuite.ChaCha20Poly1305, raw.Suite);
        var late = RawPeer.Frames((ref WireWriter writer) => FrameWriter.TryWriteInit(ref writer, 1, "/chat"u8, 1, "late"u8));
        door.Deliver(raw, raw.Data(late));
        Assert.Equal(["early", "late"], door.Texts);
    }

    [Fact]
    [Covers("SEC-122")]
    public void EARLY_between_two_that_offer_AES_is_what_it_was()
    {
        using var responder = new RawResponder(network.Now, 7) { Offers = 0x03 };
        Assert.True(a.Machine.TryGetPeer(network.Now, responder.Id, out var peer));
        a.Machine.Dial(network.Now, peer, [responder.Address], TimeSpan.FromSeconds(5));
        for (var i = 0; i < 3; i++)
            a.Machine.TrySend(network.Now, peer, ProtocolId.FromString("/chat"), new byte[900], allowEarly: true);
        a.Write();
        var hello = network.Flights.First(flight => flight.Type == ChannelMessageType.Hello);
        responder.Accept(network.Now, hello, out _, out var early);
        var packets = network.Flights.Where(flight => flight.Type == ChannelMessageType.Early).ToArray();
        Assert.NotEmpty(packets);
        using (early)
            Assert.All(packets, flight => Assert.True(early.TryOpen((byte[])flight.Datagram.Clone(), out _, out _)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Covers("SEC-122", "SEC-104")]
    public void A_peer_that_comes_back_with_other_offers_is_understood(bool offersAfterwards)
    {
        Offer(b, !offersAfterwards);
        network.Connect(a, b);
        Assert.Equal(Suite(!offersAfterwards), SuiteOf(a, b));
        Offer(b, offersAfterwards);
        a.Send(b, "/chat", "lost");
        network.RunUntil(() => a.Peer(b).Sessions.Current is { } current && current.Keys.Suite == Suite(offersAfterwards));
        a.Send(b, "/chat", "heard");
        network.Run(1);
        Assert.Equal("heard", b.Texts.Last());
        Assert.Equal(Suite(offersAfterwards), SuiteOf(b, a));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Covers("SEC-127", "SEC-079")]
    public void Keys_of_AES_are_replaced_after_2_to_the_28_packets_and_others_are_not(bool offers)
    {
        Assert.Equal(268_435_456UL, Limits.RekeyAfterPacketsAes);
        a.CountersFrom = Limits.RekeyAfterPacketsAes - 20;
        Offer(a, offers);
        network.Connect(a, b);
        var first = a.Peer(b).Sessions.Current!;
        for (var i = 0; i < 15; i++)
            Say(i);
        Assert.Same(first, a.Peer(b).Sessions.Current);
        for (var i = 15; i < 30; i++)
            Say(i);
        Assert.Equal(Suite(offers) == PacketSuite.ChaCha20Poly1305, first == a.Peer(b).Sessions.Current);
        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"{i}"), b.Texts);

        void Say(int number)
        {
            a.Send(b, "/chat", $"{number}");
            network.Run(0.05);
        }
    }

    // A machine without AES offers none, whatever it is told.
    private static PacketSuite Suite(bool wanted) =>
        wanted && AesLibrariesOfMachine.Present != AesLibraries.None ? PacketSuite.Aes256Gcm : PacketSuite.ChaCha20Poly1305;

    private static PacketSuite SuiteOf(TestNode node, TestNode with) => node.Peer(with).Sessions.Current!.Keys.Suite;

    private static void Offer(TestNode node, bool aes)
    {
        node.Settings = node.Settings with { OfferAes = aes };
        node.Start();
        node.Handle("/chat");
    }
}
