using MsgNet.Core;
using MsgNet.Testing;
using static MsgNet.Tests.HandlerRig;

namespace MsgNet.Tests.Host;

public sealed class HandlerTableTests
{
    private readonly HandlerRig rig = new();
    private readonly List<string> seen = [];
    private readonly RecordingReplies replies = new();

    [Fact]
    [Covers("API-051")]
    public void Setting_replaces_and_what_is_queued_goes_to_the_new_handler()
    {
        rig.SetHandler(Note("old"));
        rig.Deliver(Alice, "1");
        rig.SetHandler(Note("new"));
        rig.Run();
        Assert.Equal(["new 1"], seen);
    }

    [Fact]
    [Covers("API-051")]
    public void Replacing_leaves_the_call_under_way_alone_and_keeps_one_call_per_peer()
    {
        var call = new TaskCompletionSource();
        var token = default(CancellationToken);
        rig.SetHandler((_, cancellation) =>
        {
            token = cancellation;
            return new ValueTask(call.Task);
        });
        rig.Deliver(Alice, "1");
        rig.Deliver(Alice, "2");
        rig.Run();
        rig.SetHandler(Note("new"), new HandlerOptions { Concurrency = 4 });
        rig.Run();
        Assert.Empty(seen);
        Assert.False(token.IsCancellationRequested);
        call.SetResult();
        rig.Run();
        Assert.Equal(["new 2"], seen);
    }

    [Fact]
    public void More_concurrency_starts_more_calls_at_once()
    {
        rig.SetHandler((_, _) => new ValueTask(new TaskCompletionSource().Task));
        rig.Deliver(Carol, "held");
        rig.Deliver(Alice, "a");
        rig.Deliver(Bob, "b");
        rig.Run();
        rig.SetHandler(Note("new"), new HandlerOptions { Concurrency = 3 });
        rig.Run();
        Assert.Equal(["new a", "new b"], seen);
    }

    [Fact]
    [Covers("API-053", "API-066")]
    public void Removing_drops_what_is_queued_and_cancels_the_call()
    {
        var inbox = new RecordingInbox();
        var token = default(CancellationToken);
        rig.SetHandler((message, cancellation) =>
        {
            seen.Add(TextOf(message));
            token = cancellation;
            return new ValueTask(new TaskCompletionSource().Task);
        });
        Assert.True(rig.IsRegistered());
        rig.Deliver(Alice, "1");
        rig.Run();
        rig.Deliver(Alice, "2");
        rig.Deliver(Bob, "3", inbox, 9);
        rig.DeliverRequest(Bob, "4", replies, 4);
        Assert.True(rig.Table.RemoveMessageHandler(Chat));
        Assert.False(rig.IsRegistered());
        Assert.Equal(SinkResult.NoHandler, rig.Deliver(Alice, "5"));
        rig.Run();
        Assert.True(token.IsCancellationRequested);
        Assert.Equal(["1"], seen);
        Assert.Equal([9ul], inbox.Dropped);
        Assert.Equal(1, rig.Table.Counters.Removed);
        Assert.Empty(inbox.Handled);
        Assert.Equal([(Bob, 4ul, RequestStatus.ProtocolNotSupported, "")], replies.Sent);
        Assert.False(rig.Table.RemoveMessageHandler(Chat));
    }

    [Fact]
    public void A_removed_handler_wakes_carriers_that_wait_for_room()
    {
        var inbox = new RecordingInbox();
        rig.SetHandler(Note("x"));
        rig.Deliver(Alice, new byte[Limits.HandlerQueueBytesMax]);
        rig.Deliver(Bob, "b", inbox);
        rig.Table.RemoveMessageHandler(Chat);
        rig.Run();
        Assert.Equal([Chat], inbox.Rooms);
    }

    [Fact]
    public void A_protocol_can_be_handled_again_after_removal()
    {
        rig.SetHandler(Note("1"));
        rig.Table.RemoveMessageHandler(Chat);
        rig.SetHandler(Note("2"));
        rig.Deliver(Alice, "x");
        rig.Run();
        Assert.Equal(["2 x"], seen);
    }

    [Fact]
    [Covers("API-018")]
    public async Task Draining_waits_for_what_is_queued_and_for_calls_under_way()
    {
        var call = new TaskCompletionSource();
        Assert.True(rig.Table.Drain(default).IsCompletedSuccessfully);
        rig.SetHandler((message, _) =>
        {
            seen.Add(TextOf(message));
            return new ValueTask(call.Task);
        });
        rig.Deliver(Alice, "1");
        rig.Deliver(Alice, "2");
        var drain = rig.Table.Drain(default).AsTask();
        rig.Run();
        Assert.False(drain.IsCompleted);
        call.SetResult();
        rig.Run();
        Assert.True(drain.IsCompletedSuccessfully);
        await drain;
        Assert.Equal(["1", "2"], seen);
        Assert.True(rig.Table.Drain(default).IsCompletedSuccessfully);
    }

    [Fact]
    [Covers("API-018")]
    public async Task Draining_ends_with_its_token()
    {
        using var source = new CancellationTokenSource();
        rig.SetHandler((_, _) => new ValueTask(new TaskCompletionSource().Task));
        rig.Deliver(Alice, "1");
        rig.Run();
        var drain = rig.Table.Drain(source.Token).AsTask();
        await source.CancelAsync();
        rig.Run();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => drain);
    }

    [Fact]
    public void Closing_cancels_calls_frees_timers_and_refuses_what_comes_later()
    {
        var call = new TaskCompletionSource();
        var token = default(CancellationToken);
        rig.SetHandler((_, cancellation) =>
        {
            token = cancellation;
            return new ValueTask(call.Task);
        });
        rig.Deliver(Alice, "1");
        rig.Run();
        rig.Deliver(Alice, "waits");
        rig.Table.Close();
        rig.Run();
        Assert.Equal(1, rig.Table.Counters.Removed); // API-066
        Assert.True(token.IsCancellationRequested);
        Assert.Equal(SinkResult.NoHandler, rig.Deliver(Alice, "2"));
        Assert.Throws<ObjectDisposedException>(() => rig.SetHandler(Note("x")));
        Assert.Throws<ObjectDisposedException>(() => rig.Table.ReceiveMessages(Chat, default));
        call.SetResult();
        rig.Run();
        Assert.Equal(0, rig.Platform.TimerCount);
    }

    [Fact]
    [Covers("API-058", "REQ-014")]
    public void A_request_to_a_full_queue_is_busy()
    {
        rig.SetHandler(Note("x"));
        rig.Deliver(Alice, new byte[Limits.HandlerQueueBytesMax]);
        Assert.Equal(SinkResult.Busy, rig.DeliverRequest(Bob, "r", replies, 1));
        Assert.Equal((0, 1), (rig.Table.Counters.Dropped, rig.Table.Counters.Busy));
    }

    [Fact]
    [Covers("REQ-013")]
    public void A_handler_that_ends_without_a_reply_answers_1_at_once()
    {
        rig.SetHandler(Note("x"));
        rig.DeliverRequest(Alice, "r", replies, 3);
        rig.Run();
        Assert.Equal([(Alice, 3ul, RequestStatus.NoReply, "")], replies.Sent);
    }

    [Fact]
    public void A_handler_that_replies_answers_once()
    {
        rig.SetHandler((message, token) => message.Reply("pong"u8.ToArray(), token));
        rig.DeliverRequest(Alice, "ping", replies, 3);
        rig.Run();
        Assert.Equal([(Alice, 3ul, RequestStatus.Ok, "pong")], replies.Sent);
    }

    [Fact]
    public void A_kept_request_cannot_be_answered_after_its_handler()
    {
        var kept = default(Message);
        rig.SetHandler((message, _) =>
        {
            kept = message.ToOwned();
            return ValueTask.CompletedTask;
        });
        rig.DeliverRequest(Alice, "ping", replies, 3);
        rig.Run();
        Assert.False(kept.CanReply);
        Assert.Throws<InvalidOperationException>(() => { _ = kept.Reply(default); });
    }

    [Theory]
    [Covers("API-060", "REQ-013")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_throw_answers_2_is_counted_and_logged_and_harms_nobody(bool asynchronous)
    {
        rig.SetHandler((message, _) => TextOf(message) != "bad"
            ? Note("ok")(message, default)
            : asynchronous ? ValueTask.FromException(new FormatException("boom")) : throw new FormatException("boom"));
        rig.DeliverRequest(Alice, "bad", replies, 1);
        rig.Deliver(Alice, "bad");
        rig.Deliver(Alice, "good");
        rig.Run();
        Assert.Equal(["ok good"], seen);
        Assert.Equal([(Alice, 1ul, RequestStatus.HandlerFailed, "")], replies.Sent);
        Assert.Equal(2, rig.Table.Counters.Failed);
        var entry = Assert.Single(rig.Logger.Entries);
        Assert.IsType<FormatException>(entry.Exception);
    }

    [Fact]
    public void Failures_are_logged_at_most_once_a_second_and_none_is_forgotten()
    {
        rig.SetHandler((_, _) => throw new FormatException("boom"));
        for (var i = 0; i < 10; i++)
            rig.Deliver(Alice, "x");
        rig.Run();
        rig.Platform.Advance(TimeSpan.FromSeconds(1));
        rig.Deliver(Alice, "x");
        rig.Run();
        Assert.Equal(2, rig.Logger.CountOf(1000));
        Assert.Contains("9 more failures", rig.Logger.Entries[1].Text, StringComparison.Ordinal);
        Assert.Equal(11, rig.Table.Counters.Failed);
    }

    [Fact]
    [Covers("API-052")]
    public void One_consumer_per_protocol()
    {
        rig.SetHandler(Note("x"));
        var thrown = Assert.Throws<InvalidOperationException>(() => rig.Table.ReceiveMessages(Chat, default));
        Assert.Contains("call RemoveMessageHandler", thrown.Message, StringComparison.Ordinal);
        rig.Table.RemoveMessageHandler(Chat);
        rig.Table.ReceiveMessages(Chat, default);
        thrown = Assert.Throws<InvalidOperationException>(() => rig.SetHandler(Note("x")));
        Assert.Contains("end that enumeration", thrown.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => rig.Table.ReceiveMessages(Chat, default));
        Assert.False(rig.Table.RemoveMessageHandler(Chat));
    }

    [Fact]
    [Covers("API-005")]
    public void Wrong_arguments_throw_at_once()
    {
        Assert.Throws<ArgumentException>(() => rig.Table.SetMessageHandler(default, Note("x"), HandlerOptions.Default));
        Assert.Throws<ArgumentException>(() => rig.Table.ReceiveMessages(default, default));
        Assert.Throws<ArgumentNullException>(() => rig.SetHandler(null!));
        Assert.Throws<ArgumentNullException>(() => rig.SetHandler(Note("x"), null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.SetHandler(Note("x"), new HandlerOptions { Concurrency = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.SetHandler(Note("x"), new HandlerOptions { Concurrency = 1025 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.SetHandler(Note("x"), new HandlerOptions { Timeout = TimeSpan.Zero }));
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.SetHandler(Note("x"), new HandlerOptions { Timeout = TimeSpan.FromHours(2) }));
        var both = Assert.Throws<ArgumentException>(() => rig.SetHandler(Note("x"), new HandlerOptions { Inline = true, Concurrency = 2 }));
        Assert.Contains("Inline", both.Message, StringComparison.Ordinal);
        Assert.Contains("Concurrency", both.Message, StringComparison.Ordinal);
        Assert.False(rig.IsRegistered());
    }

    private MessageHandler Note(string who) => (message, _) =>
    {
        seen.Add($"{who} {TextOf(message)}");
        return ValueTask.CompletedTask;
    };
}
