using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>How lanes end: each once, and for a reason.</summary>
public class LaneEndTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public LaneEndTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Covers("LANE-014")]
    public void A_refused_protocol_ends_the_lane(bool early)
    {
        a.Dial(b);
        if (!early)
            a.Write();
        if (!early)
            network.RunUntil(() => a.Peer(b).IsReady);
        var lane = a.OpenLane(b, "/unknown");
        a.Send(lane, "nobody takes this");
        network.Run(5);
        var ended = Assert.Single(a.LanesEnded);
        Assert.Equal((lane, LaneEnd.ProtocolNotSupported), (ended.Lane, ended.LaneEnd));
        Assert.Equal(NodeEventKind.LaneEnded, a.Log.Last(happened => happened.Lane == lane).Kind);
        Assert.Equal(SendStatus.Closed, a.Send(lane, "nor this"));
        Assert.Empty(b.Taken);
        Assert.Empty(b.LanesEnded);
        Assert.Equal(1, b.Machine.Counters.LanesRefused);
        Assert.True(a.Peer(b).IsDrained && b.Peer(a).IsDrained);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Covers("LANE-067", "SEC-087", "SEC-083")]
    public void Who_waits_for_a_handler_learns_that_the_peer_has_restarted_or_is_gone(bool restarts)
    {
        network.Connect(a, b);
        b.Consumes = false;
        var lane = a.OpenLane(b);
        a.Send(lane, "takes long");
        network.Run(40);
        Assert.Single(b.Taken);
        Assert.Empty(a.LanesEnded);
        if (restarts)
        {
            b.Start();
            b.Handle("/chat");
        }
        else
        {
            network.OnSend = flight => flight.IsLost = true;
        }

        network.Run(restarts ? 15.2 : 50.1);
        var ended = Assert.Single(a.LanesEnded);
        Assert.Equal((lane, LaneEnd.PeerLost), (ended.Lane, ended.LaneEnd));
        Assert.Equal(restarts ? PeerLoss.PeerRestarted : PeerLoss.TimedOut, ended.Loss);
    }

    [Fact]
    [Covers("SEC-104", "LANE-063")]
    public void A_restart_of_the_peer_ends_every_lane_and_nothing_crosses_over()
    {
        network.Connect(a, b);
        b.Consumes = false;
        var incoming = b.OpenLane(a);
        b.Send(incoming, "from the first life");
        var lanes = Enumerable.Range(0, 5).Select(_ => a.OpenLane(b)).ToArray();
        for (var i = 0; i < 200; i++)
            a.Send(lanes[i % 5], $"{i} to the first life");
        network.Run(0.025);
        Assert.NotEmpty(b.Taken);
        b.Start();
        b.Handle("/chat");
        b.Taken.Clear();
        b.Consumes = true;
        a.Request(b, "/chat", "are you there?");
        network.RunUntil(() => a.Count(NodeEventKind.PeerLost) == 1);
        Assert.Equal(6, a.LanesEnded.Count());
        Assert.All(a.LanesEnded, ended => Assert.Equal((LaneEnd.PeerLost, PeerLoss.PeerRestarted), (ended.LaneEnd, ended.Loss)));
        Assert.Equal(6, a.LanesEnded.Select(ended => ended.Lane).Distinct().Count());

        var lane = a.OpenLane(b);
        Assert.DoesNotContain(lanes, former => former.Id == lane.Id);
        a.Send(lane, "to the second life");
        var back = b.OpenLane(a);
        b.Send(back, "from the second life");
        network.Run(2);
        Assert.Equal(incoming.Id, back.Id);
        Assert.Equal(["to the second life"], b.LaneTexts);
        Assert.Equal(["from the first life", "from the second life"], a.LaneTexts);
        Assert.Equal((1ul, 1ul), (lane.Delivered, back.Delivered));
        Assert.Equal(6, a.LanesEnded.Count());
    }

    [Fact]
    [Covers("LANE-063")]
    public void Numbers_that_a_new_life_met_in_a_first_flight_are_not_used_again()
    {
        // The HELLO reaches the second life while the first is still believed in.
        network.Connect(a, b);
        network.Run(200);
        Assert.False(a.Peer(b).IsReady);
        b.Start();
        b.Handle("/chat");
        b.Taken.Clear();
        a.Dial(b);
        var lane = a.OpenLane(b);
        a.Send(lane, "maybe");
        network.Run(2);
        Assert.Equal(PeerLoss.PeerRestarted, Assert.Single(a.LanesEnded).Loss);
        var next = a.OpenLane(b);
        a.Send(next, "surely");
        network.Run(2);
        Assert.NotEqual(lane.Id, next.Id);
        Assert.Equal("surely", b.LaneTexts.Last());
        Assert.Equal(1ul, next.Delivered);
        Assert.InRange(b.Taken.Count(message => message.Text == "maybe"), 0, 1);
    }

    public static TheoryData<string> Losses => ["closed here", "closed there", "silence", "broken"];

    [Theory]
    [MemberData(nameof(Losses))]
    [Covers("LANE-063")]
    public void A_lost_peer_ends_its_lanes_once_and_before_the_loss_is_told(string how)
    {
        network.Connect(a, b);
        var mine = a.OpenLane(b);
        var idle = a.OpenLane(b);
        var theirs = b.OpenLane(a);
        b.Send(theirs, "x");
        a.Send(mine, "y");
        network.Run(1);
        network.OnSend = flight => flight.IsLost = flight.From == a.Address && how == "silence";
        a.Send(mine, "z");
        switch (how)
        {
            case "closed here":
                a.Close(b, CloseCode.Done);
                break;
            case "closed there":
                b.Close(a, CloseCode.Done);
                break;
            case "broken":
                var session = b.Peer(a).Sessions.Current!;
                var bad = Enumerable.Repeat<byte[]>([2, (byte)FrameType.Msp, 0], 100).SelectMany(frame => frame).ToArray();
                var datagram = new byte[bad.Length + Limits.SealOverhead];
                bad.CopyTo(datagram, DataHeader.Length);
                session.Seal(network.Now, new DatagramWriter(datagram), bad.Length, eliciting: true, appLimited: true, []);
                network.Inject(b.Address, a.Address, datagram);
                break;
        }

        network.Run(60);
        Assert.Equal(3, a.LanesEnded.Count());
        Assert.Equal([mine, idle], a.LanesEnded.Select(ended => ended.Lane).Where(lane => lane!.IsOpener).OrderBy(lane => lane!.Id));
        var loss = a.Log.Single(happened => happened.Kind == NodeEventKind.PeerLost).Loss;
        Assert.All(a.LanesEnded, ended => Assert.Equal((LaneEnd.PeerLost, loss), (ended.LaneEnd, ended.Loss)));
        Assert.Equal(NodeEventKind.PeerLost, a.Log[^1].Kind);
        Assert.All(b.LanesEnded, ended => Assert.Equal(LaneEnd.PeerLost, ended.LaneEnd));
        Assert.Equal(how == "silence" ? 0 : 2, b.LanesEnded.Count());
    }

    [Fact]
    [Covers("LANE-013")]
    public void An_aborted_lane_ends_on_both_sides()
    {
        network.Connect(a, b);
        var lane = a.OpenLane(b);
        a.Send(lane, "x");
        network.Run(1);
        a.Abort(lane);
        a.Abort(lane);
        network.Run(1);
        Assert.Equal((lane, LaneEnd.Aborted), (Assert.Single(a.LanesEnded).Lane, a.LanesEnded.Single().LaneEnd));
        Assert.Equal(LaneEnd.Aborted, Assert.Single(b.LanesEnded).LaneEnd);
        Assert.Equal(SendStatus.Closed, a.Send(lane, "y"));

        var back = b.OpenLane(a);
        b.Send(back, "x");
        network.Run(1);
        a.Machine.RefuseLane(network.Now, a.Taken.Single().Lane);
        a.Write();
        network.Run(1);
        Assert.Equal(LaneEnd.ProtocolNotSupported, b.LanesEnded.Last().LaneEnd);
    }

    [Fact]
    [Covers("LANE-040")]
    public void A_shut_down_lane_delivers_everything_and_is_completed()
    {
        network.Connect(a, b);
        var random = new Random(3);
        network.OnSend = flight => flight.IsLost = flight.Type == ChannelMessageType.Data && random.NextDouble() < 0.3;
        for (var round = 0; round < 20; round++)
        {
            var lane = a.OpenLane(b);
            for (var i = 0; i < 20; i++)
                a.Send(lane, $"{round}.{i}");
            a.Shutdown(lane);
            a.Shutdown(lane);
            Assert.Equal(SendStatus.Closed, a.Send(lane, "too late"));
        }

        network.Run(30);
        Assert.Equal(400, b.Taken.Count);
        Assert.Equal((20, 20), (a.LanesEnded.Count(), b.LanesEnded.Count()));
        Assert.All(a.LanesEnded.Concat(b.LanesEnded), ended => Assert.Equal(LaneEnd.Completed, ended.LaneEnd));
        Assert.True(a.Peer(b).IsDrained && b.Peer(a).IsDrained);
    }

    [Fact]
    [Covers("LANE-064")]
    public void A_peer_is_drained_once_everything_is_acknowledged()
    {
        network.Connect(a, b);
        b.Consumes = false;
        var lane = a.OpenLane(b);
        Assert.True(a.Peer(b).IsDrained);
        a.Send(lane, "x");
        Assert.False(a.Peer(b).IsDrained);
        network.Run(20);
        Assert.False(a.Peer(b).IsDrained || a.Peer(b).GivesWay(network.Now));
        b.Consume(b.Taken.Single());
        network.Run(0.1);
        Assert.True(a.Peer(b).IsDrained && b.Peer(a).IsDrained);
    }

    [Fact]
    [Covers("REC-042")]
    public void What_a_given_up_path_carried_is_told_though_nobody_asked_in_time()
    {
        network.Connect(a, b);
        var peer = a.Peer(b);
        var path = peer.PathTo(Elsewhere(0));
        var item = new PacketItem(PacketItemKind.Segment, 4, 7);
        path.Recovery.AddKey(1);
        path.Recovery.OnPacketSent(network.Now, 1, 0, 1_200, eliciting: true, appLimited: false, [item]);
        path.Recovery.RemoveKey(1);

        for (var i = 1; i <= Limits.PathsMax; i++)
            peer.PathTo(Elsewhere(i));

        var paths = 0;
        for (var each = peer.Paths; each is not null; each = each.After)
            paths++;
        Assert.Equal(Limits.PathsMax, paths);
        Assert.NotEqual(path, peer.PathTo(Elsewhere(0)));
        Assert.True(peer.TryTakeOutcome(out var outcome));
        Assert.Equal(new PacketOutcome(item, Arrived: false), outcome);
        Assert.False(peer.TryTakeOutcome(out _));

        static NetAddress Elsewhere(int number) => NetAddress.From(System.Net.IPAddress.Parse("192.0.2.1"), 1_000 + number, 0);
    }

    [Fact]
    [Covers("LANE-064", "SEC-079")]
    public void Keys_are_renewed_while_a_lane_is_open()
    {
        a.Protocols.Register(ProtocolId.FromString("/stream"));
        network.Connect(a, b);
        b.Consumes = false;
        var lane = a.OpenLane(b);
        a.Send(lane, "x");
        network.Run(400);
        Assert.DoesNotContain(a.Log.Concat(b.Log), happened => happened.Kind is NodeEventKind.PeerLost or NodeEventKind.LaneEnded);
        b.Consume(b.Taken.Single());
        network.Run(1);
        Assert.Equal(1ul, lane.Delivered);

        // Then it is idle, and closed; and so, in the end, is everything.
        network.Run(600);
        Assert.Equal(LaneEnd.Completed, Assert.Single(a.LanesEnded).LaneEnd);
        Assert.Equal(0, a.Machine.PeerCount + b.Machine.PeerCount);
        Assert.True(a.Machine.NextTimer.IsNever && b.Machine.NextTimer.IsNever);
    }

    [Theory]
    [Covers("LANE-064", "LANE-065")]
    [InlineData("/chat", LaneEnd.PeerLost)]
    [InlineData("/stream", LaneEnd.Aborted)]
    public void A_lane_that_its_opener_has_lost_does_not_keep_the_peer_alive(string protocol, LaneEnd end)
    {
        a.Protocols.RegisterStream(ProtocolId.FromString("/stream"));
        b.Protocols.RegisterStream(ProtocolId.FromString("/stream"));
        network.Connect(a, b);
        var lane = a.OpenLane(b, protocol, protocol == "/stream" ? LaneKind.Stream : LaneKind.Ordered);
        a.Send(lane, "x");
        network.Run(1);

        var events = new NodeEvents();
        a.Peer(b).Association!.Lanes!.Fail(PeerLoss.TimedOut, events);
        network.Run(900);
        Assert.Equal(end, Assert.Single(b.LanesEnded).LaneEnd);
        Assert.Equal(0, a.Machine.PeerCount + b.Machine.PeerCount);
    }
}
