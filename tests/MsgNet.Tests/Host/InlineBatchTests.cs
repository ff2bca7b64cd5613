using MsgNet.Core;
using MsgNet.Testing;
using static MsgNet.Tests.HandlerRig;

namespace MsgNet.Tests.Host;

/// <summary>Messages for inline handlers that come together.</summary>
public sealed class InlineBatchTests
{
    private static readonly HandlerOptions Inline = new() { Inline = true };
    private readonly HandlerRig rig = new();
    private readonly RecordingInbox inbox = new();
    private readonly List<string> seen = [];
    private readonly List<Message> messages = [];
    private readonly List<TaskCompletionSource> calls = [];

    [Fact]
    [Covers("API-211")]
    public void What_64_datagrams_hold_is_handled_in_order_and_told_at_once()
    {
        var texts = Texts(64 * 42);
        rig.SetHandler(Note, Inline);
        Assert.All(rig.DeliverTogether(Alice, texts, inbox), result => Assert.Equal(SinkResult.Taken, result));
        Assert.Equal(texts, seen);
        Assert.Equal((texts.Length, 1), (inbox.Handled.Count, inbox.Ends));
        Assert.Equal((texts.Length, 0), (rig.Table.Counters.Taken, rig.Platform.Manual.Count));
    }

    [Fact]
    [Covers("API-211")]
    public void Beyond_the_bound_unreliable_messages_are_dropped_and_requests_find_it_busy()
    {
        rig.SetHandler(Note, Inline);
        var results = Array.Empty<SinkResult>();
        var request = SinkResult.Taken;
        rig.Together(() =>
        {
            results = rig.DeliverTogether(Alice, Texts(Limits.InlineBatchMessagesMax + 2));
            request = rig.DeliverRequest(Alice, "request", new RecordingReplies(), 1);
        });
        Assert.Equal(2, results.Count(result => result == SinkResult.Busy));
        Assert.Equal(SinkResult.Busy, request);
        Assert.Equal((2, 1), (rig.Table.Counters.Dropped, rig.Table.Counters.Busy));
        Assert.Equal(Limits.InlineBatchMessagesMax, seen.Count);
    }

    [Fact]
    [Covers("API-211")]
    public void Beyond_the_bound_reliable_messages_stay_with_their_carrier_until_the_calls_are_made()
    {
        var rest = Texts(3);
        var offered = Texts(Limits.InlineBatchMessagesMax);
        rig.SetHandler(Note, Inline);
        inbox.WhenRoom = () =>
        {
            Assert.False(rig.Gate.IsHeldByCurrentThread);
            Assert.Equal(offered.Length, seen.Count);
            rig.DeliverTogether(Alice, rest, inbox);
        };
        var results = rig.DeliverTogether(Alice, [.. offered, "late", "later"], inbox);
        Assert.Equal([SinkResult.Busy, SinkResult.Busy], results[offered.Length..]);
        Assert.Equal([Chat], inbox.Rooms);
        Assert.Equal([.. offered, .. rest], seen);
        Assert.Equal((0, 2), (rig.Table.Counters.Dropped, rig.Table.Counters.Busy));
    }

    [Fact]
    [Covers("API-211")]
    public void What_follows_a_message_in_its_segment_is_taken_with_it_as_far_as_the_bound_allows()
    {
        rig.SetHandler(Note, Inline);
        Assert.Equal(2, rig.DeliverRun(Alice, ["a", "", "c"], inbox, 7));
        Assert.Equal(["a", "", "c"], seen);
        Assert.Equal([7ul, 7ul, 7ul], inbox.Handled);
        Assert.Equal((3, 1), (rig.Table.Counters.Taken, inbox.Ends));

        var full = Texts(Limits.InlineBatchMessagesMax - 2);
        rig.Together(() =>
        {
            rig.DeliverTogether(Bob, full);
            Assert.Equal(1, rig.DeliverRun(Alice, ["1", "2", "3"], inbox, 8));
        });
        Assert.Equal(["a", "", "c", .. full, "1", "2"], seen);
        Assert.Equal([7ul, 7ul, 7ul, 8ul, 8ul], inbox.Handled);
        Assert.Equal((0, 0), (rig.Table.Counters.Dropped, rig.Table.Counters.Busy));
    }

    [Fact]
    [Covers("API-211")]
    public void What_follows_an_unreliable_message_in_its_datagram_is_taken_with_it_as_far_as_the_bound_allows()
    {
        rig.SetHandler(Note, Inline);
        Assert.Equal(2, rig.DeliverRun(Alice, "a", "", "c"));
        var full = Texts(Limits.InlineBatchMessagesMax - 2);
        rig.Together(() =>
        {
            rig.DeliverTogether(Bob, full);
            Assert.Equal(1, rig.DeliverRun(Alice, "1", "2", "3"));
        });
        Assert.Equal(["a", "", "c", .. full, "1", "2"], seen);
        rig.SetHandler(Note, HandlerOptions.Default);
        Assert.Equal(0, rig.DeliverRun(Alice, "d", "e"));
    }

    [Fact]
    [Covers("API-211", "API-212")]
    public void What_follows_a_message_is_offered_by_itself_where_it_has_to_wait()
    {
        rig.SetHandler(Note, HandlerOptions.Default);
        Assert.Equal(0, rig.DeliverRun(Alice, ["a", "b"], inbox, 7));
        rig.Run();
        rig.SetHandler(Hold, Inline);
        Assert.Equal(1, rig.DeliverRun(Alice, ["c", "d"], inbox, 8));
        Assert.Equal(0, rig.DeliverRun(Alice, ["e", "f"], inbox, 9));
        Assert.Equal(["a"], seen);
        Assert.Single(calls);
    }

    [Fact]
    [Covers("API-211")]
    public void The_bound_of_bytes_holds_but_for_a_single_larger_message()
    {
        var large = new string('x', Limits.InlineBatchBytesMax + 1);
        rig.SetHandler(Note, Inline);
        Assert.Equal([SinkResult.Taken, SinkResult.Busy, SinkResult.Busy], rig.DeliverTogether(Alice, [large, "late", large]));
        Assert.Equal([SinkResult.Taken, SinkResult.Taken, SinkResult.Busy], rig.DeliverTogether(Alice, ["1", large[2..], "late"]));
        Assert.Equal([large, "1", large[2..]], seen);
    }

    [Fact]
    [Covers("API-203")]
    public void A_carrier_with_more_is_told_to_have_the_calls_made_when_half_of_the_room_is_used()
    {
        rig.SetHandler(Note, Inline);
        rig.Together(() =>
        {
            rig.DeliverTogether(Alice, Texts(Limits.InlineBatchMessagesMax / 2 - 1));
            Assert.False(rig.Table.WantsToRunInline);
            rig.Deliver(Alice, "x");
            Assert.True(rig.Table.WantsToRunInline);
        });
        rig.Together(() =>
        {
            rig.Deliver(Alice, new byte[Limits.InlineBatchBytesMax / 2 - 1]);
            Assert.False(rig.Table.WantsToRunInline);
            rig.Deliver(Alice, "x");
            Assert.True(rig.Table.WantsToRunInline);
        });
        Assert.False(rig.Table.WantsToRunInline);
    }

    [Fact]
    [Covers("API-211")]
    public void A_second_thread_leaves_its_messages_to_the_one_that_calls()
    {
        rig.SetHandler(
            (message, _) =>
            {
                if (TextOf(message) == "1")
                {
                    var other = new Thread(() => rig.Deliver(Bob, "3"));
                    other.Start();
                    other.Join();
                    Assert.Empty(seen);
                }

                return Note(message, default);
            },
            Inline);
        rig.DeliverTogether(Alice, ["1", "2"]);
        Assert.Equal(["1", "2", "3"], seen);
    }

    [Fact]
    [Covers("API-212", "API-062")]
    public void What_follows_a_call_that_goes_on_waits_for_it_and_its_bytes_stay()
    {
        rig.SetHandler((message, token) => TextOf(message) == "b" ? Hold(message, token) : Note(message, token), Inline);
        rig.DeliverTogether(Alice, ["a", "b", "c", "d"], inbox);
        Assert.Equal(["a"], seen);
        Assert.Equal([1ul], inbox.Handled);

        // The batches that follow, of which there are two by turns, use other bytes.
        rig.Deliver(Bob, "eeee");
        rig.Deliver(Bob, "ffff");
        rig.Run();
        Assert.Equal("b", TextOf(messages[0]));
        Assert.Equal(["a"], seen);
        calls[0].SetResult();
        rig.Run();
        Assert.Equal(["a", "c", "d", "eeee", "ffff"], seen);
        Assert.Equal([1ul, 2ul, 3ul, 4ul], inbox.Handled);
        Assert.Equal([0xDD], messages[0].Data.ToArray());

        // And then it is an inline handler again.
        rig.Deliver(Alice, "g");
        Assert.Equal("g", seen[^1]);
    }

    [Fact]
    [Covers("API-062")]
    public void Bytes_of_a_call_that_has_ended_are_poisoned()
    {
        rig.SetHandler(
            (message, token) =>
            {
                messages.Add(message);
                return Note(message, token);
            },
            Inline);
        rig.DeliverTogether(Alice, ["a", "b"]);
        Assert.Equal([0xDD, 0xDD], messages.SelectMany(message => message.Data.ToArray()));
    }

    [Fact]
    [Covers("API-212")]
    public void Behind_a_call_that_goes_on_the_bounds_of_the_queue_hold()
    {
        rig.SetHandler((message, token) => calls.Count == 0 ? Hold(message, token) : Note(message, token), Inline);
        rig.Deliver(Carol, "busy");
        for (var i = 0; i < Limits.HandlerQueueMessagesMax; i++)
            Assert.Equal(SinkResult.Taken, rig.Deliver(Alice, "a"));
        Assert.Equal(SinkResult.Busy, rig.Deliver(Alice, "late"));
        Assert.Equal(SinkResult.Busy, rig.Deliver(Bob, "b", inbox, 7));
        Assert.Equal((1, 1), (rig.Table.Counters.Dropped, rig.Table.Counters.Busy));
        inbox.WhenRoom = () => rig.Deliver(Bob, "b", inbox, 7);
        calls[0].SetResult();
        rig.Run();
        Assert.Equal([7ul], inbox.Handled);
        Assert.Equal(Limits.HandlerQueueMessagesMax + 1, seen.Count);
    }

    [Fact]
    public void A_call_that_fails_harms_no_other_of_the_batch()
    {
        rig.SetHandler(
            (message, token) => TextOf(message) switch
            {
                "1" => throw new FormatException("boom"),
                "2" => ValueTask.FromException(new FormatException("boom")),
                _ => Note(message, token),
            },
            Inline);
        rig.DeliverTogether(Alice, ["1", "2", "3"], inbox);
        Assert.Equal(["3"], seen);
        Assert.Equal([1ul, 2ul, 3ul], inbox.Handled);
        Assert.Equal(2, rig.Table.Counters.Failed);
    }

    [Fact]
    public void A_request_among_messages_is_answered_once()
    {
        var replies = new RecordingReplies();
        rig.SetHandler((message, token) => message.CanReply ? message.Reply("pong"u8.ToArray(), token) : Note(message, token), Inline);
        rig.Together(() =>
        {
            rig.Deliver(Alice, "1");
            rig.DeliverRequest(Alice, "ping", replies, 5);
            rig.Deliver(Alice, "2");
        });

        Assert.Equal(["1", "2"], seen);
        Assert.Equal([(Alice, 5ul, RequestStatus.Ok, "pong")], replies.Sent);
    }

    [Fact]
    [Covers("API-053")]
    public void A_handler_that_is_removed_by_itself_gets_nothing_more_of_the_batch()
    {
        rig.SetHandler(
            (message, token) =>
            {
                rig.Table.RemoveMessageHandler(Chat);
                return Note(message, token);
            },
            Inline);
        rig.DeliverTogether(Alice, ["1", "2", "3"], inbox);
        rig.Run();
        Assert.Equal(["1"], seen);
        Assert.Equal([1ul], inbox.Handled);
        Assert.Equal([2ul, 3ul], inbox.Dropped);
    }

    [Fact]
    [Covers("API-051", "API-054")]
    public void A_handler_that_becomes_an_ordinary_one_keeps_the_order()
    {
        rig.SetHandler(
            (message, token) =>
            {
                if (TextOf(message) == "1")
                {
                    rig.SetHandler(Note);
                    rig.Deliver(Alice, "3");
                }

                return Note(message, token);
            },
            Inline);
        rig.DeliverTogether(Alice, ["1", "2"]);
        Assert.Equal(["1", "2"], seen);
        rig.Run();
        Assert.Equal(["1", "2", "3"], seen);
    }

    [Fact]
    public void Closing_waits_for_inline_calls_that_are_about_to_be_made()
    {
        rig.SetHandler(Note, Inline);
        ValueTask drained;
        using (rig.Gate.Enter())
        {
            rig.Table.ConsumerOf(Chat)!.Offer(new IncomingMessage
            {
                From = Alice, Protocol = Chat, Data = "1"u8, Delivery = Delivery.Unreliable,
            });
            drained = rig.Table.Drain(default);
        }

        Assert.False(drained.IsCompleted);
        rig.Table.RunInline();
        rig.Run();
        Assert.True(drained.IsCompletedSuccessfully);
    }

    private static string[] Texts(int count) => [.. Enumerable.Range(0, count).Select(i => $"{i}")];

    private ValueTask Note(Message message, CancellationToken cancellationToken)
    {
        seen.Add(TextOf(message));
        return ValueTask.CompletedTask;
    }

    // A receive thread has no context; the one of the test runner would take the continuation elsewhere.
    private ValueTask Hold(Message message, CancellationToken cancellationToken)
    {
        SynchronizationContext.SetSynchronizationContext(null);
        messages.Add(message);
        calls.Add(new TaskCompletionSource());
        return new ValueTask(calls[^1].Task);
    }
}
