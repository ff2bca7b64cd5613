using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Lanes in the first flight.</summary>
public class LaneFlightTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public LaneFlightTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat", "/echo");
    }

    [Fact]
    [Covers("LANE-060")]
    public void A_lane_opens_in_the_HELLO_and_delivers_after_one_way()
    {
        a.Dial(b);
        var lane = a.OpenLane(b);
        a.Send(lane, "first");
        network.Run(0.0101);
        var message = Assert.Single(b.Taken);
        Assert.Equal(("first", true), (message.Text, message.Early));
        Assert.Equal(10, (message.At - network.Flights[0].SentAt).TotalMilliseconds);
        Assert.Equal("/chat", message.Lane.Protocol.Name);
        Assert.False(message.Lane.IsOpener);

        a.Send(lane, "second");
        network.Run(1);
        Assert.Equal(["first", "second"], b.LaneTexts);
        Assert.Equal(2ul, lane.Delivered);
        Assert.Equal((2, 0), (a.Machine.Counters.SegmentsSent, a.Machine.Counters.SegmentsResent));
        Assert.Equal((1, 1), (a.Machine.Counters.LanesOpened, b.Machine.Counters.LanesAccepted));
        Assert.True(a.Peer(b).IsDrained && b.Peer(a).IsDrained);
    }

    [Fact]
    [Covers("LANE-060")]
    public void Unreliable_messages_go_before_lanes_and_each_lane_has_one_segment_there()
    {
        a.Dial(b);
        var lane = a.OpenLane(b);
        var other = a.OpenLane(b, "/echo", LaneKind.Unordered);
        a.Machine.TrySend(network.Now, a.Peer(b), ProtocolId.FromString("/chat"), "bare"u8, allowEarly: true);
        a.Machine.TrySend(network.Now, lane, "one"u8);
        a.Machine.TrySend(network.Now, lane, "two"u8);
        a.Send(other, "three");
        var frames = network.Flights[0].FrameList();
        Assert.Equal([FrameType.Init, FrameType.Msp, FrameType.Msp], frames.Select(frame => frame.Type));
        Assert.Equal([lane.Id, other.Id], frames.Skip(1).Select(frame => (ulong)frame.Body[0]));
        network.Run(1);
        Assert.Equal(["one", "two", "three"], b.LaneTexts);
        Assert.Equal(["bare"], b.Texts);
    }

    [Fact]
    [Covers("LANE-060", "SEC-075")]
    public void What_may_not_be_early_waits_for_keys()
    {
        a.Dial(b);
        var guarded = a.OpenLane(b, allowEarly: false);
        var open = a.OpenLane(b);
        a.Machine.TrySend(network.Now, guarded, "with forward secrecy"u8);
        a.Send(open, "without");
        network.Run(1);
        Assert.Equal(["without", "with forward secrecy"], b.LaneTexts);
        Assert.Equal([true, false], b.Taken.Select(message => message.Early));
        Assert.Single(network.Flights[0].FrameList());
    }

    [Fact]
    [Covers("LANE-061")]
    public void EARLY_carries_no_lane()
    {
        a.Dial(b);
        var lane = a.OpenLane(b);
        for (var i = 0; i < 4; i++)
        {
            a.Machine.TrySend(network.Now, lane, new byte[1_000]);
            a.Machine.TrySend(network.Now, a.Peer(b), ProtocolId.FromString("/chat"), new byte[500], allowEarly: true);
        }

        a.Write();
        network.Run(1);
        var early = network.Flights.Where(flight => flight.Type == ChannelMessageType.Early).ToArray();
        Assert.NotEmpty(early);
        Assert.DoesNotContain(early, flight => flight.Has(FrameType.Msp));
        Assert.Equal((4, 4), (b.Taken.Count, b.Texts.Count()));
        Assert.All(network.Flights, flight => Assert.True(flight.Datagram.Length <= Limits.DatagramSizeMax));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [Covers("LANE-060", "LANE-062")]
    public void Lost_HELLOs_and_ACKs_cost_no_message_and_no_second_sending(int lost)
    {
        var count = 0;
        network.OnSend = flight =>
            flight.IsLost = flight.Type is ChannelMessageType.Hello or ChannelMessageType.Ack && count++ < lost;
        a.Dial(b);
        var lane = a.OpenLane(b);
        a.Send(lane, "first");
        a.Send(lane, "second");
        network.Run(15);
        Assert.Equal(["first", "second"], b.LaneTexts);
        Assert.Equal((2ul, 2), (lane.Delivered, a.Machine.Counters.SegmentsSent));
        Assert.True(a.Peer(b).IsDrained);
    }

    [Fact]
    [Covers("LANE-062")]
    public void A_flight_that_was_answered_and_never_delivered_goes_again()
    {
        // The responder remembers another life of the initiator, so that it keeps the flight until the first DATA proves it; all of those
        // are lost until it has forgotten the handshake.
        network.Connect(a, b);
        a.Start();
        var until = network.Now + TimeSpan.FromSeconds(12);
        network.OnSend = flight =>
            flight.IsLost = flight.From == a.Address && flight.Type == ChannelMessageType.Data && network.Now < until;
        a.Dial(b);
        var lane = a.OpenLane(b);
        a.Send(lane, "first");
        network.Run(1);
        Assert.True(a.Peer(b).IsReady);
        Assert.Empty(b.Taken);
        network.Run(40);
        Assert.Equal(["first"], b.LaneTexts);
        Assert.Equal((1ul, true), (lane.Delivered, lane.IsOpen));
    }

    [Fact]
    [Covers("LANE-060")]
    public void A_dial_that_fails_ends_its_lanes()
    {
        network.OnSend = flight => flight.IsLost = true;
        a.Dial(b, TimeSpan.FromSeconds(2));
        var lane = a.OpenLane(b);
        a.Send(lane, "first");
        network.Run(3);
        var ended = Assert.Single(a.LanesEnded);
        Assert.Equal((LaneEnd.PeerLost, PeerLoss.Unreachable), (ended.LaneEnd, ended.Loss));
        Assert.Equal(SendStatus.Closed, a.Send(lane, "second"));
        Assert.Equal(
            SendStatus.NotConnected,
            a.Machine.TryOpenLane(network.Now, a.Peer(b), ProtocolId.FromString("/chat"), LaneKind.Ordered, true, out _));

        network.OnSend = null;
        a.Dial(b);
        var next = a.OpenLane(b);
        a.Send(next, "third");
        network.Run(1);
        Assert.NotEqual(lane.Id, next.Id);
        Assert.Equal(["third"], b.LaneTexts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Covers("SEC-057", "LANE-003", "LANE-060")]
    public void A_recorded_HELLO_that_opens_a_lane_delivers_once(bool restarts)
    {
        a.Dial(b);
        var lane = a.OpenLane(b);
        a.Send(lane, "once");
        network.Run(1);
        var recorded = network.Flights[0];
        if (restarts)
        {
            b.Start();
            b.Handle("/chat", "/echo");
        }

        for (var i = 0; i < 5; i++)
        {
            network.Inject(a.Address, b.Address, recorded.Datagram);
            network.Inject(NetAddress.From(System.Net.IPAddress.Loopback, 9, 0), b.Address, recorded.Datagram);
            network.Run(i * 10);
        }

        Assert.Equal(["once"], b.LaneTexts);
    }

    [Fact]
    [Covers("LANE-060")]
    public void Both_ends_may_open_at_once()
    {
        a.Dial(b);
        b.Dial(a);
        var there = a.OpenLane(b);
        var back = b.OpenLane(a);
        a.Send(there, "to b");
        b.Send(back, "to a");
        network.Run(1);
        a.Send(there, "again to b");
        b.Send(back, "again to a");
        network.Run(5);
        Assert.Equal(["to b", "again to b"], b.LaneTexts);
        Assert.Equal(["to a", "again to a"], a.LaneTexts);
        Assert.Equal((2ul, 2ul), (there.Delivered, back.Delivered));
        Assert.NotEqual(there.Id, back.Id);
        Assert.True(a.Peer(b).IsDrained && b.Peer(a).IsDrained);
    }
}
