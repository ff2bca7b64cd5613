using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>A node whose driver is asked before a peer is accepted.</summary>
public class AcceptanceTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public AcceptanceTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
        b.Settings = b.Settings with { AskBeforeAccepting = true };
        b.Start();
        b.Handle("/chat");
        network.Run(61); // SEC-057: a start asks for cookies
    }

    private int Hellos => network.Flights.Select(flight => Convert.ToHexString(flight.Datagram)).Distinct().Count();

    private IEnumerable<Flight> FromB => network.Flights.Where(flight => flight.From == b.Address);

    [Fact]
    [Covers("SEC-067")]
    public void Before_the_answer_nothing_is_delivered_or_sent_and_the_question_comes_once()
    {
        Dial();
        network.Run(8); // several HELLOs of several images
        var question = Assert.Single(b.Log);
        Assert.Equal((NodeEventKind.PeerAsks, a.Id), (question.Kind, question.Peer));
        Assert.Empty(FromB);
        Assert.True(Hellos >= 2);
        Assert.Equal(SendStatus.NotConnected, b.Send(a, "/chat", "x"));
        Assert.False(b.Peer(a).IsReady);
    }

    [Fact]
    [Covers("SEC-067", "SEC-059", "SEC-074")]
    public void An_accepted_peer_gets_its_ACK_and_what_it_sent_is_delivered_once()
    {
        Dial();
        network.Run(8);
        b.Answer(a.Id, accept: true);
        network.Run(2);
        Assert.Equal(["one"], b.Texts);
        Assert.True(b.Messages.Single().Early);
        Assert.Single(b.Requests);
        Assert.Single(a.Replies);
        Assert.True(a.Peer(b).IsReady && b.Peer(a).IsReady);
        a.Send(b, "/chat", "two");
        network.Run(1);
        Assert.Equal(["one", "two"], b.Texts);
    }

    [Fact]
    [Covers("SEC-067", "SEC-104")]
    public void A_peer_is_not_asked_about_again_while_it_is_remembered()
    {
        Dial();
        network.RunUntil(() => b.Log.Count > 0);
        b.Answer(a.Id, accept: true);
        network.Run(1);
        a.Start();
        a.Handle("/chat");
        Dial("again");
        network.Run(1);
        Assert.Equal(["one", "again"], b.Texts);
        Assert.Equal(1, b.Count(NodeEventKind.PeerAsks));
    }

    [Fact]
    [Covers("SEC-067", "SEC-081", "MP-061")]
    public void A_refused_peer_is_told_so_and_forgotten()
    {
        Dial();
        network.RunUntil(() => b.Log.Count > 0);
        b.Answer(a.Id, accept: false);
        Assert.Equal([ChannelMessageType.Ack, ChannelMessageType.Data], FromB.Select(flight => flight.Type));
        Assert.Equal(FrameType.Close, Assert.Single(FromB.Last().FrameList()).Type);
        Assert.Equal(4, FromB.Last().FrameList()[0].Body[1]);
        Assert.True(FromB.Sum(flight => flight.Datagram.Length) <= 3 * network.Flights[0].Datagram.Length);
        Assert.Equal(1, b.Machine.Counters.PeersRefused);
        Assert.Equal(0, b.Machine.PeerCount);

        network.Run(5);
        Assert.Single(b.Log); // the question
        Assert.Equal(PeerLoss.Refused, a.Log.Single(happened => happened.Kind == NodeEventKind.PeerLost).Loss);
        Assert.Equal(PeerLoss.Refused, a.Log.Single(happened => happened.Kind == NodeEventKind.RequestFailed).Loss);
        Assert.False(a.Peer(b).IsReady);
    }

    [Fact]
    [Covers("SEC-067", "SEC-062")]
    public void An_answer_that_comes_too_late_finds_nothing_and_the_next_handshake_needs_none()
    {
        Dial();
        network.RunUntil(() => b.Log.Count > 0);
        network.Run(30);
        Assert.Equal(1, a.Count(NodeEventKind.DialFailed));
        b.Answer(a.Id, accept: true);
        Assert.Empty(FromB);
        Assert.Empty(b.Texts);
        Dial("later");
        network.Run(1);
        Assert.Equal(["later"], b.Texts);
        Assert.Equal(1, b.Count(NodeEventKind.PeerAsks));
    }

    [Fact]
    [Covers("SEC-067")]
    public void A_peer_that_was_dialled_is_accepted_without_asking()
    {
        b.Dial(a);
        b.Write();
        Dial();
        network.Run(2);
        Assert.Equal(["one"], b.Texts);
        Assert.Equal(0, b.Count(NodeEventKind.PeerAsks));
    }

    [Fact]
    [Covers("SEC-067")]
    public void A_dial_while_the_question_is_open_answers_it()
    {
        Dial();
        network.RunUntil(() => b.Log.Count > 0);
        b.Dial(a);
        b.Write();
        b.Answer(a.Id, accept: false);
        network.Run(2);
        Assert.Equal(["one"], b.Texts);
        Assert.Equal(0, b.Machine.Counters.PeersRefused);
        Assert.True(a.Peer(b).IsReady && b.Peer(a).IsReady);
    }

    [Fact]
    [Covers("SEC-067", "SEC-066")]
    public void EARLY_of_a_peer_that_is_asked_about_is_not_delivered()
    {
        a.Dial(b);
        var text = new string('x', 1_000);
        for (var i = 0; i < 4; i++)
            a.Send(b, "/chat", $"{i}{text}");
        network.Run(0.1);
        Assert.Contains(network.Flights, flight => flight.Type == ChannelMessageType.Early);
        Assert.Equal(NodeEventKind.PeerAsks, Assert.Single(b.Log).Kind);
        Assert.Equal(0, b.Machine.EarlyPackets.Count);
        b.Answer(a.Id, accept: true);
        network.Run(1);
        Assert.Equal(["0" + text], b.Texts);
    }

    [Fact]
    [Covers("SEC-067", "SEC-081")]
    public void A_refusal_that_took_long_reaches_the_image_that_is_waited_for()
    {
        Dial();
        network.Run(8);
        Assert.True(Hellos >= 2);
        b.Answer(a.Id, accept: false);
        Assert.Equal([ChannelMessageType.Ack, ChannelMessageType.Data], FromB.Select(flight => flight.Type));
        Assert.Equal(0, b.Machine.Responder.HalfOpenCount);
        network.Run(1);
        Assert.Equal(PeerLoss.Refused, a.Log.Single(happened => happened.Kind == NodeEventKind.PeerLost).Loss);
        Assert.Equal(0, a.Machine.PeerCount);
    }

    [Fact]
    [Covers("SEC-067", "API-097")]
    public void The_answer_about_a_peer_that_had_to_give_way_does_nothing()
    {
        b.Settings = b.Settings with { PeersMax = 1 };
        b.Start();
        b.Handle("/chat");
        network.Run(61); // SEC-057: a start asks for cookies
        var c = network.Add("/chat");
        Dial();
        network.Run(0.1);
        c.Dial(b);
        c.Write();
        network.Run(0.1);
        Assert.Equal([a.Id, c.Id], b.Log.Where(happened => happened.Kind == NodeEventKind.PeerAsks).Select(happened => happened.Peer));
        Assert.False(b.Machine.TryFindPeer(a.Id, out _));
        foreach (var accept in new[] { true, false })
        {
            b.Answer(a.Id, accept);
            Assert.False(b.Machine.TryFindPeer(a.Id, out _));
        }

        // The driver has a handle of it again, and asked nothing about that.
        b.Peer(a);
        foreach (var accept in new[] { false, true })
        {
            b.Answer(a.Id, accept);
            Assert.Equal(PeerAcceptance.Unknown, b.Peer(a).Acceptance);
        }

        Assert.Empty(FromB);
        Assert.Empty(b.Texts);
        Assert.Equal(0, b.Machine.Counters.PeersRefused);
        network.Run(3); // the next image
        Assert.True(b.Log.Count(happened => happened.Kind == NodeEventKind.PeerAsks && happened.Peer == a.Id) >= 2);
    }

    [Fact]
    [Covers("SEC-067", "SEC-084")]
    public void A_peer_that_was_closed_while_the_question_was_open_is_asked_about_again()
    {
        Dial();
        network.RunUntil(() => b.Log.Count > 0);
        b.Close(a, CloseCode.Done);
        b.Answer(a.Id, accept: true);
        Assert.Empty(FromB);
        Assert.Empty(b.Texts);
        network.RunUntil(() => b.Count(NodeEventKind.PeerAsks) == 2);
        b.Answer(a.Id, accept: true);
        network.Run(1);
        Assert.Equal(["one"], b.Texts);
    }

    [Fact]
    [Covers("SEC-067", "SEC-104")]
    public void A_peer_that_restarted_while_the_question_was_open_is_taken_with_both_lives()
    {
        Dial();
        network.RunUntil(() => b.Log.Count > 0);
        a.Start();
        Dial("two");
        network.Run(0.1);
        Assert.Equal(1, b.Count(NodeEventKind.PeerAsks));
        b.Answer(a.Id, accept: true);
        Assert.Equal(["one"], b.Texts); // the later life is not proven
        network.Run(2);
        Assert.Equal(["one", "two"], b.Texts);
        Assert.True(a.Peer(b).IsReady && b.Peer(a).IsReady);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Covers("SEC-067", "SEC-079")]
    public void New_keys_need_no_new_answer(bool answererSends)
    {
        Dial();
        network.RunUntil(() => b.Log.Count > 0);
        b.Answer(a.Id, accept: true);
        for (var i = 0; i < 80; i++)
        {
            network.Run(5);
            if (answererSends)
                Assert.Equal(SendStatus.Accepted, b.Send(a, "/chat", "x"));
            else
                Assert.Equal(SendStatus.Accepted, a.Send(b, "/chat", "x"));
        }

        Assert.True(a.Machine.Counters.SessionsEstablished >= 3);
        Assert.Equal(1, b.Count(NodeEventKind.PeerAsks));
        Assert.Equal(0, a.Count(NodeEventKind.PeerLost) + b.Count(NodeEventKind.PeerLost));
    }

    private void Dial(string text = "one")
    {
        a.Dial(b, TimeSpan.FromSeconds(10));
        a.Send(b, "/chat", text);
        a.Request(b, "/chat", $"request {text}", seconds: 20);
    }
}
