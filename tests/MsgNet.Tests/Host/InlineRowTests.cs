using MsgNet.Testing;
using static MsgNet.Tests.HandlerRig;

namespace MsgNet.Tests.Host;

/// <summary>Inline calls that follow each other share a look at the clock, and a token.</summary>
public sealed class InlineRowTests
{
    private static readonly HandlerOptions Inline = new() { Inline = true };
    private readonly HandlerRig rig = new();
    private readonly List<CancellationToken> tokens = [];
    private readonly List<TaskCompletionSource> calls = [];

    [Fact]
    [Covers("API-214")]
    public void After_a_slow_row_calls_are_looked_at_one_by_one()
    {
        rig.SetHandler(
            (message, _) =>
            {
                rig.Platform.Advance(TextOf(message) == "slow" ? TimeSpan.FromMilliseconds(2) : TimeSpan.Zero);
                return ValueTask.CompletedTask;
            },
            Inline);
        rig.DeliverTogether(Alice, Enumerable.Repeat("quick", 15));
        rig.DeliverTogether(Alice, ["quick", "slow", "quick"]);
        Assert.Equal(0, rig.Table.Counters.Slow);
        rig.DeliverTogether(Alice, ["slow", "slow", "quick", "quick", "quick", "quick", "slow"]);
        Assert.Equal((2, 1), (rig.Table.Counters.Slow, rig.Logger.CountOf(1002)));
    }

    [Fact]
    [Covers("API-059", "API-214")]
    public void A_call_that_goes_on_has_its_whole_time_and_its_own_registrations()
    {
        var called = 0;
        rig.SetHandler(
            (message, token) =>
            {
                if (TextOf(message) != "1")
                    return Hold(message, token);

                token.Register(() => called++);
                rig.Platform.Advance(TimeSpan.FromSeconds(20));
                return ValueTask.CompletedTask;
            },
            Inline);
        rig.DeliverTogether(Alice, ["0"]);
        calls[0].SetResult();
        rig.Run();
        rig.DeliverTogether(Alice, ["1", "2"]);
        Advance(TimeSpan.FromSeconds(29));
        Assert.False(tokens[1].IsCancellationRequested);
        Advance(TimeSpan.FromSeconds(1));
        Assert.True(tokens[1].IsCancellationRequested);
        Assert.Equal((0, 1), (called, rig.Table.Counters.Stuck));
    }

    [Fact]
    public void A_row_whose_token_was_cancelled_goes_on_with_another()
    {
        rig.SetHandler(
            (message, token) =>
            {
                tokens.Add(token);
                if (TextOf(message) == "1")
                    Advance(TimeSpan.FromSeconds(30));
                return ValueTask.CompletedTask;
            },
            Inline);
        rig.DeliverTogether(Alice, ["0"]);
        rig.DeliverTogether(Alice, ["1", "2"]);
        Assert.Equal([true, true, false], tokens.Select(token => token.IsCancellationRequested));
    }

    private void Advance(TimeSpan by)
    {
        rig.Platform.Advance(by);
        rig.Run();
    }

    // A receive thread has no context; the one of the test runner would take the continuation elsewhere.
    private ValueTask Hold(Message message, CancellationToken cancellationToken)
    {
        SynchronizationContext.SetSynchronizationContext(null);
        tokens.Add(cancellationToken);
        calls.Add(new TaskCompletionSource());
        return new ValueTask(calls[^1].Task);
    }
}
