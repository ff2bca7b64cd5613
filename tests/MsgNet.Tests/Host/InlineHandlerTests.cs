using MsgNet.Testing;
using static MsgNet.Tests.HandlerRig;

namespace MsgNet.Tests.Host;

public sealed class InlineHandlerTests
{
    private static readonly HandlerOptions Inline = new() { Inline = true };
    private readonly HandlerRig rig = new();
    private readonly List<string> seen = [];

    [Fact]
    [Covers("API-061")]
    public void An_inline_handler_runs_on_the_receive_thread_without_its_lock()
    {
        rig.SetHandler(
            (message, _) =>
            {
                Assert.False(rig.Platform.Manual.IsRunning);
                Assert.False(rig.Gate.IsHeldByCurrentThread);
                seen.Add(TextOf(message));
                return ValueTask.CompletedTask;
            },
            Inline);
        rig.Deliver(Alice, "1");
        rig.Deliver(Bob, "2");
        Assert.Equal(["1", "2"], seen);
        Assert.Equal(0, rig.Platform.Manual.Count);
    }

    [Fact]
    [Covers("API-066")]
    public void What_an_inline_handler_that_is_removed_leaves_behind_is_counted()
    {
        rig.SetHandler((_, _) => rig.Table.RemoveMessageHandler(Chat) ? default : throw new InvalidOperationException(), Inline);
        rig.DeliverTogether(Alice, ["1", "2", "3"]);
        Assert.Equal(2, rig.Table.Counters.Removed);
    }

    [Fact]
    public void A_message_sent_to_itself_does_not_recurse()
    {
        var depth = 0;
        rig.SetHandler(
            (message, _) =>
            {
                Assert.Equal(1, ++depth);
                seen.Add(TextOf(message));
                if (seen.Count < 100)
                    rig.Deliver(Alice, $"{seen.Count}");
                depth--;
                return ValueTask.CompletedTask;
            },
            Inline);
        rig.Deliver(Alice, "0");
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), seen);
    }

    [Fact]
    public void An_inline_call_that_waits_leaves_the_thread_and_keeps_the_order()
    {
        // A receive thread has no context; the one of the test runner would take the continuation elsewhere.
        SynchronizationContext.SetSynchronizationContext(null);
        var call = new TaskCompletionSource();
        rig.SetHandler(
            (message, _) =>
            {
                seen.Add(TextOf(message));
                return seen.Count == 1 ? new ValueTask(call.Task) : ValueTask.CompletedTask;
            },
            Inline);
        rig.Deliver(Alice, "1");
        rig.Deliver(Alice, "2");
        Assert.Equal(["1"], seen);
        call.SetResult();
        rig.Run();
        Assert.Equal(["1", "2"], seen);
    }

    [Fact]
    [Covers("API-061")]
    public void A_slow_inline_call_after_the_first_is_counted_each_time_and_logged_once()
    {
        rig.SetHandler(
            (_, _) =>
            {
                rig.Platform.Advance(TimeSpan.FromMilliseconds(1.5));
                return ValueTask.CompletedTask;
            },
            Inline);
        rig.Deliver(Alice, "compiled now");
        Assert.Equal(0, rig.Table.Counters.Slow);
        rig.Deliver(Alice, "1");
        rig.Deliver(Alice, "2");
        Assert.Equal((2, 1), (rig.Table.Counters.Slow, rig.Logger.CountOf(1002)));
    }

    [Fact]
    public void A_call_of_one_millisecond_is_not_slow_nor_is_a_queued_one()
    {
        rig.SetHandler((_, _) => Take(TimeSpan.FromMilliseconds(1)), Inline);
        rig.Deliver(Alice, "1");
        rig.SetHandler((_, _) => Take(TimeSpan.FromMilliseconds(5)));
        rig.Deliver(Alice, "2");
        rig.Run();
        Assert.Equal(0, rig.Table.Counters.Slow);

        ValueTask Take(TimeSpan time)
        {
            rig.Platform.Advance(time);
            return ValueTask.CompletedTask;
        }
    }

    [Fact]
    public void What_was_queued_for_an_ordinary_handler_goes_to_an_inline_one()
    {
        rig.SetHandler((_, _) => throw new InvalidOperationException("Replaced."));
        rig.Deliver(Alice, "1");
        rig.SetHandler(
            (message, _) =>
            {
                seen.Add(TextOf(message));
                return ValueTask.CompletedTask;
            },
            Inline);
        rig.Run();
        rig.Deliver(Alice, "2");
        Assert.Equal(["1", "2"], seen);
    }
}
