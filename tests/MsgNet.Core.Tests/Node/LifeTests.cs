using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>How channels end, and begin again.</summary>
public class LifeTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public LifeTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
    }

    [Fact]
    [Covers("SEC-035")]
    public void A_dial_that_nobody_answers_fails_in_time_and_lists_what_was_tried()
    {
        network.OnSend = flight => flight.IsLost = true;
        var other = NetAddress.From(System.Net.IPAddress.Loopback, 9, 0);
        var start = network.Now;
        a.Dial(b, TimeSpan.FromSeconds(5), b.Address, other);
        a.Send(b, "/chat", "x");
        a.Request(b, "/chat", "y", seconds: 60);
        network.RunUntil(() => a.Count(NodeEventKind.DialFailed) == 1);
        Assert.Equal(5, (network.Now - start).TotalSeconds, 0.001);
        var targets = Assert.IsType<(NetAddress Address, int Sends)[]>(a.Log[0].State);
        Assert.Equal([b.Address, other], targets.Select(target => target.Address));
        Assert.Equal(network.Flights.Count(flight => flight.Type == ChannelMessageType.Hello), targets.Sum(target => target.Sends));
        Assert.Equal(PeerLoss.Unreachable, Assert.Single(a.Log, happened => happened.Kind == NodeEventKind.RequestFailed).Loss);
        Assert.Equal(SendStatus.NotConnected, a.Send(b, "/chat", "x"));
        Assert.False(a.Peer(b).IsConnecting);
    }

    [Fact]
    [Covers("SEC-031", "SEC-033", "SEC-034")]
    public void A_HELLO_is_repeated_on_schedule_three_times_an_image()
    {
        network.OnSend = flight => flight.IsLost = true;
        a.Dial(b, TimeSpan.FromSeconds(20));
        a.Send(b, "/chat", "x");
        network.Run(21);
        var hellos = network.Flights;
        double[] nominal = [300, 600, 1200, 2400, 2400, 2400, 2400, 2400, 2400];
        for (var i = 0; i < nominal.Length - 1; i++)
            Assert.InRange((hellos[i + 1].SentAt - hellos[i].SentAt).TotalMilliseconds, nominal[i] * 0.9, nominal[i] * 1.1);
        foreach (var image in hellos.GroupBy(flight => Convert.ToHexString(flight.Datagram)))
            Assert.InRange(image.Count(), 1, 3);
        Assert.Equal(hellos[0].Datagram, hellos[2].Datagram);
        Assert.NotEqual(hellos[0].Datagram, hellos[3].Datagram);
        Assert.All(hellos, hello => Assert.Equal(hellos[0].Frames, hello.Frames));
        Assert.Equal(1, a.Count(NodeEventKind.DialFailed));
    }

    [Fact]
    [Covers("SEC-084", "SEC-085", "MP-061")]
    public void CLOSE_ends_both_ends_at_once_and_a_new_dial_begins_a_new_association()
    {
        network.Connect(a, b);
        b.OnRequest = _ => null;
        a.Request(b, "/chat", "open");
        b.Request(a, "/chat", "answered");
        network.Run(0.1);
        var incarnation = b.Peer(a).Association!.RemoteIncarnation;
        var before = network.Flights.Count;
        b.Close(a, CloseCode.HostClosing);
        network.Run(1);
        Assert.Equal(FrameType.Close, Assert.Single(Assert.Single(network.Flights.Skip(before)).FrameList()).Type);
        Assert.Equal(PeerLoss.ClosedByPeer, Assert.Single(a.Log, happened => happened.Kind == NodeEventKind.RequestFailed).Loss);
        Assert.Equal(PeerLoss.ClosedByPeer, Assert.Single(a.Log, happened => happened.Kind == NodeEventKind.PeerLost).Loss);
        Assert.Equal(PeerLoss.ClosedLocally, Assert.Single(b.Log, happened => happened.Kind == NodeEventKind.PeerLost).Loss);
        Assert.Equal(0, a.Machine.PeerCount + b.Machine.PeerCount);

        network.Connect(a, b);
        a.Send(b, "/chat", "again");
        network.Run(1);
        Assert.Equal(["again"], b.Texts);
        Assert.NotEqual(incarnation, b.Peer(a).Association!.RemoteIncarnation);
    }

    [Fact]
    [Covers("SEC-101", "SEC-104", "REQ-025", "REQ-011")]
    public void A_restarted_peer_is_recognised_and_everything_begins_anew()
    {
        network.Connect(a, b);
        a.OnRequest = _ => null;
        b.OnRequest = _ => null;
        a.Send(b, "/chat", "before");
        b.Request(a, "/chat", "of the first life");
        a.Request(b, "/chat", "lost");
        network.Run(1);
        var old = Assert.Single(a.Requests);

        b.Start();
        b.Handle("/chat");
        b.Log.Clear();
        b.Dial(a);
        b.Request(a, "/chat", "of the second life");
        network.Run(1);
        Assert.Equal(PeerLoss.PeerRestarted, Assert.Single(a.Log, happened => happened.Kind == NodeEventKind.RequestFailed).Loss);
        Assert.Equal(
            [NodeEventKind.PeerReady, NodeEventKind.PeerLost, NodeEventKind.PeerReady],
            a.Log.Select(happened => happened.Kind).Where(kind => kind is NodeEventKind.PeerReady or NodeEventKind.PeerLost));

        // The same id on the wire, another request: the late reply to the first must not answer the second.
        a.Reply(old, ReplyStatus.Ok, "wrong"u8.ToArray());
        network.Run(1);
        Assert.Empty(b.Replies);
        a.Reply(a.Requests.Last(), ReplyStatus.Ok, "right"u8.ToArray());
        network.Run(2);
        Assert.Equal("right", Assert.Single(b.Replies).Text);

        a.Send(b, "/chat", "after");
        network.Run(1);
        Assert.Equal(["after"], b.Texts);
        Assert.True(network.Flights.Last(flight => flight.From == a.Address && flight.Has(FrameType.Init)) is not null);
    }

    [Fact]
    [Covers("SEC-082", "SEC-104")]
    public void A_peer_that_restarted_in_silence_and_is_not_heard_is_found_by_a_new_handshake_after_15_s()
    {
        network.Connect(a, b);
        a.Send(b, "/chat", "before");
        network.Run(1);
        b.Start();
        b.Handle("/chat");
        b.Log.Clear();
        network.OnSend = flight => flight.IsLost = flight.Type == ChannelMessageType.Hint;
        var start = network.Now;
        a.Request(b, "/chat", "survives?", seconds: 30);
        network.RunUntil(() => a.Count(NodeEventKind.RequestFailed) == 1, seconds: 30);
        Assert.Equal(15, (network.Now - start).TotalSeconds, 0.1);
        Assert.Equal(PeerLoss.PeerRestarted, a.Log.Last(happened => happened.Kind == NodeEventKind.RequestFailed).Loss);
        a.Request(b, "/chat", "now");
        network.Run(1);
        Assert.Equal("now", a.Replies.Last().Text);
        var hellos = a.Machine.Counters.HellosSent;
        network.Run(60);
        Assert.Equal(hellos, a.Machine.Counters.HellosSent);
    }

    [Fact]
    [Covers("SEC-082", "SEC-083", "REQ-025")]
    public void A_dead_peer_gets_a_handshake_after_15_s_and_is_lost_after_35_s()
    {
        network.Connect(a, b);
        network.Run(1);
        network.OnSend = flight => flight.IsLost = true;
        var start = network.Now;
        a.Request(b, "/chat", "x", seconds: 100);
        network.RunUntil(() => network.Flights[^1].Type == ChannelMessageType.Hello, seconds: 20);
        Assert.Equal(15, (network.Now - start).TotalSeconds, 0.01);
        network.RunUntil(() => a.Count(NodeEventKind.PeerLost) == 1, seconds: 30);
        Assert.Equal(35, (network.Now - start).TotalSeconds, 0.01);
        Assert.Equal(PeerLoss.TimedOut, a.Log.Last(happened => happened.Kind == NodeEventKind.PeerLost).Loss);
        Assert.Equal(PeerLoss.TimedOut, Assert.Single(a.Log, happened => happened.Kind == NodeEventKind.RequestFailed).Loss);
        Assert.Equal(0, a.Machine.PeerCount);
    }

    [Fact]
    [Covers("SEC-082")]
    public void A_peer_that_comes_back_within_35_s_loses_nothing_that_is_repeated()
    {
        network.Connect(a, b);
        network.Run(1);
        var start = network.Now;
        network.OnSend = flight => flight.IsLost = network.Now - start < TimeSpan.FromSeconds(25);
        a.Request(b, "/chat", "patience", seconds: 60);
        network.RunUntil(() => a.Replies.Any(), seconds: 60);
        Assert.Equal(0, a.Count(NodeEventKind.PeerLost));
        network.Run(60);
        Assert.Equal(0, a.Count(NodeEventKind.PeerLost));
        Assert.Single(b.Requests);
    }

    [Fact]
    [Covers("SEC-102")]
    public void An_unused_session_expires_and_180_s_later_nothing_is_left()
    {
        network.Connect(a, b);
        a.Send(b, "/chat", "x");
        b.Send(a, "/chat", "y");
        network.RunUntil(() => a.Count(NodeEventKind.PeerLost) == 1 && b.Count(NodeEventKind.PeerLost) == 1, seconds: 190);
        var losses = a.Log.Concat(b.Log).Where(happened => happened.Kind == NodeEventKind.PeerLost);
        Assert.All(losses, lost => Assert.Equal(PeerLoss.Expired, lost.Loss));
        Assert.False(a.Peer(b).IsReady);
        Assert.Equal(1, a.Machine.PeerCount);
        network.Run(179);
        Assert.Equal(1, a.Machine.PeerCount);
        network.Run(2);
        Assert.Equal(0, a.Machine.PeerCount + b.Machine.PeerCount);
        Assert.True(a.Machine.NextTimer.IsNever && b.Machine.NextTimer.IsNever);
    }

    [Fact]
    [Covers("SEC-103")]
    public void A_new_handshake_between_known_incarnations_keeps_ids_and_names()
    {
        network.Connect(a, b);
        a.Request(b, "/chat", "one");
        network.Run(1);
        network.RunUntil(() => !a.Peer(b).IsReady && !b.Peer(a).IsReady, seconds: 200);
        network.Connect(a, b);
        Assert.Equal(2ul, a.Request(b, "/chat", "two"));
        network.Run(1);
        Assert.Equal(2, a.Replies.Count());
        Assert.DoesNotContain(a.Log, happened => happened.Loss == PeerLoss.PeerRestarted);
    }

    [Fact]
    [Covers("SEC-062")]
    public void An_unconfirmed_session_is_forgotten_after_10_s_and_its_association_later()
    {
        network.OnSend = flight => flight.IsLost = flight.Type != ChannelMessageType.Hello || flight.Number > 0;
        a.Dial(b, TimeSpan.FromSeconds(1));
        a.Send(b, "/chat", "x");
        network.Run(1);
        Assert.Equal(["x"], b.Texts);
        Assert.Equal(SendStatus.Accepted, b.Send(a, "/chat", "within the ledger"));
        network.Run(10);
        Assert.Equal(SendStatus.NotConnected, b.Send(a, "/chat", "nobody"));
        Assert.Equal(1, b.Machine.PeerCount);
        network.Run(181);
        Assert.Equal(0, b.Machine.PeerCount);
        Assert.True(b.Machine.NextTimer.IsNever);
    }

    [Fact]
    [Covers("SEC-062", "REQ-025")]
    public void A_channel_that_was_never_confirmed_fails_its_requests_and_is_not_reported_as_lost()
    {
        network.OnSend = flight => flight.IsLost = flight.From == a.Address && flight.Type == ChannelMessageType.Data;
        a.Dial(b);
        a.Write();
        network.Run(0.05);
        b.Request(a, "/chat", "x");
        b.Close(a, CloseCode.Done);
        Assert.Equal(PeerLoss.ClosedLocally, Assert.Single(b.Log).Loss);
        Assert.Equal(NodeEventKind.RequestFailed, b.Log[0].Kind);

        // The initiator had its ACK: to it the channel stood.
        network.Run(1);
        Assert.Equal(PeerLoss.ClosedByPeer, Assert.Single(a.Log, happened => happened.Kind == NodeEventKind.PeerLost).Loss);
        Assert.Single(b.Log);
    }

    [Fact]
    [Covers("SEC-104")]
    public void A_restart_before_the_channel_was_confirmed_is_not_reported_as_a_loss()
    {
        network.OnSend = flight => flight.IsLost = flight.From == a.Address && flight.Type == ChannelMessageType.Data;
        a.Dial(b);
        a.Write();
        network.Run(0.05);
        a.Start();
        a.Handle("/chat");
        network.OnSend = null;
        network.Connect(a, b);
        Assert.Equal(NodeEventKind.PeerReady, Assert.Single(b.Log).Kind);
    }

    [Fact]
    [Covers("SEC-038")]
    public void A_lost_first_DATA_is_made_good_before_the_responder_forgets()
    {
        network.OnSend = flight => flight.IsLost = flight.Type == ChannelMessageType.Data && flight.Number < 5;
        a.Dial(b);
        a.Write();
        network.Run(30);
        Assert.True(a.Peer(b).IsReady && b.Peer(a).IsReady);
        b.Send(a, "/chat", "still here");
        network.Run(1);
        Assert.Equal(["still here"], a.Texts);
    }
}
