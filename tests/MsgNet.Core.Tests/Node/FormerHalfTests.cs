using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>A peer that goes on with what it sent to a half of an association that has ended, and does not know that it has.</summary>
public class FormerHalfTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public FormerHalfTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
    }

    [Fact]
    [Covers("SEC-105", "REQ-004")]
    public void A_later_image_of_an_attempt_that_was_delivered_and_closed_is_told_so_and_runs_nothing_again()
    {
        var deaf = DeliverUnanswered();
        var lane = a.OpenLane(b);
        b.Close(a, CloseCode.Done);
        network.OnSend = null;
        network.RunUntil(() => a.Ended.Any());
        Assert.True(network.Flights.Count(flight => flight.From == a.Address && flight.Type == ChannelMessageType.Hello) > 3);
        Assert.True(deaf > 0);
        AssertToldOnce();
        Assert.False(lane.IsOpen);
        Assert.Equal(PeerLoss.ClosedByPeer, Assert.Single(a.Log, happened => happened.Kind == NodeEventKind.PeerLost).Loss);
        AssertBeginsAnew();
    }

    [Fact]
    [Covers("SEC-106", "REQ-004")]
    public void Who_closed_and_dials_meets_the_peer_that_does_not_know_and_closes_again()
    {
        DeliverUnanswered();
        b.Close(a, CloseCode.Done);
        network.OnSend = flight => flight.IsLost = flight.From == a.Address && flight.Type == ChannelMessageType.Hello;
        b.Dial(a);
        b.Write();
        network.RunUntil(() => a.Ended.Any());
        AssertToldOnce();
        Assert.Equal(PeerLoss.ClosedLocally, Assert.Single(b.Log, happened => happened.Kind == NodeEventKind.PeerLost).Loss);
        network.OnSend = null;
        AssertBeginsAnew();
    }

    [Fact]
    [Covers("SEC-104", "REQ-004")]
    public void What_went_under_keys_while_an_attempt_ran_is_not_said_again_to_the_half_that_answers_it()
    {
        network.OnSend = flight => flight.IsLost = flight.From == a.Address && flight.Type == ChannelMessageType.Hello;
        a.Dial(b);
        a.Write();
        network.Run(0.1);
        network.Connect(b, a);
        Assert.True(a.Peer(b).IsConnecting);
        network.OnSend = flight => flight.IsLost = flight.From == b.Address || flight.Type == ChannelMessageType.Hello;
        a.TryRequest(b, "/chat", "once");
        network.RunUntil(() => b.Requests.Any(), seconds: 0.1);
        b.Close(a, CloseCode.Done);
        network.OnSend = null;
        network.RunUntil(() => a.Ended.Any());
        network.Run(10);
        Assert.Single(b.Requests);
        Assert.Equal(PeerLoss.PeerRestarted, Assert.Single(a.Log, happened => happened.Kind == NodeEventKind.RequestFailed).Loss);
        Assert.Single(a.Log, happened => happened is { Kind: NodeEventKind.PeerLost, Loss: PeerLoss.PeerRestarted });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Covers("SEC-107", "REQ-004")]
    public void What_came_under_keys_is_not_taken_again_from_the_flight_of_an_attempt_that_began_before(bool wasSaidUnderKeys)
    {
        network.OnSend = flight => flight.IsLost = flight.From == a.Address && flight.Type == ChannelMessageType.Hello;
        a.Dial(b);
        a.Write();
        network.Run(wasSaidUnderKeys ? 0 : 0.2);
        a.Request(b, "/chat", "once");
        network.Connect(b, a);
        if (wasSaidUnderKeys)
            network.RunUntil(() => b.Requests.Any());
        Assert.Equal(wasSaidUnderKeys, b.Requests.Any());

        // The CLOSE is lost; then b hears a HELLO of the attempt for the first time, before a says anything more under keys.
        network.OnSend = flight => flight.IsLost = flight.Type == ChannelMessageType.Data;
        b.Close(a, CloseCode.Done);
        Assert.True(a.Peer(b).IsConnecting);
        network.RunUntil(() => network.Flights[^1] is { Type: ChannelMessageType.Ack } ack && ack.From == b.Address);
        network.OnSend = null;
        network.Run(10);
        Assert.Single(b.Requests);
        Assert.Single(a.Replies);
        Assert.Equal(0, a.Count(NodeEventKind.RequestFailed));
        a.Request(b, "/chat", "anew");
        network.RunUntil(() => a.Replies.Count() == 2);
        Assert.Equal(["once", "anew"], b.Requests.Select(request => request.Text));
    }

    [Fact]
    [Covers("SEC-108", "REQ-004")]
    public void What_went_under_keys_rides_in_no_first_flight()
    {
        network.Connect(a, b);
        b.OnRequest = _ => null;
        a.Request(b, "/chat", "once", seconds: 60);
        network.RunUntil(() => b.Requests.Any());

        // Nothing comes back, and then the machine is busy: when it goes on, the repetition is due together with the question whether b is
        // still there.
        network.OnSend = flight => flight.IsLost = true;
        network.Run(2);
        network.Remove(a);
        network.Run(16);
        var before = network.Flights.Count;
        a.OnTimer();
        Assert.False(Assert.Single(network.Flights.Skip(before), flight => flight.Type == ChannelMessageType.Hello).Has(FrameType.Tagged));
        network.Run(0.1);
        a.OnTimer();
        Assert.Contains(network.Flights.Skip(before), flight => flight.Type == ChannelMessageType.Data && flight.Has(FrameType.Tagged));
    }

    [Fact]
    [Covers("SEC-106")]
    public void An_ended_half_counts_for_20_s_for_one_incarnation_unless_it_was_known()
    {
        var former = new FormerHalves();
        var now = Instant.Zero + TimeSpan.FromSeconds(5);
        var peer = a.Id;
        former.Add(peer, Half(now, 7), now);
        Assert.False(former.WasUnanswered(now, peer, 8));
        Assert.False(former.WasUnanswered(now, b.Id, 7));
        Assert.True(former.WasUnanswered(now + TimeSpan.FromSeconds(19), peer, 7));
        Assert.False(former.WasUnanswered(now + TimeSpan.FromSeconds(20), peer, 7));
        Assert.Equal(0, former.Count);

        var known = Half(now, 7);
        known.OnEstablished();
        former.Add(peer, known, now);
        Assert.False(former.WasUnanswered(now, peer, 7));
    }

    [Fact]
    [Covers("SEC-107")]
    public void A_half_that_had_keys_counts_until_20_s_after_its_last_use_for_each_incarnation()
    {
        var former = new FormerHalves();
        var now = Instant.Zero + TimeSpan.FromSeconds(5);
        var (first, second) = (Half(now, 7), Half(now, 8));
        first.OnEstablished();
        second.OnEstablished();
        former.Add(a.Id, first, now);
        former.Add(a.Id, second, now + TimeSpan.FromSeconds(1));
        former.Add(a.Id, Half(now - TimeSpan.FromSeconds(5), 7), now);
        Assert.False(former.HadKeys(now, b.Id, 7));
        Assert.True(former.HadKeys(now + TimeSpan.FromSeconds(19.9), a.Id, 7));
        Assert.False(former.HadKeys(now + TimeSpan.FromSeconds(20), a.Id, 7));
        Assert.True(former.HadKeys(now + TimeSpan.FromSeconds(20), a.Id, 8));
        Assert.False(former.HadKeys(now + TimeSpan.FromSeconds(21), a.Id, 8));
        Assert.Equal(0, former.Count);
    }

    [Fact]
    [Covers("SEC-106")]
    public void The_oldest_of_1024_ended_halves_gives_way()
    {
        var former = new FormerHalves();
        var now = Instant.Zero + TimeSpan.FromSeconds(5);
        var peers = new PeerId[Limits.FormerHalvesMax + 1];
        for (var i = 0; i < peers.Length; i++)
        {
            var key = new byte[32];
            BitConverter.TryWriteBytes(key, i);
            peers[i] = PeerId.FromEd25519(key);
            former.Add(peers[i], Half(now, 7), now);
        }

        Assert.Equal(Limits.FormerHalvesMax, former.Count);
        Assert.False(former.WasUnanswered(now, peers[0], 7));
        Assert.True(former.WasUnanswered(now, peers[1], 7));
        Assert.True(former.WasUnanswered(now, peers[^1], 7));
    }

    private static Association Half(Instant now, ulong incarnation)
    {
        var half = Association.Create(new SeededRandom(1), 1, new NodeCounters());
        half.OnIncarnation(incarnation, 2);
        half.OnFirstFlight(now, 1);
        return half;
    }

    // A request in a HELLO runs, and nothing comes back.
    private int DeliverUnanswered()
    {
        network.OnSend = flight => flight.IsLost = flight.From == b.Address;
        a.Dial(b);
        a.TryRequest(b, "/chat", "once");
        network.RunUntil(() => b.Requests.Any());
        network.Run(0.1);
        return network.Flights.Count(flight => flight.IsLost);
    }

    private void AssertToldOnce()
    {
        network.Run(20);
        Assert.Single(b.Requests);
        Assert.Equal(PeerLoss.ClosedByPeer, Assert.Single(a.Log, happened => happened.Kind == NodeEventKind.RequestFailed).Loss);
        Assert.Empty(a.Replies);
        Assert.Equal(0, b.Machine.PeerCount);
    }

    private void AssertBeginsAnew()
    {
        a.Dial(b);
        a.Request(b, "/chat", "anew");
        network.RunUntil(() => a.Replies.Any());
        Assert.Equal(["once", "anew"], b.Requests.Select(request => request.Text));
        b.Request(a, "/chat", "back");
        network.RunUntil(() => b.Replies.Any());
    }
}
