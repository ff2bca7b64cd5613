using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Requests over a network that loses datagrams.</summary>
public class RequestTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public RequestTests()
    {
        a = network.Add("/echo");
        b = network.Add("/echo");
        network.Connect(a, b);
        a.Request(b, "/echo", "warm up");
        network.Run(1);
        a.Log.Clear();
        b.Log.Clear();
    }

    [Fact]
    [Covers("REQ-001", "REQ-004", "REQ-011")]
    public void Both_ends_may_ask_at_once_under_the_same_ids()
    {
        var fromA = a.Request(b, "/echo", "from a");
        var fromB = b.Request(a, "/echo", "from b");
        Assert.Equal(2ul, fromA);
        Assert.Equal(1ul, fromB);
        network.Run(1);
        Assert.Equal("from a", Assert.Single(a.Replies).Text);
        Assert.Equal("from b", Assert.Single(b.Replies).Text);
        Assert.Same(a, a.Replies.First().State);
        Assert.Equal(0, a.Machine.Counters.Dropped(DropReason.UnknownReply));
    }

    [Fact]
    [Covers("REQ-004", "REQ-021", "REQ-023", "REC-036")]
    public void A_lost_reply_is_repeated_from_store_and_the_handler_runs_once()
    {
        var lost = 0;
        network.OnSend = flight => flight.IsLost = flight.Has(FrameType.Reply) && lost++ < 3;
        a.Request(b, "/echo", "x");
        network.RunUntil(() => a.Replies.Any());
        network.Run(3);
        Assert.Single(b.Requests);
        Assert.Single(a.Replies);
        Assert.Equal(4, lost);
        var sends = network.Flights.Where(flight => flight.Has(FrameType.Tagged)).Select(flight => flight.SentAt).ToArray()[^4..];
        Assert.True(sends[3] - sends[2] > 1.5 * (sends[2] - sends[1]), "The interval doubles.");
        Assert.Equal(3, b.Machine.Counters.Dropped(DropReason.Duplicate));
    }

    [Fact]
    [Covers("REQ-004", "REQ-021")]
    public void Every_request_is_answered_at_half_of_all_datagrams_lost()
    {
        var random = new Random(7);
        network.OnSend = flight =>
        {
            flight.IsLost = random.Next(2) == 0;
            flight.Copies = random.Next(1, 3);
        };
        for (var i = 0; i < 50; i++)
        {
            a.Request(b, "/echo", $"a{i}", seconds: 60);
            b.Request(a, "/echo", $"b{i}", seconds: 60);
        }

        network.RunUntil(() => a.Replies.Count() == 50 && b.Replies.Count() == 50, seconds: 60);
        network.OnSend = null;
        network.Run(5);
        Assert.Equal(50, a.Requests.Select(request => request.Text).Distinct().Count());
        Assert.Equal(50, a.Requests.Count());
        Assert.Equal(50, b.Requests.Count());
        Assert.Equal(50, a.Replies.Count());
    }

    [Fact]
    [Covers("REQ-022", "REQ-025")]
    public void A_request_without_reply_fails_at_its_deadline_and_a_late_reply_matches_nothing()
    {
        b.OnRequest = _ => null;
        var start = network.Now;
        a.Request(b, "/echo", "x", seconds: 2);
        network.Run(2.5);
        var failed = Assert.Single(a.Log, happened => happened.Kind == NodeEventKind.RequestFailed);
        Assert.Equal(PeerLoss.NoReply, failed.Loss);
        Assert.Equal(2, (failed.At - start).TotalSeconds, 0.01);
        b.Reply(b.Requests.Single(), ReplyStatus.Ok, [1]);
        network.Run(1);
        Assert.Empty(a.Replies);
        Assert.Equal(1, a.Machine.Counters.Dropped(DropReason.UnknownReply));
    }

    [Fact]
    [Covers("REQ-022", "REQ-024")]
    public void A_cancelled_request_is_not_sent_again_and_a_running_one_meets_silence()
    {
        b.OnRequest = _ => null;
        var id = a.Request(b, "/echo", "x");
        network.Run(1);
        Assert.True(b.Machine.Counters.Dropped(DropReason.Duplicate) > 0);
        Assert.Single(b.Requests);
        a.Machine.CancelRequest(a.Peer(b), id);
        var before = network.Flights.Count;
        network.Run(9);
        Assert.DoesNotContain(network.Flights.Skip(before), flight => flight.Has(FrameType.Tagged));
        Assert.Equal(0, a.Count(NodeEventKind.RequestFailed));
    }

    [Fact]
    [Covers("REQ-014")]
    public void A_request_nobody_handles_is_answered_so()
    {
        a.Request(b, "/none", "x");
        network.Run(1);
        Assert.Equal((byte)ReplyStatus.ProtocolNotSupported, Assert.Single(a.Replies).Status);
        Assert.Equal("/none", Assert.Single(a.Log, happened => happened.Kind == NodeEventKind.ProtocolRefused).Protocol);
    }

    [Fact]
    [Covers("REQ-012", "REQ-016")]
    public void Status_and_large_messages_come_through()
    {
        var large = new byte[Limits.UnreliableMessageMax];
        large[^1] = 9;
        b.OnRequest = request => (ReplyStatus.Ok, request.Data);
        a.Request(b, "/echo", large);
        network.Run(3);
        Assert.Equal(large, Assert.Single(a.Replies).Data);
        b.OnRequest = _ => (ReplyStatus.Busy, []);
        a.Request(b, "/echo", "x");
        network.Run(1);
        Assert.Equal((byte)ReplyStatus.Busy, a.Replies.Last().Status);
    }

    [Fact]
    [Covers("REQ-002", "REC-064")]
    public void The_1025th_open_request_waits_for_room()
    {
        b.OnRequest = _ => null;
        var accepted = 0;
        for (var i = 0; i < 2_000 && accepted < Limits.OpenIdsMax; i++)
        {
            var status = a.Machine.TryRequest(
                network.Now, a.Peer(b), ProtocolId.FromString("/echo"), [1], a, network.Now + TimeSpan.FromSeconds(60), out _);
            accepted += status == SendStatus.Accepted ? 1 : 0;
            a.Write();
            if (status == SendStatus.Full)
                network.Run(0.2);
        }

        Assert.Equal(Limits.OpenIdsMax, accepted);
        network.Run(2);
        a.Log.Clear();
        var full = a.Machine.TryRequest(
            network.Now, a.Peer(b), ProtocolId.FromString("/echo"), [1], a, network.Now + TimeSpan.FromSeconds(60), out _);
        Assert.Equal(SendStatus.Full, full);
        b.OnRequest = request => (ReplyStatus.Ok, []);
        b.Reply(b.Requests.First(), ReplyStatus.Ok, []);
        network.RunUntil(() => a.Count(NodeEventKind.RoomAvailable) == 1);
    }

    [Fact]
    [Covers("REQ-021", "REC-065")]
    public void A_request_outlives_a_path_that_is_shut_for_longer_than_messages_may_wait()
    {
        network.OnSend = flight => flight.IsLost = true;
        for (var i = 0; i < 40; i++)
            a.Send(b, "/echo", new byte[1_100]);
        a.Request(b, "/echo", "behind them");
        network.Run(1.5);
        Assert.True(a.Machine.Counters.Dropped(DropReason.Stale) > 0);
        network.OnSend = null;
        network.RunUntil(() => a.Replies.Any(), seconds: 8);
        Assert.Single(b.Requests);
    }
}
