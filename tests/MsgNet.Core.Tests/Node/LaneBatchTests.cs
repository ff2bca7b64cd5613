using System.Text;

namespace MsgNet.Core.Tests.Node;

/// <summary>Many reliable messages in one call.</summary>
public sealed class LaneBatchTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;
    private readonly Lane lane;

    public LaneBatchTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
        network.Connect(a, b);
        lane = a.OpenLane(b);
    }

    [Fact]
    public void Messages_of_a_batch_arrive_in_order_behind_what_was_sent_before()
    {
        a.Send(lane, "first");
        Assert.Equal(SendStatus.Accepted, Send(out var accepted, "second", "", "third"));
        Assert.Equal(3, accepted);
        Assert.Equal(4UL, lane.Sent);
        network.RunUntil(() => lane.Delivered == 4);
        Assert.Equal(["first", "second", "", "third"], b.LaneTexts);
    }

    [Fact]
    public void A_batch_fills_the_room_there_is_and_room_is_told_for_the_rest()
    {
        var messages = Enumerable.Range(0, 400).Select(number => new string((char)('a' + (number % 26)), 1_000)).ToArray();
        Assert.Equal(SendStatus.Full, Send(out var accepted, messages));
        Assert.Equal((int)(Limits.LaneSendBufferBytes / (1_000 + 5 + Limits.LaneMessageOverhead)), accepted);
        for (var rooms = 1; accepted < messages.Length; rooms++)
        {
            a.Write();
            network.RunUntil(() => a.Count(NodeEventKind.LaneRoom) >= rooms);
            Send(out var more, messages[accepted..]);
            Assert.True(more > 0);
            accepted += more;
        }

        a.Write();
        network.RunUntil(() => lane.Delivered == 400, seconds: 20);
        Assert.Equal(messages, b.LaneTexts);
    }

    [Fact]
    public void None_of_a_batch_is_taken_when_one_is_too_long_or_the_lane_was_shut_down()
    {
        var tooLong = new byte[Limits.ReliableMessageDefault + 1];
        Assert.Throws<ArgumentException>(() => a.Machine.TrySend(network.Now, lane, [new byte[1], tooLong], out _));
        Assert.Equal(0UL, lane.Sent);
        a.Send(lane, "last");
        a.Shutdown(lane);
        Assert.Equal(SendStatus.Closed, Send(out var accepted, "later"));
        Assert.Equal(0, accepted);
    }

    [Fact]
    public void What_is_too_long_is_refused_before_anything_else_is_looked_at()
    {
        var tooLong = new byte[Limits.ReliableMessageDefault + 1];
        a.Shutdown(lane);
        AssertTooLong(() => a.Machine.TrySend(network.Now, lane, tooLong));
        AssertTooLong(() => a.Machine.TrySend(network.Now, lane, [tooLong], out _));
        AssertTooLong(() => a.Machine.TryRequest(network.Now, lane, tooLong, new object(), network.Now, out _));
        AssertTooLong(() => a.Machine.Reply(network.Now, lane, 1, ReplyStatus.Ok, tooLong));
    }

    [Fact]
    public void Messages_consumed_together_are_acknowledged_as_if_alone()
    {
        b.Consumes = false;
        Assert.Equal(SendStatus.Accepted, Send(out _, [.. Enumerable.Range(0, 100).Select(number => $"{number,100}")]));
        a.Write();
        network.RunUntil(() => b.Taken.Count == 100);
        var receipts = b.Taken.Select(message => message.Receipt).Reverse().ToArray();
        Assert.True(receipts.Distinct().Count() is > 1 and < 20);
        b.Machine.Consume(network.Now, b.Taken[0].Lane, receipts.AsSpan(1));
        b.Write();
        network.Run(1);
        Assert.True(lane.Delivered < 100);
        b.Machine.Consume(network.Now, b.Taken[0].Lane, receipts.AsSpan(0, 1));
        b.Write();
        network.RunUntil(() => lane.Delivered == 100);
        Assert.Throws<InvalidOperationException>(() => b.Machine.Consume(network.Now, b.Taken[0].Lane, receipts));
    }

    [Fact]
    public void A_lane_of_another_node_is_refused()
    {
        var thrown = Assert.Throws<ArgumentException>(() => b.Machine.TrySend(network.Now, lane, "x"u8));
        Assert.Contains("another node", thrown.Message, StringComparison.Ordinal);
    }

    private static void AssertTooLong(Action send) =>
        Assert.Contains("ReliableMessageSizeMax", Assert.Throws<ArgumentException>(send).Message, StringComparison.Ordinal);

    private SendStatus Send(out int accepted, params string[] texts)
    {
        var messages = texts.Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text)).ToArray();
        return a.Machine.TrySend(network.Now, lane, messages, out accepted);
    }
}
