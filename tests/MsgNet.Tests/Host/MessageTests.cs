using MsgNet.Testing;

namespace MsgNet.Tests.Host;

public sealed class MessageTests
{
    private readonly RecordingReplies replies = new();

    [Fact]
    [Covers("API-072")]
    public void The_default_message_is_empty_and_cannot_be_answered()
    {
        var message = default(Message);
        Assert.False(message.CanReply);
        Assert.True(message.Data.IsEmpty);
        Assert.Throws<InvalidOperationException>(() => { _ = message.Reply("x"u8.ToArray()); });
    }

    [Fact]
    [Covers("REQ-017")]
    public void A_reply_goes_to_the_requester_once()
    {
        var message = Request();
        Assert.True(message.CanReply);
        Assert.True(message.Reply("yes"u8.ToArray()).IsCompletedSuccessfully);
        Assert.False(message.CanReply);
        var thrown = Assert.Throws<InvalidOperationException>(() => { _ = message.Reply("no"u8.ToArray()); });
        Assert.Contains("reply once", thrown.Message, StringComparison.Ordinal);
        Assert.Equal([(HandlerRig.Alice, 7ul, RequestStatus.Ok, "yes")], replies.Sent);
    }

    [Fact]
    [Covers("REQ-015")]
    public void A_reply_that_is_too_large_tells_both_sides()
    {
        var message = Request();
        var thrown = Assert.Throws<MessageTooLargeException>(() => { _ = message.Reply(new byte[101]); });
        Assert.Equal((101, 100), (thrown.Size, thrown.Limit));
        Assert.Equal([(HandlerRig.Alice, 7ul, RequestStatus.ReplyTooLarge, "")], replies.Sent);
    }

    [Fact]
    public void The_largest_reply_fits()
    {
        Assert.True(Request().Reply(new byte[100]).IsCompletedSuccessfully);
        Assert.Equal(RequestStatus.Ok, Assert.Single(replies.Sent).Status);
    }

    [Fact]
    public void A_cancelled_reply_is_not_sent_and_can_be_sent_again()
    {
        var message = Request();
        Assert.True(message.Reply(default, new CancellationToken(canceled: true)).IsCanceled);
        Assert.True(message.CanReply);
        Assert.Empty(replies.Sent);
    }

    [Fact]
    [Covers("API-062")]
    public void Copies_share_the_one_answer_and_not_the_bytes()
    {
        byte[] bytes = [1, 2, 3];
        var message = new Message(HandlerRig.Alice, HandlerRig.Chat, bytes, Delivery.Reliable, early: true, Context());
        var owned = message.ToOwned();
        bytes[0] = 9;
        Assert.Equal([1, 2, 3], owned.Data.ToArray());
        Assert.Equal(
            (message.From, message.Protocol, message.Delivery, message.Early, true),
            (owned.From, owned.Protocol, owned.Delivery, owned.Early, owned.CanReply));
        Assert.True(owned.Reply("ok"u8.ToArray()).IsCompletedSuccessfully);
        Assert.False(message.CanReply);
    }

    private RequestContext Context() => new(replies, HandlerRig.Alice, 7);

    private Message Request() => new(HandlerRig.Alice, HandlerRig.Chat, default, Delivery.Unreliable, early: false, Context());
}
