using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>The handshake under every loss of its first seven datagrams.</summary>
public class LossTests
{
    public static TheoryData<bool> Ways => [false, true];

    [Theory]
    [MemberData(nameof(Ways))]
    [Covers("SEC-111", "SEC-076", "SEC-059", "SEC-033", "REQ-004")]
    public void Whatever_is_lost_of_the_first_seven_both_ends_complete(bool simultaneous)
    {
        for (var lost = 0; lost < 128; lost++)
        {
            var network = new NodeNetwork(lost + 1);
            var a = network.Add("/chat");
            var b = network.Add("/chat");
            network.OnSend = flight => flight.IsLost = flight.Number < 7 && (lost >> flight.Number & 1) != 0;
            a.Dial(b, TimeSpan.FromSeconds(20));
            a.Send(b, "/chat", "a");
            a.Request(b, "/chat", "from a", seconds: 20);
            if (simultaneous)
            {
                b.Dial(a, TimeSpan.FromSeconds(20));
                b.Send(a, "/chat", "b");
                b.Request(a, "/chat", "from b", seconds: 20);
            }
            else
            {
                network.RunUntil(() => b.Requests.Any(), seconds: 20);
                b.Request(a, "/chat", "from b", seconds: 20);
            }

            network.RunUntil(() => a.Replies.Any() && b.Replies.Any() && a.Peer(b).IsReady && b.Peer(a).IsReady, seconds: 20);
            network.Run(20);
            Assert.Single(a.Requests);
            Assert.Single(b.Requests);
            Assert.Single(a.Replies);
            Assert.Single(b.Replies);
            Assert.InRange(a.Texts.Count(), 0, 1);
            Assert.InRange(b.Texts.Count(), 0, 1);
            Assert.True(a.Peer(b).IsReady && b.Peer(a).IsReady);
            Assert.Equal(0, a.Count(NodeEventKind.PeerLost) + b.Count(NodeEventKind.PeerLost));
            Assert.Equal(1, a.Count(NodeEventKind.PeerReady));
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
}
