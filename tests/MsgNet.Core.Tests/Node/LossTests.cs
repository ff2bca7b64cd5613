using MsgNet.Sodium;
using MsgNet.Testing;
using KeyPair = MsgNet.Identity;

namespace MsgNet.Core.Tests.Node;

/// <summary>The handshake under every loss of its first seven datagrams.</summary>
public class LossTests
{
    /// <summary>How the handshake goes when nothing is lost.</summary>
    public enum Way
    {
        Plain,
        Simultaneous,
        CookieAfterStart,
        CookieUnderLoad,
    }

    [Theory]
    [InlineData(Way.Plain)]
    [InlineData(Way.Simultaneous)]
    [InlineData(Way.CookieAfterStart)]
    [InlineData(Way.CookieUnderLoad)]
    [Covers("SEC-111", "SEC-076", "SEC-059", "SEC-033", "SEC-041", "REQ-004")]
    public void Whatever_is_lost_of_the_first_seven_both_ends_complete(Way way)
    {
        for (var lost = 0; lost < 128; lost++)
        {
            var network = new NodeNetwork(lost + 1);
            var a = network.Add("/chat");
            var b = network.Add("/chat");
            var between = 0;
            network.OnSend = flight =>
            {
                if (way == Way.CookieUnderLoad && flight.To == b.Address && flight.Type == ChannelMessageType.Hello)
                    Overload(network, b);
                if (flight.To == a.Address || flight.To == b.Address)
                    flight.IsLost = between < 7 && (lost >> between++ & 1) != 0;
            };
            if (way == Way.CookieAfterStart)
            {
                b.Start();
                b.Handle("/chat");
            }

            var start = network.Now;
            a.Dial(b, TimeSpan.FromSeconds(20));
            a.Send(b, "/chat", "a");
            a.Send(b, "/chat", "not early", allowEarly: false);
            a.Request(b, "/chat", "from a", seconds: 20);
            if (way == Way.Simultaneous)
            {
                b.Dial(a, TimeSpan.FromSeconds(20));
                b.Send(a, "/chat", "b");
            }
            else
            {
                network.RunUntil(() => b.Requests.Any(), seconds: 20);
            }

            b.Request(a, "/chat", "from b", seconds: 20);
            network.RunUntil(() => a.Replies.Any() && b.Replies.Any() && a.Peer(b).IsReady && b.Peer(a).IsReady, seconds: 20);
            AssertInTime(lost, network.Now - start);
            network.Run(20);
            Assert.Single(a.Requests);
            Assert.Single(b.Requests);
            Assert.Single(a.Replies);
            Assert.Single(b.Replies);
            Assert.InRange(a.Texts.Count(), 0, 1);
            Assert.InRange(b.Texts.Count(text => text == "a"), 0, 1);
            var arrived = network.Flights.Count(flight => !flight.IsLost && flight.Frames.AsSpan().IndexOf("not early"u8) >= 0);

            // With both opening, it may leave under keys whose ACK was lost: then it arrives and nobody can open it.
            Assert.InRange(b.Texts.Count(text => text == "not early"), way == Way.Simultaneous && lost != 0 ? 0 : arrived, arrived);
            Assert.InRange(arrived, 0, 1);
            Assert.True(a.Peer(b).IsReady && b.Peer(a).IsReady);
            Assert.Equal(0, a.Count(NodeEventKind.PeerLost) + b.Count(NodeEventKind.PeerLost));
            Assert.Equal(1, a.Count(NodeEventKind.PeerReady));
            if (lost == 0)
                Assert.Equal(way is Way.CookieAfterStart or Way.CookieUnderLoad ? 1 : 0, a.Machine.Counters.RetriesTaken);
        }
    }

    [Fact]
    [Covers("SEC-076")]
    public void Two_that_open_at_once_lose_nothing_and_agree_on_the_session_of_the_smaller_key()
    {
        for (var seed = 1; seed <= 8; seed++)
        {
            var network = new NodeNetwork(seed);
            var a = network.Add("/chat");
            var b = network.Add("/chat");
            a.Dial(b);
            b.Dial(a);
            a.Send(b, "/chat", "from a");
            b.Send(a, "/chat", "from b");
            network.Run(1);
            Assert.Equal(["from a"], b.Texts);
            Assert.Equal(["from b"], a.Texts);
            Assert.Equal(1, a.Machine.Counters.HandshakesAnswered);
            Assert.Equal(1, b.Machine.Counters.HandshakesAnswered);
            var smaller = a.PublicKey.SequenceCompareTo(b.PublicKey) < 0 ? a : b;
            var larger = smaller == a ? b : a;
            Assert.True(smaller.Peer(larger).Sessions.Current!.IsInitiator);
            Assert.False(larger.Peer(smaller).Sessions.Current!.IsInitiator);
            Assert.True(a.Peer(b).Binding.SequenceEqual(b.Peer(a).Binding));
            Assert.NotNull(a.Peer(b).Sessions.Previous);
            Assert.NotNull(b.Peer(a).Sessions.Previous);
        }
    }

    [Fact]
    [Covers("SEC-059", "SEC-077")]
    public void A_second_image_opens_a_session_and_delivers_nothing_twice()
    {
        var network = new NodeNetwork();
        var a = network.Add("/chat");
        var b = network.Add("/chat");
        var end = network.Now + TimeSpan.FromSeconds(8);
        network.OnSend = flight => flight.IsLost = flight.Type == ChannelMessageType.Ack && network.Now < end;
        a.Dial(b, TimeSpan.FromSeconds(20));
        a.Send(b, "/chat", "once");
        a.Request(b, "/chat", "once too", seconds: 20);
        network.Run(18);
        Assert.True(b.Machine.Counters.HandshakesAnswered >= 2);
        Assert.Equal(["once"], b.Texts);
        Assert.Single(b.Requests);
        Assert.Single(a.Replies);
        Assert.True(a.Peer(b).IsReady && b.Peer(a).IsReady);
    }

    // When all seven are HELLOs the eighth leaves after 11.7 s ± 10 % (SEC-031); anything else is faster.
    private static void AssertInTime(int lost, TimeSpan took) =>
        Assert.True(took < TimeSpan.FromSeconds(lost == 127 ? 13.5 : 10), $"{lost:b7} took {took}");

    // Strangers use up the budget: for a second, whoever comes needs a cookie.
    private static void Overload(NodeNetwork network, TestNode node)
    {
        using var key = KeyPair.FromSeed(new byte[KeyPair.SeedLength]);
        var mac = new HelloMac(new SodiumChannelCrypto(key, new SeededRandom(1)), node.PublicKey);
        var hello = new byte[HelloMessage.Overhead + HelloPayload.FieldsLength];
        hello[0] = (byte)ChannelMessageType.Hello;
        hello[1] = 1;
        for (var i = 0; i < 60; i++)
        {
            network.Now.Microseconds.TryFormat(hello.AsSpan(8), out _);
            hello[40 - 1] = (byte)i;
            mac.Write(hello);
            network.Inject(Door.Address(1_000 + i), node.Address, hello);
        }
    }
}
