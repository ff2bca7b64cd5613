using MsgNet.Core;
using MsgNet.Testing;
using static MsgNet.Tests.HandlerRig;

namespace MsgNet.Tests.Host;

/// <summary>Quick handlers take several messages from their queue at once; nobody notices but by the time it takes.</summary>
public sealed class HandlerRowTests
{
    private readonly HandlerRig rig = new();
    private readonly RecordingInbox inbox = new();
    private readonly List<string> seen = [];
    private readonly List<TaskCompletionSource> calls = [];

    [Fact]
    [Covers("API-054")]
    public void Rows_keep_the_order_of_arrival_among_peers()
    {
        var texts = Enumerable.Range(0, 200).Select(i => $"{i}").ToArray();
        rig.SetHandler(Note);
        foreach (var text in texts)
            rig.Deliver(text.Length == 2 || text.EndsWith('7') ? Bob : Alice, text);
        rig.Run();
        Assert.Equal(texts, seen);
    }

    [Fact]
    [Covers("API-051", "API-056")]
    public void What_stands_behind_a_call_that_goes_on_waits_in_the_queue_again()
    {
        rig.SetHandler((message, token) => TextOf(message) == "held" ? Hold() : Note(message, token));
        DeliverQuick(15);
        rig.DeliverTogether(Alice, ["1", "held", "2", "3"]);
        for (var i = 0; i < Limits.HandlerQueueMessagesMax - 4; i++)
            Assert.Equal(SinkResult.Taken, rig.Deliver(Alice, "last"));
        Assert.Equal(SinkResult.Busy, rig.Deliver(Alice, "late"));
        rig.Run();
        Assert.Equal("1", seen[^1]);

        // Two have left the queue, two came back to it.
        Assert.Equal(SinkResult.Taken, rig.Deliver(Alice, "room"));
        Assert.Equal(SinkResult.Taken, rig.Deliver(Alice, "room"));
        Assert.Equal(SinkResult.Busy, rig.Deliver(Alice, "late"));
        rig.SetHandler((message, token) => Note("new ", message));
        calls[0].SetResult();
        rig.Run();
        Assert.Equal(["new 2", "new 3", "new last"], seen[16..19]);
        Assert.Equal("new room", seen[^1]);
        Assert.Equal(16 + Limits.HandlerQueueMessagesMax, seen.Count);
    }

    [Fact]
    [Covers("API-053", "API-066")]
    public void A_handler_that_is_removed_gets_nothing_more_of_its_row()
    {
        rig.SetHandler((message, token) =>
        {
            if (TextOf(message) == "remove")
                rig.Table.RemoveMessageHandler(Chat);
            return Note(message, token);
        });
        DeliverQuick(15);
        rig.DeliverTogether(Alice, ["1", "remove", "3", "4"], inbox);
        rig.Run();
        Assert.Equal("remove", seen[^1]);
        Assert.Equal([1ul, 2ul], inbox.Handled);
        Assert.Equal([3ul, 4ul], inbox.Dropped);
        Assert.Equal(0, rig.Table.Counters.Removed); // their senders are told
    }

    [Fact]
    [Covers("API-059", "API-214")]
    public void A_call_that_blocks_in_a_row_is_told_to_stop_not_before_its_timeout_and_within_twice_that()
    {
        rig.SetHandler((message, token) =>
        {
            if (TextOf(message) == "long")
                Advance(TimeSpan.FromSeconds(29));
            if (TextOf(message) != "longer")
                return Note(message, token);

            Advance(TimeSpan.FromSeconds(29));
            Assert.False(token.IsCancellationRequested);
            Advance(TimeSpan.FromSeconds(31));
            Assert.True(token.IsCancellationRequested);
            return Note(message, token);
        });
        DeliverQuick(3);
        rig.DeliverTogether(Alice, ["long", "longer", "quick"]);
        rig.Run();
        Assert.Equal(["long", "longer", "quick"], seen[3..]);
        Assert.Equal(1, rig.Table.Counters.Stuck);
    }

    private void DeliverQuick(int count)
    {
        rig.DeliverTogether(Alice, Enumerable.Repeat("quick", count));
        rig.Run();
    }

    private void Advance(TimeSpan by)
    {
        rig.Platform.Advance(by);
        rig.Run();
    }

    private ValueTask Note(Message message, CancellationToken cancellationToken) => Note("", message);

    private ValueTask Note(string prefix, Message message)
    {
        seen.Add(prefix + TextOf(message));
        return ValueTask.CompletedTask;
    }

    private ValueTask Hold()
    {
        calls.Add(new TaskCompletionSource());
        return new ValueTask(calls[^1].Task);
    }
}
