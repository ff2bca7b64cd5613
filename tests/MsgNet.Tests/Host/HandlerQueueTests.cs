using MsgNet.Core;
using MsgNet.Testing;
using static MsgNet.Tests.HandlerRig;

namespace MsgNet.Tests.Host;

public sealed class HandlerQueueTests
{
    private readonly HandlerRig rig = new();
    private readonly List<string> seen = [];
    private readonly List<TaskCompletionSource> calls = [];

    [Fact]
    public void Without_a_handler_a_message_is_refused() => Assert.Equal(SinkResult.NoHandler, rig.Deliver(Alice, "x"));

    [Fact]
    public void A_handler_gets_the_message_on_the_scheduler_and_not_before()
    {
        var ran = false;
        rig.SetHandler((message, _) =>
        {
            Assert.True(rig.Platform.Manual.IsRunning);
            Assert.False(rig.Gate.IsHeldByCurrentThread);
            Assert.Equal((Alice, Chat, "hi", Delivery.Unreliable), (message.From, message.Protocol, TextOf(message), message.Delivery));
            ran = true;
            return ValueTask.CompletedTask;
        });
        Assert.Equal(SinkResult.Taken, rig.Deliver(Alice, "hi"));
        Assert.False(ran);
        rig.Run();
        Assert.True(ran);
        Assert.Equal(1, rig.Table.Counters.Taken);
    }

    [Fact]
    [Covers("API-054")]
    public void One_call_at_a_time_in_order_of_arrival()
    {
        rig.SetHandler(Hold);
        foreach (var (peer, text) in new[] { (Alice, "a1"), (Bob, "b1"), (Alice, "a2"), (Carol, "c1") })
            rig.Deliver(peer, text);
        for (var i = 0; i < 4; i++)
        {
            rig.Run();
            Assert.Equal(i + 1, seen.Count);
            calls[i].SetResult();
        }

        rig.Run();
        Assert.Equal(["a1", "b1", "a2", "c1"], seen);
    }

    [Fact]
    [Covers("API-055")]
    public void Concurrency_serves_peers_at_once_and_each_peer_in_order()
    {
        rig.SetHandler(Hold, new HandlerOptions { Concurrency = 2 });
        foreach (var (peer, text) in new[] { (Alice, "a1"), (Alice, "a2"), (Bob, "b1"), (Carol, "c1") })
            rig.Deliver(peer, text);
        rig.Run();
        Assert.Equal(["a1", "b1"], seen);
        calls[1].SetResult();
        rig.Run();
        Assert.Equal(["a1", "b1", "c1"], seen);
        calls[0].SetResult();
        rig.Run();
        Assert.Equal(["a1", "b1", "c1", "a2"], seen);
    }

    [Fact]
    public void A_burst_of_one_peer_wakes_one_slot()
    {
        rig.SetHandler(Hold, new HandlerOptions { Concurrency = 8 });
        for (var i = 0; i < 5; i++)
            rig.Deliver(Alice, "a");
        Assert.Equal(1, rig.Platform.Manual.Count);
    }

    [Fact]
    public void A_call_that_ends_elsewhere_continues_through_the_scheduler()
    {
        rig.SetHandler(Hold);
        rig.Deliver(Alice, "1");
        rig.Deliver(Alice, "2");
        rig.Run();
        calls[0].SetResult();
        Assert.Equal(["1"], seen);
        rig.Run();
        Assert.Equal(["1", "2"], seen);
    }

    [Fact]
    [Covers("API-056", "API-058", "MP-042")]
    public void A_full_queue_drops_the_newest_unreliable_message_and_says_so_once()
    {
        rig.SetHandler(Hold);
        rig.Deliver(Alice, "first");
        rig.Run();
        for (var i = 0; i < Limits.HandlerQueueMessagesMax; i++)
            Assert.Equal(SinkResult.Taken, rig.Deliver(Alice, $"{i}"));
        Assert.Equal(SinkResult.Busy, rig.Deliver(Alice, "late"));
        Assert.Equal(SinkResult.Busy, rig.Deliver(Alice, "later"));
        Assert.Equal(2, rig.Table.Counters.Dropped);
        rig.SetHandler(Note);
        calls[0].SetResult();
        rig.Run();
        Assert.Equal(1 + Limits.HandlerQueueMessagesMax, seen.Count);
        Assert.DoesNotContain("late", seen);
        Assert.Equal(1, rig.Logger.CountOf(1003));
    }

    [Fact]
    [Covers("API-056")]
    public void The_queue_is_bounded_in_bytes_too()
    {
        rig.SetHandler(Hold);
        rig.Deliver(Carol, "busy");
        rig.Run();
        var quarter = new byte[Limits.HandlerQueueBytesMax / 4];
        for (var i = 0; i < 4; i++)
            Assert.Equal(SinkResult.Taken, rig.Deliver(Alice, quarter));
        Assert.Equal(SinkResult.Busy, rig.Deliver(Alice, [1]));
        Assert.Equal(SinkResult.Taken, rig.Deliver(Alice, []));
    }

    [Fact]
    [Covers("API-056")]
    public void A_single_message_above_the_bound_enters_an_empty_queue_only()
    {
        rig.SetHandler(Hold);
        var large = new byte[Limits.HandlerQueueBytesMax + 1];
        Assert.Equal(SinkResult.Taken, rig.Deliver(Alice, large));
        Assert.Equal(SinkResult.Busy, rig.Deliver(Bob, large));
        rig.Run();
        Assert.Equal(SinkResult.Taken, rig.Deliver(Bob, large));
    }

    [Fact]
    [Covers("API-057")]
    public void One_peer_holds_at_most_half_while_others_wait()
    {
        rig.SetHandler(Hold);
        rig.Deliver(Carol, "busy");
        rig.Run();
        Assert.Equal(SinkResult.Taken, rig.Deliver(Bob, "b"));
        for (var i = 0; i < Limits.HandlerQueueMessagesMax / 2; i++)
            Assert.Equal(SinkResult.Taken, rig.Deliver(Alice, "a"));
        Assert.Equal(SinkResult.Busy, rig.Deliver(Alice, "a"));
        Assert.Equal(SinkResult.Taken, rig.Deliver(Bob, "b"));
    }

    [Fact]
    [Covers("API-057")]
    public void A_peer_that_was_shut_out_gets_in_before_the_one_that_fills_the_queue()
    {
        rig.SetHandler(Hold);
        rig.Deliver(Carol, "busy");
        rig.Run();
        while (rig.Deliver(Alice, "a") == SinkResult.Taken)
        {
        }

        Assert.Equal(SinkResult.Busy, rig.Deliver(Bob, "b"));
        calls[0].SetResult();
        rig.Run();
        Assert.Equal(SinkResult.Busy, rig.Deliver(Alice, "again"));
        Assert.Equal(SinkResult.Taken, rig.Deliver(Bob, "b"));
    }

    [Fact]
    public void A_reliable_message_waits_with_its_carrier_for_room()
    {
        var inbox = new RecordingInbox();
        rig.SetHandler(Hold);
        rig.Deliver(Alice, "busy");
        rig.Run();
        for (var i = 0; i < Limits.HandlerQueueMessagesMax; i++)
            rig.Deliver(Alice, "a");
        Assert.Equal(SinkResult.Busy, rig.Deliver(Bob, "b", inbox, 5));
        Assert.Equal(SinkResult.Busy, rig.Deliver(Bob, "b", inbox, 5));
        Assert.Equal((0, 2), (rig.Table.Counters.Dropped, rig.Table.Counters.Busy));
        Assert.Empty(inbox.Rooms);
        inbox.WhenRoom = () =>
        {
            Assert.True(rig.Platform.Manual.IsRunning);
            Assert.False(rig.Gate.IsHeldByCurrentThread);
            Assert.Equal(SinkResult.Taken, rig.Deliver(Bob, "b", inbox, 5));
        };
        calls[0].SetResult();
        rig.Run();
        Assert.Equal([Chat], inbox.Rooms);
        rig.SetHandler(Note);
        calls[1].SetResult();
        rig.Run();
        Assert.Contains("b", seen);
        Assert.Equal([5ul], inbox.Handled);
    }

    [Fact]
    public void Every_waiting_carrier_is_told_when_the_queue_runs_empty()
    {
        var inboxes = Enumerable.Range(0, 20).Select(_ => new RecordingInbox()).ToArray();
        var large = new byte[Limits.HandlerQueueBytesMax];
        rig.SetHandler(Note);
        rig.Deliver(Alice, large);
        foreach (var inbox in inboxes)
            Assert.Equal(SinkResult.Busy, rig.Deliver(Bob, "b", inbox));
        rig.Run();
        Assert.All(inboxes, inbox => Assert.Single(inbox.Rooms));
    }

    [Fact]
    public void A_carrier_learns_when_the_handler_is_done_also_by_throwing()
    {
        var inbox = new RecordingInbox();
        rig.SetHandler(Hold);
        rig.Deliver(Alice, "1", inbox, 1);
        rig.Deliver(Alice, "2", inbox, 2);
        rig.Run();
        Assert.Empty(inbox.Handled);
        calls[0].SetResult();
        rig.Run();
        Assert.Equal([1ul], inbox.Handled);
        calls[1].SetException(new FormatException("boom"));
        rig.Run();
        Assert.Equal([1ul, 2ul], inbox.Handled);
    }

    [Fact]
    [Covers("API-213")]
    public void A_carrier_is_told_once_of_calls_that_follow_each_other_quickly()
    {
        var inbox = new RecordingInbox();
        rig.SetHandler(Note);
        for (var i = 1ul; i <= 100; i++)
            rig.Deliver(Alice, "a", inbox, i);
        rig.Platform.Manual.RunOne();
        Assert.Equal((64, 1), (inbox.Handled.Count, inbox.Ends));
        rig.Run();
        Assert.Equal((100, 2), (inbox.Handled.Count, inbox.Ends));
    }

    [Fact]
    [Covers("API-213")]
    public void No_carrier_waits_for_slow_calls_of_others_nor_for_one_that_goes_on()
    {
        var inbox = new RecordingInbox();
        var before = new List<int>();
        rig.SetHandler((message, token) =>
        {
            before.Add(inbox.Handled.Count);
            rig.Platform.Advance(TimeSpan.FromMilliseconds(message.Data.Length));
            return TextOf(message) == "" ? Hold(message, token) : Note(message, token);
        });
        for (var i = 1ul; i <= 5; i++)
            rig.Deliver(Alice, "a", inbox, i);
        rig.Deliver(Alice, "", inbox, 6);
        rig.Run();
        Assert.Equal([0, 0, 0, 3, 3, 3], before);
        Assert.Equal(5, inbox.Handled.Count);
    }

    [Fact]
    [Covers("API-062")]
    public void Data_is_borrowed_until_the_task_ends_and_poisoned_after()
    {
        var kept = default(Message);
        var owned = default(Message);
        rig.SetHandler((message, _) =>
        {
            (kept, owned) = (message, message.ToOwned());
            return Hold(message, default);
        });
        rig.Deliver(Alice, "secret");
        rig.Run();
        Assert.Equal("secret", TextOf(kept));
        calls[0].SetResult();
        rig.Run();
        Assert.All(kept.Data.ToArray(), value => Assert.Equal(0xDD, value));
        Assert.Equal("secret", TextOf(owned));
    }

    [Fact]
    public void A_long_queue_gives_way_to_other_work()
    {
        rig.SetHandler(Note);
        for (var i = 0; i < 100; i++)
            rig.Deliver(Alice, "a");
        rig.Platform.Manual.RunOne();
        Assert.InRange(seen.Count, 1, 99);
        rig.Run();
        Assert.Equal(100, seen.Count);
    }

    private ValueTask Note(Message message, CancellationToken cancellationToken)
    {
        seen.Add(TextOf(message));
        return ValueTask.CompletedTask;
    }

    private ValueTask Hold(Message message, CancellationToken cancellationToken)
    {
        seen.Add(TextOf(message));
        calls.Add(new TaskCompletionSource());
        return new ValueTask(calls[^1].Task);
    }
}
