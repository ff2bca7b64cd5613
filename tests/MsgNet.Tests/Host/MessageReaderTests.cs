using MsgNet.Core;
using MsgNet.Testing;
using static MsgNet.Tests.HandlerRig;

namespace MsgNet.Tests.Host;

public sealed class MessageReaderTests
{
    private readonly HandlerRig rig = new();

    [Fact]
    [Covers("API-063")]
    public async Task It_subscribes_when_called_and_gives_owned_messages_in_order()
    {
        var reader = rig.Table.ReceiveMessages(Chat, default);
        Assert.True(rig.IsRegistered());
        rig.Deliver(Alice, "1");
        rig.Deliver(Bob, "2");
        rig.Deliver(Alice, "3");
        var messages = new List<Message>();
        var enumerator = reader.GetAsyncEnumerator();
        for (var i = 0; i < 3; i++)
        {
            var move = enumerator.MoveNextAsync();
            Assert.True(move.IsCompletedSuccessfully);
            Assert.True(await move);
            messages.Add(enumerator.Current);
        }

        Assert.Equal(["1", "2", "3"], messages.Select(TextOf));
    }

    [Fact]
    public async Task Waiting_ends_on_the_scheduler()
    {
        var enumerator = rig.Table.ReceiveMessages(Chat, default).GetAsyncEnumerator();
        var move = enumerator.MoveNextAsync().AsTask();
        rig.Deliver(Alice, "1");
        Assert.False(move.IsCompleted);
        rig.Run();
        Assert.True(move.IsCompletedSuccessfully);
        Assert.True(await move);
        Assert.Equal("1", TextOf(enumerator.Current));
        rig.Run();
        Assert.False(enumerator.MoveNextAsync().IsCompleted);
    }

    [Fact]
    [Covers("API-063", "API-066")]
    public async Task Disposing_unsubscribes_and_frees_the_protocol()
    {
        var inbox = new RecordingInbox();
        var replies = new RecordingReplies();
        var enumerator = rig.Table.ReceiveMessages(Chat, default).GetAsyncEnumerator();
        rig.Deliver(Alice, "1", inbox, 6);
        rig.DeliverRequest(Alice, "2", replies, 2);
        rig.Deliver(Alice, "unreliable");
        await enumerator.DisposeAsync();
        rig.Run();
        Assert.Equal(1, rig.Table.Counters.Removed);
        Assert.False(rig.IsRegistered());
        Assert.Equal(SinkResult.NoHandler, rig.Deliver(Alice, "3"));
        Assert.Equal([6ul], inbox.Dropped);
        Assert.Equal(RequestStatus.ProtocolNotSupported, Assert.Single(replies.Sent).Status);
        Assert.False(await enumerator.MoveNextAsync());
        rig.SetHandler((_, _) => ValueTask.CompletedTask);
        await enumerator.DisposeAsync();
        Assert.True(rig.IsRegistered());
    }

    [Theory]
    [Covers("API-063")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelling_either_token_ends_a_wait_and_the_subscription(bool ofEnumeration)
    {
        using var source = new CancellationTokenSource();
        var enumerator = rig.Table.ReceiveMessages(Chat, ofEnumeration ? default : source.Token)
            .GetAsyncEnumerator(ofEnumeration ? source.Token : default);
        var move = enumerator.MoveNextAsync().AsTask();
        await source.CancelAsync();
        Assert.False(move.IsCompleted);
        rig.Run();
        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => move);
        Assert.Equal(source.Token, thrown.CancellationToken);
        Assert.True(enumerator.MoveNextAsync().IsCanceled);
        Assert.False(rig.IsRegistered());
    }

    [Fact]
    public void Cancelling_before_enumerating_frees_the_protocol()
    {
        using var source = new CancellationTokenSource();
        rig.Table.ReceiveMessages(Chat, source.Token);
        source.Cancel();
        Assert.False(rig.IsRegistered());
        Assert.Throws<OperationCanceledException>(() => rig.Table.ReceiveMessages(Chat, source.Token));
    }

    [Fact]
    public async Task Closing_the_host_lets_the_reader_finish_what_is_queued()
    {
        var enumerator = rig.Table.ReceiveMessages(Chat, default).GetAsyncEnumerator();
        rig.Deliver(Alice, "1");
        rig.Table.Close();
        Assert.True(await enumerator.MoveNextAsync());
        Assert.False(await enumerator.MoveNextAsync());
    }

    [Fact]
    public async Task Closing_the_host_ends_a_wait()
    {
        var move = rig.Table.ReceiveMessages(Chat, default).GetAsyncEnumerator().MoveNextAsync().AsTask();
        rig.Table.Close();
        rig.Run();
        Assert.True(move.IsCompletedSuccessfully);
        Assert.False(await move);
    }

    [Fact]
    public async Task The_bounds_are_those_of_a_handler()
    {
        var inbox = new RecordingInbox();
        var enumerator = rig.Table.ReceiveMessages(Chat, default).GetAsyncEnumerator();
        for (var i = 0; i < Limits.HandlerQueueMessagesMax; i++)
            Assert.Equal(SinkResult.Taken, rig.Deliver(Alice, "x"));
        Assert.Equal(SinkResult.Busy, rig.Deliver(Alice, "x"));
        Assert.Equal(SinkResult.Busy, rig.Deliver(Bob, "b", inbox, 1));
        Assert.Equal((1, 1), (rig.Table.Counters.Dropped, rig.Table.Counters.Busy));
        Assert.True(await enumerator.MoveNextAsync());
        Assert.Equal([Chat], inbox.Rooms);
    }

    [Fact]
    public async Task A_reliable_message_is_handled_when_it_is_read()
    {
        var inbox = new RecordingInbox();
        var enumerator = rig.Table.ReceiveMessages(Chat, default).GetAsyncEnumerator();
        rig.Deliver(Alice, "1", inbox, 8);
        Assert.Empty(inbox.Handled);
        await enumerator.MoveNextAsync();
        Assert.Equal([8ul], inbox.Handled);
    }

    [Fact]
    public async Task A_request_can_be_answered_after_the_next_message_was_read()
    {
        var replies = new RecordingReplies();
        var enumerator = rig.Table.ReceiveMessages(Chat, default).GetAsyncEnumerator();
        rig.DeliverRequest(Alice, "1", replies, 1);
        rig.Deliver(Alice, "2");
        await enumerator.MoveNextAsync();
        var request = enumerator.Current;
        await enumerator.MoveNextAsync();
        Assert.Empty(replies.Sent);
        await request.Reply("late"u8.ToArray());
        Assert.Equal([(Alice, 1ul, RequestStatus.Ok, "late")], replies.Sent);
    }

    [Fact]
    public void It_is_enumerated_once_and_one_step_at_a_time()
    {
        var reader = rig.Table.ReceiveMessages(Chat, default);
        var enumerator = reader.GetAsyncEnumerator();
        Assert.Throws<InvalidOperationException>(() => reader.GetAsyncEnumerator());
        Assert.False(enumerator.MoveNextAsync().IsCompleted);
        Assert.Throws<InvalidOperationException>(() => { _ = enumerator.MoveNextAsync(); });
    }
}
