using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Requests over lanes.</summary>
public class LaneRequestTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public LaneRequestTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
    }

    [Theory]
    [InlineData(LaneKind.Ordered)]
    [InlineData(LaneKind.Unordered)]
    [Covers("REQ-026", "REQ-016")]
    public void A_request_runs_once_and_its_reply_returns_on_its_lane(LaneKind kind)
    {
        network.Connect(a, b);
        var random = new Random(3);
        network.OnSend = flight => flight.IsLost = flight.Type == ChannelMessageType.Data && random.NextDouble() < 0.3;
        var lane = a.OpenLane(b, kind: kind);
        for (var i = 0; i < 300; i++)
            a.Request(lane, $"question {i}", seconds: 60);
        network.Run(30);
        Assert.Equal(300, b.Taken.Count);
        Assert.Equal(300, a.Replies.Count());
        Assert.All(a.Replies, reply => Assert.Equal((string)reply.State!, reply.Text));
        Assert.Empty(a.Taken);
        Assert.DoesNotContain(network.Flights, flight => flight.Has(FrameType.Reply) || flight.Has(FrameType.Tagged));
        Assert.True(a.Peer(b).IsDrained && b.Peer(a).IsDrained);
        Assert.Equal(0, a.Peer(b).Association!.OutgoingIds.OpenCount);
    }

    [Fact]
    [Covers("REQ-026")]
    public void A_request_in_the_HELLO_is_answered_after_one_round_trip()
    {
        a.Dial(b);
        var lane = a.OpenLane(b);
        a.Request(lane, "early");
        network.RunUntil(() => a.Replies.Any());
        Assert.Equal(20, (a.Replies.Single().At - network.Flights[0].SentAt).TotalMilliseconds);
        Assert.True(b.Taken.Single().Early);
    }

    [Fact]
    [Covers("REQ-022", "REQ-026")]
    public void A_request_without_reply_ends_in_time_and_is_sent_once()
    {
        network.Connect(a, b);
        b.OnLaneRequest = _ => null;
        var lane = a.OpenLane(b);
        a.Request(lane, "x", seconds: 5);
        var start = network.Now;
        network.RunUntil(() => a.Count(NodeEventKind.RequestFailed) == 1);
        Assert.Equal(5, (network.Now - start).TotalSeconds, 0.001);
        Assert.Equal(PeerLoss.NoReply, a.Log.Last().Loss);
        Assert.Equal(1, a.Machine.Counters.SegmentsSent);
        b.Reply(b.Taken.Single(), "late"u8.ToArray());
        network.Run(1);
        Assert.Empty(a.Replies);
        Assert.Equal(1, a.Machine.Counters.Dropped(DropReason.UnknownReply));

        var id = a.Request(lane, "cancelled");
        a.Machine.CancelRequest(a.Peer(b), id);
        network.Run(20);
        Assert.Single(a.Log, happened => happened.Kind == NodeEventKind.RequestFailed);
        Assert.True(lane.IsOpen);
    }

    [Theory]
    [InlineData("refused", PeerLoss.ProtocolNotSupported)]
    [InlineData("aborted here", PeerLoss.ClosedLocally)]
    [InlineData("aborted there", PeerLoss.ClosedByPeer)]
    [InlineData("closed", PeerLoss.ClosedByPeer)]
    [InlineData("restarted", PeerLoss.PeerRestarted)]
    [Covers("REQ-025", "REQ-026")]
    public void A_request_fails_with_its_lane(string how, PeerLoss expected)
    {
        network.Connect(a, b);
        b.OnLaneRequest = _ => null;
        var lane = a.OpenLane(b, how == "refused" ? "/unknown" : "/chat");
        var other = a.OpenLane(b);
        a.Request(lane, "fails", seconds: 60);
        a.Request(other, "goes on", seconds: 60);
        network.Run(1);
        switch (how)
        {
            case "aborted here":
                a.Abort(lane);
                break;
            case "aborted there":
                b.Abort(b.Taken.Single(message => message.Text == "fails").Lane);
                break;
            case "closed":
                b.Close(a, CloseCode.Done);
                break;
            case "restarted":
                b.Start();
                b.Handle("/chat");
                a.Send(b, "/chat", "anybody there?");
                break;
        }

        network.Run(2);
        var failed = a.Log.Where(happened => happened.Kind == NodeEventKind.RequestFailed).ToArray();
        Assert.Equal(expected, failed.Single(happened => (string)happened.State! == "fails").Loss);
        Assert.Equal(how is "closed" or "restarted" ? 2 : 1, failed.Length);
        if (failed.Length == 1)
        {
            b.Reply(b.Taken.Single(message => message.Text == "goes on"), "answer"u8.ToArray());
            network.Run(1);
            Assert.Equal("answer", a.Replies.Single().Text);
        }
    }

    [Fact]
    [Covers("REQ-026")]
    public void Replies_that_find_no_room_are_kept_and_their_lane_is_not_read_on()
    {
        network.Connect(a, b);
        b.OnLaneRequest = _ => new byte[200_000];
        var lane = a.OpenLane(b);
        for (var i = 0; i < 100; i++)
            a.Request(lane, $"{i}", seconds: 200);
        network.OnSend = flight => flight.IsLost = flight.From == b.Address && flight.Type == ChannelMessageType.Data;
        network.Run(1);
        Assert.InRange(b.Peer(a).Association!.KeptReplies.Count, 1, 2);
        Assert.InRange(b.Taken.Count, 2, 5);
        Assert.False(b.Peer(a).IsDrained);
        network.OnSend = null;
        network.RunUntil(() => a.Replies.Count() == 100, seconds: 100);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), a.Replies.Select(reply => (string)reply.State!));
        Assert.All(a.Replies, reply => Assert.Equal(200_000, reply.Data.Length));
        network.Run(1);
        Assert.Equal(0, b.Peer(a).Association!.KeptReplies.Count);
        Assert.True(b.Peer(a).IsDrained);
    }

    [Fact]
    [Covers("LANE-041", "REQ-026")]
    public void The_acceptors_SHUTDOWN_goes_behind_the_replies_that_find_no_room()
    {
        network.Connect(a, b);
        b.OnLaneRequest = _ => new byte[200_000];
        var lane = a.OpenLane(b);
        a.Machine.TryRequest(network.Now, lane, "1"u8, "1", network.Now + TimeSpan.FromSeconds(60), out _);
        a.Machine.TryRequest(network.Now, lane, "2"u8, "2", network.Now + TimeSpan.FromSeconds(60), out _);
        a.Shutdown(lane);
        network.RunUntil(() => b.Taken.Count == 2);
        Assert.Equal(1, b.Peer(a).Association!.KeptReplies.Count);

        network.RunUntil(() => a.LanesEnded.Any());
        Assert.Equal(LaneEnd.Completed, a.LanesEnded.Single().LaneEnd);
        Assert.Equal(["1", "2"], a.Replies.Select(reply => (string)reply.State!));
        network.RunUntil(() => b.LanesEnded.Any());
        Assert.Equal(0, b.Peer(a).Association!.KeptReplies.Count);
    }

    [Fact]
    public void Ids_run_out_and_come_back()
    {
        network.Connect(a, b);
        b.OnLaneRequest = _ => null;
        var lane = a.OpenLane(b);
        for (var i = 0; i < Limits.OpenIdsMax; i++)
            a.Request(lane, $"{i}", seconds: 60);
        Assert.Equal(
            SendStatus.Full, a.Machine.TryRequest(network.Now, lane, "x"u8, this, network.Now + TimeSpan.FromSeconds(1), out var id));
        Assert.Equal(0ul, id);
        network.Run(1);
        b.Reply(b.Taken[0], []);
        network.RunUntil(() => a.Count(NodeEventKind.RoomAvailable) == 1);
        a.Request(lane, "again");
    }
}
