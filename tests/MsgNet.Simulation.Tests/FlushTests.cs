using MsgNet.Core;
using MsgNet.Simulation.Tests.Lanes;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

/// <summary>Which call hands datagrams to the system, and what shares one (<c>specs/api.md</c> 3).</summary>
public class FlushTests
{
    private static readonly SendOptions Alone = new() { Coalesce = false };
    private readonly LaneWorld world = new();

    public FlushTests()
    {
        _ = world.Send(-1, SendOptions.Unreliable);
        _ = world.Send(-1, SendOptions.Ordered);
        world.Run(1);
        world.Got.Clear();
    }

    private long Sent => world.NodeOfA.Counters.DatagramsSent;

    [Theory]
    [Covers("API-224", "API-225")]
    [InlineData(Delivery.Unreliable)]
    [InlineData(Delivery.ReliableOrdered)]
    public void The_first_sends_leave_with_the_call_and_many_leave_together(Delivery delivery)
    {
        var before = Sent;
        var options = new SendOptions { Delivery = delivery };
        for (var i = 1; i <= 200; i++)
        {
            Assert.True(world.Send(i, options).IsCompletedSuccessfully);
            Assert.Equal(before + Math.Min(i, Limits.CallerFlushesMax), Sent);
        }

        world.Run(0.000_001);
        Assert.InRange(Sent - before - Limits.CallerFlushesMax, 1, 4); // of 192 messages
        world.Run(1);
        Assert.Equal(Enumerable.Range(1, 200), world.Got);
    }

    [Fact]
    [Covers("API-224")]
    public void After_a_millisecond_they_leave_with_the_call_again()
    {
        for (var i = 0; i < 50; i++)
            _ = world.Send(i, SendOptions.Unreliable);
        world.Run(Limits.CallerFlushesInterval.TotalSeconds);

        var before = Sent;
        _ = world.Send(50, SendOptions.Unreliable);
        Assert.Equal(before + 1, Sent);
    }

    [Theory]
    [Covers("API-225")]
    [InlineData(Delivery.Unreliable)]
    [InlineData(Delivery.ReliableOrdered)]
    public void A_full_queue_leaves_at_once(Delivery delivery)
    {
        var before = Sent;
        var options = new SendOptions { Delivery = delivery };
        for (var i = 0; Sent <= before + Limits.CallerFlushesMax; i++)
            Assert.True(world.Send(i, options, 1_000).IsCompletedSuccessfully, $"{i}");
    }

    [Fact]
    [Covers("API-226")]
    public void What_a_handler_on_the_receiving_thread_sends_leaves_together()
    {
        var node = ((UdpTransport)world.B.Host.Network.Transports()[0]).Node;
        var before = 0L;
        var within = 0L;
        world.B.Host.SetMessageHandler(
            LaneWorld.Chat,
            message =>
            {
                before = node.Counters.DatagramsSent;
                for (var i = 0; i < 30; i++)
                    _ = world.B.Host.SendMessage(message.From, "/answers", new byte[4]).AsTask();
                within = node.Counters.DatagramsSent;
                return ValueTask.CompletedTask;
            },
            new HandlerOptions { Inline = true });
        var answers = 0;
        world.A.Host.SetMessageHandler("/answers", _ => { answers++; });
        _ = world.Send(1, SendOptions.Unreliable);
        world.Run(0.010_1);

        Assert.Equal(before, within);
        Assert.InRange(node.Counters.DatagramsSent - before, 1, 2);
        world.Run(1);
        Assert.Equal(30, answers);
    }

    [Fact]
    [Covers("API-227")]
    public void A_message_that_does_not_share_has_its_own_datagram_at_once()
    {
        var before = Sent;
        for (var i = 1; i <= 20; i++)
        {
            _ = world.Send(i, Alone);
            Assert.Equal(before + i, Sent);
        }

        ReadOnlyMemory<byte>[] messages = [LaneWorld.Numbered(21), LaneWorld.Numbered(22), LaneWorld.Numbered(23)];
        Assert.True(world.A.Host.SendMessages(world.B.Id, LaneWorld.Chat, messages, Alone).IsCompletedSuccessfully);
        Assert.Equal(before + 23, Sent);
        world.Run(1);
        Assert.Equal(Enumerable.Range(1, 23), world.Got);
    }

    [Fact]
    [Covers("API-227")]
    public void Neither_other_messages_nor_segments_ride_with_it()
    {
        for (var i = 0; i < Limits.CallerFlushesMax; i++)
            _ = world.Send(0, SendOptions.Unreliable);
        var before = Sent;
        _ = world.Send(1, SendOptions.Unreliable);
        _ = world.Send(2, SendOptions.Unreliable);
        _ = world.Send(3, Alone); // and what waited before it
        Assert.Equal(before + 2, Sent);

        // Of a lane and messages that both wait, each goes first in turn.
        for (var turn = 1; turn <= 4; turn++)
        {
            _ = world.Send(100 + turn, SendOptions.Ordered);
            _ = world.Send(4, Alone);
            Assert.Equal(before + 2 + (2 * turn), Sent);
        }

        world.Run(1);
        Assert.Equal(8 + 3 + 8, world.Got.Count);
    }

    [Fact]
    [Covers("API-227")]
    public void A_large_one_goes_in_pieces_and_an_unknown_name_is_no_exception()
    {
        var host = world.A.Host;
        var got = new List<int>();
        world.B.Host.SetMessageHandler("/new", message => { got.Add(message.Data.Length); });
        var before = Sent;
        ReadOnlyMemory<byte>[] messages = [new byte[10], new byte[20], new byte[5_000], new byte[30]];
        Assert.True(host.SendMessages(world.B.Id, "/new", messages, Alone).IsCompletedSuccessfully);
        Assert.InRange(Sent - before, 8, 9); // full pieces may set off a probe of the size
        world.Run(1);
        Assert.Equal([10, 20, 5_000, 30], got);
    }

    [Fact]
    public void Reliable_deliveries_take_no_notice_and_keep_one_order()
    {
        for (var i = 0; i < 100; i++)
            _ = world.Send(i, SendOptions.Ordered with { Coalesce = i % 2 == 0 });
        world.Run(1);
        Assert.Equal(Enumerable.Range(0, 100), world.Got);
        Assert.Equal(1, world.NodeOfA.Counters.LanesOpened);
    }
}
