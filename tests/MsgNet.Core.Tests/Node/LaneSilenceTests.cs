using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>What lanes say again on a path that has fallen silent.</summary>
public class LaneSilenceTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;
    private bool isSilent;

    public LaneSilenceTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
        network.OnSend = flight => flight.IsLost = isSilent;
        network.Connect(a, b);

        // Both know the round trip, so that what is unreported for 3 PTO is given up soon.
        for (var i = 0; i < 20; i++)
        {
            a.Request(b, "/chat", "there?");
            b.Request(a, "/chat", "and back?");
            network.Run(0.1);
        }
    }

    [Fact]
    [Covers("LANE-039")]
    public void An_acknowledgement_that_is_lost_again_and_again_is_repeated_ever_more_slowly()
    {
        a.Send(a.OpenLane(b), "heard");
        network.RunUntil(() => b.Taken.Count == 1);
        var first = BeSilent();
        network.Run(14);
        var acks = Acks(first);
        Assert.InRange(acks.Length, 10, 30);
        Assert.All(acks.Zip(acks.Skip(1)), pair => Assert.True(pair.Second.SentAt - pair.First.SentAt < TimeSpan.FromSeconds(1.5)));
    }

    [Fact]
    [Covers("LANE-039", "REC-034")]
    public void Probes_add_no_copies_that_go_on_by_themselves()
    {
        // b has a segment of its own in flight, so that it probes, and its probes say the acknowledgement again.
        a.Send(a.OpenLane(b), "heard");
        network.RunUntil(() => b.Taken.Count == 1);
        var first = BeSilent();
        var own = b.OpenLane(a);
        b.Send(own, "unheard");
        b.Abort(own);
        network.Run(14);
        Assert.InRange(Acks(first).Length, 10, 45);
    }

    [Fact]
    [Covers("LANE-067")]
    public void A_handler_that_works_for_long_costs_a_packet_in_15_s_and_an_idle_stream_none()
    {
        b.Consumes = false;
        var lane = a.OpenLane(b);
        var stream = a.OpenLane(b, kind: LaneKind.Stream);
        a.Send(lane, "work");
        network.RunUntil(() => b.Taken.Count == 1);
        network.Run(2);
        var first = network.Flights.Count;
        network.Run(61);
        Assert.True(lane.IsOpen);
        Assert.Equal(4, network.Flights.Skip(first).Count(flight => flight.From == a.Address && flight.Has(FrameType.LaneWindow)));
        b.Consume(b.Taken[0]);
        network.Run(2);
        first = network.Flights.Count;
        network.Run(40);
        Assert.True(stream.IsOpen);
        Assert.Equal(first, network.Flights.Count);
    }

    [Fact]
    [Covers("LANE-039", "LANE-035")]
    public void A_lane_that_is_heard_again_gets_its_acknowledgement_at_once()
    {
        var lane = a.OpenLane(b);
        a.Send(lane, "heard");
        network.RunUntil(() => b.Taken.Count == 1);
        BeSilent();
        network.Run(12);
        Assert.Equal(0ul, lane.Delivered);

        isSilent = false;
        a.Send(lane, "again");
        network.RunUntil(() => b.Taken.Count == 2);
        network.Run(0.03);
        Assert.Equal(2ul, lane.Delivered);
    }

    private int BeSilent()
    {
        isSilent = true;
        return network.Flights.Count;
    }

    private Flight[] Acks(int first) =>
        [.. network.Flights.Skip(first).Where(flight => flight.From == b.Address && flight.FrameList().Exists(IsAck))];

    // The lane, which takes a byte here, and what the shortest packet but a STOP holds.
    private static bool IsAck((FrameType Type, byte[] Body) frame) =>
        frame.Type == FrameType.Msp && frame.Body.Length == 1 + MspPacket.AckLength;
}
