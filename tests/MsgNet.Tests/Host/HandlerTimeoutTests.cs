using MsgNet.Testing;
using static MsgNet.Tests.HandlerRig;

namespace MsgNet.Tests.Host;

public sealed class HandlerTimeoutTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly HandlerOptions TenSeconds = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly HandlerRig rig = new();
    private readonly List<CancellationToken> tokens = [];
    private readonly List<TaskCompletionSource> calls = [];

    [Fact]
    [Covers("API-059")]
    public void A_call_is_told_to_stop_after_its_timeout_and_its_slot_is_not_stolen()
    {
        rig.SetHandler(Hold, TenSeconds);
        rig.Deliver(Alice, "1");
        rig.Deliver(Bob, "2");
        rig.Run();
        Advance(10 * Second - TimeSpan.FromTicks(1));
        Assert.False(tokens[0].IsCancellationRequested);
        Advance(TimeSpan.FromTicks(1));
        Assert.True(tokens[0].IsCancellationRequested);
        Assert.Single(calls);
        Assert.Equal((1, 1), (rig.Table.Counters.Stuck, rig.Logger.CountOf(1001)));
        Advance(100 * Second);
        Assert.Equal(1, rig.Table.Counters.Stuck);
        calls[0].SetResult();
        rig.Run();
        Assert.Equal(2, calls.Count);
        Assert.False(tokens[1].IsCancellationRequested);
    }

    [Fact]
    [Covers("API-059")]
    public void The_default_timeout_is_30_seconds()
    {
        rig.SetHandler(Hold);
        rig.Deliver(Alice, "1");
        rig.Run();
        Advance(29 * Second);
        Assert.False(tokens[0].IsCancellationRequested);
        Advance(Second);
        Assert.True(tokens[0].IsCancellationRequested);
    }

    [Fact]
    public void A_later_call_has_its_whole_time()
    {
        rig.SetHandler(Hold, TenSeconds);
        rig.Deliver(Alice, "1");
        rig.Run();
        Advance(9 * Second);
        calls[0].SetResult();
        rig.Deliver(Alice, "2");
        rig.Run();
        Advance(9 * Second);
        Assert.False(tokens[1].IsCancellationRequested);
        Advance(Second);
        Assert.True(tokens[1].IsCancellationRequested);
        Assert.Equal(1, rig.Table.Counters.Stuck);
    }

    [Fact]
    public void The_timer_is_armed_once_for_many_calls()
    {
        rig.SetHandler((_, _) => ValueTask.CompletedTask, TenSeconds);
        for (var i = 0; i < 50; i++)
        {
            rig.Deliver(Alice, "x");
            rig.Run();
        }

        Assert.Equal(1, rig.Platform.TimersArmed);
        Advance(11 * Second);
        Assert.Equal(0, rig.Table.Counters.Stuck);
    }

    [Fact]
    public void Ending_because_the_token_was_cancelled_is_no_failure_and_answers_2()
    {
        var replies = new RecordingReplies();
        rig.SetHandler((_, token) =>
        {
            var call = new TaskCompletionSource();
            token.Register(() =>
            {
                Assert.True(rig.Platform.Manual.IsRunning);
                call.SetCanceled(token);
            });
            return new ValueTask(call.Task);
        });
        rig.DeliverRequest(Alice, "1", replies, 1);
        rig.Run();
        Advance(30 * Second);
        Assert.Equal(RequestStatus.HandlerFailed, Assert.Single(replies.Sent).Status);
        Assert.Equal((1, 0), (rig.Table.Counters.Stuck, rig.Table.Counters.Failed));
    }

    [Fact]
    public void What_a_call_registered_on_its_token_ends_with_it()
    {
        var called = 0;
        rig.SetHandler((message, token) =>
        {
            if (TextOf(message) == "1")
                token.Register(() => called++);
            return TextOf(message) == "1" ? ValueTask.CompletedTask : Hold(message, token);
        });
        rig.Deliver(Alice, "1");
        rig.Deliver(Alice, "2");
        rig.Run();
        Advance(30 * Second);
        Assert.True(tokens[0].IsCancellationRequested);
        Assert.Equal(0, called);
    }

    [Fact]
    public void A_callback_that_throws_is_logged_and_harms_nobody()
    {
        rig.SetHandler((message, token) =>
        {
            token.Register(() => throw new FormatException("boom"));
            return Hold(message, token);
        });
        rig.Deliver(Alice, "1");
        rig.Run();
        Advance(30 * Second);
        Assert.Equal((1, 1), (rig.Table.Counters.Failed, rig.Logger.CountOf(1005)));
    }

    private void Advance(TimeSpan by)
    {
        rig.Platform.Advance(by);
        rig.Run();
    }

    private ValueTask Hold(Message message, CancellationToken cancellationToken)
    {
        tokens.Add(cancellationToken);
        calls.Add(new TaskCompletionSource());
        return new ValueTask(calls[^1].Task);
    }
}
