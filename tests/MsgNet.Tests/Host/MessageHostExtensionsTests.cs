using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using MsgNet.Testing;
using static MsgNet.Tests.HandlerRig;

namespace MsgNet.Tests.Host;

/// <summary>Every shape a user writes compiles and means what it looks like.</summary>
public sealed class MessageHostExtensionsTests : IDisposable
{
    private readonly HandlerRig rig = new();
    private readonly RecordingReplies replies = new();
    private readonly List<string> seen = [];
    private readonly IMessageHost host;
    private readonly FakeHost fake;

    public MessageHostExtensionsTests() => host = fake = new FakeHost(rig);

    public void Dispose() => rig.Table.Close();

    [Fact]
    [Covers("API-002")]
    public void A_handler_may_return_nothing()
    {
        host.SetMessageHandler("/chat/1", m => seen.Add(TextOf(m)));
        DeliverAndRun("expression");
        host.SetMessageHandler("/chat/1", m => { seen.Add(TextOf(m)); });
        DeliverAndRun("block");
        host.SetMessageHandler("/chat/1", Note);
        DeliverAndRun("method");
        Assert.Equal(["expression", "block", "method"], seen);

        void Note(Message m) => seen.Add(TextOf(m));
    }

    [Fact]
    [Covers("API-002")]
    public void An_async_handler_of_a_message_is_awaited()
    {
        var gate = new TaskCompletionSource();
        host.SetMessageHandler("/chat/1", async m =>
        {
            await gate.Task;
            seen.Add(TextOf(m));
        });
        DeliverAndRun("1");
        Assert.Empty(seen);
        gate.SetResult();
        rig.Run();
        Assert.Equal(["1"], seen);
    }

    [Fact]
    public void An_async_handler_that_throws_is_a_failure_and_not_an_async_void()
    {
        host.SetMessageHandler("/chat/1", async m =>
        {
            await Task.Yield();
            throw new FormatException(TextOf(m));
        });
        DeliverAndRun("1");
        Assert.Equal(1, rig.Table.Counters.Failed);
    }

    [Fact]
    public void A_handler_may_return_the_task_of_its_reply()
    {
        host.SetMessageHandler("/chat/1", m => m.Reply(m.Data));
        rig.DeliverRequest(Alice, "echo", replies, 1);
        rig.Run();
        Assert.Equal([(Alice, 1ul, RequestStatus.Ok, "echo")], replies.Sent);
    }

    [Fact]
    [Covers("API-002")]
    public void A_handler_may_take_the_token()
    {
        host.SetMessageHandler("/chat/1", async (m, ct) =>
        {
            await Task.Yield();
            seen.Add($"{TextOf(m)} {ct.CanBeCanceled}");
        });
        DeliverAndRun("1");
        host.SetMessageHandler("/chat/1", (m, ct) => ValueTask.CompletedTask);
        Assert.Equal(["1 True"], seen);
    }

    [Fact]
    public void Options_go_with_every_shape()
    {
        var inline = new HandlerOptions { Inline = true };
        host.SetMessageHandler("/chat/1", m => seen.Add("action"), inline);
        rig.Deliver(Alice, "x");
        host.SetMessageHandler("/chat/1", async m => seen.Add("func"), inline);
        rig.Deliver(Alice, "x");
        host.SetMessageHandler("/chat/1", async (m, ct) => seen.Add("token"), inline);
        rig.Deliver(Alice, "x");
        Assert.Equal(["action", "func", "token"], seen);
    }

    [Fact]
    [Covers("API-004", "API-073")]
    public void A_request_handler_answers_with_its_result()
    {
        host.SetRequestHandler("/chat/1", async (m, ct) =>
        {
            await Task.Yield();
            return m.Data.ToArray();
        });
        rig.DeliverRequest(Alice, "echo", replies, 1);
        rig.Deliver(Alice, "no request");
        rig.Run();
        Assert.Equal([(Alice, 1ul, RequestStatus.Ok, "echo")], replies.Sent);
        Assert.Equal(0, rig.Table.Counters.Failed);
    }

    [Fact]
    public void A_request_handler_whose_result_is_too_large_fails_and_tells_the_peer()
    {
        host.SetRequestHandler("/chat/1", (_, _) => ValueTask.FromResult<ReadOnlyMemory<byte>>(new byte[101]));
        rig.DeliverRequest(Alice, "x", replies, 1);
        rig.Run();
        Assert.Equal([(Alice, 1ul, RequestStatus.ReplyTooLarge, "")], replies.Sent);
        Assert.IsType<MessageTooLargeException>(Assert.Single(rig.Logger.Entries).Exception);
    }

    [Fact]
    [Covers("API-002", "API-004")]
    public async Task Every_kind_of_bytes_can_be_sent()
    {
        byte[] array = [1, 2];
        ReadOnlyMemory<byte> memory = array;
        await host.SendMessage(Alice, "/chat/1", "hi"u8);
        await host.SendMessage(Alice, "/chat/1", array);
        await host.SendMessage(Alice, "/chat/1", memory);
        await host.SendMessage(Alice, "/chat/1", array.AsMemory(1));
        await host.SendMessage(Alice, "/chat/1", array.AsSpan(1));
        await host.SendMessage(Alice, "/chat/1", [7]);
        await host.SendMessage(Alice, "/chat/1", "hi"u8, SendOptions.Ordered);
        await host.SendMessage(Alice, "/chat/1", array, SendOptions.Reliable);
        Assert.Equal(["6869", "0102", "0102", "02", "02", "07", "6869", "0102"], fake.Sent.Select(sent => Convert.ToHexString(sent.Data)));
        Assert.Equal((Delivery.ReliableOrdered, Delivery.Reliable), (fake.Sent[6].Delivery, fake.Sent[7].Delivery));
        Assert.All(fake.Sent, sent => Assert.Equal((Alice, Chat), (sent.Peer, sent.Protocol)));
    }

    [Fact]
    public async Task A_span_that_has_to_wait_is_the_callers_again_at_once()
    {
        var gate = new TaskCompletionSource();
        fake.Sending = gate.Task;
        var sending = host.SendMessage(Alice, "/chat/1", "hi"u8);
        Assert.False(sending.IsCompleted);
        gate.SetException(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(async () => await sending);
    }

    [Fact]
    [Covers("API-004")]
    public async Task Protobuf_messages_travel()
    {
        await host.SendMessage(Alice, "/chat/1", new StringValue { Value = "hello" });
        await host.SendMessage(Alice, "/chat/1", new StringValue { Value = "sure" }, SendOptions.Reliable);
        Assert.Equal(Delivery.Reliable, fake.Sent[1].Delivery);
        host.SetMessageHandler<StringValue>("/chat/1", async (from, value) =>
        {
            await Task.Yield();
            Assert.Equal(Alice, from);
            seen.Add(value.Value);
        });
        foreach (var sent in fake.Sent)
            rig.Deliver(Alice, sent.Data);
        rig.Run();
        Assert.Equal(["hello", "sure"], seen);
    }

    [Fact]
    public void Protobuf_handlers_may_have_typed_parameters_and_options()
    {
        host.SetMessageHandler(
            "/chat/1",
            (PeerId from, StringValue value) =>
            {
                seen.Add(value.Value);
                return ValueTask.CompletedTask;
            },
            new HandlerOptions { Inline = true });
        rig.Deliver(Alice, new StringValue { Value = "typed" }.ToByteArray());
        Assert.Equal(["typed"], seen);
    }

    [Fact]
    [Covers("API-004")]
    public void Malformed_protobuf_is_the_senders_fault()
    {
        host.SetMessageHandler<StringValue>("/chat/1", (_, _) => throw new InvalidOperationException("Not reached."));
        rig.Deliver(Alice, [0xFF, 0xFF]);
        rig.DeliverRequest(Alice, "\u007f", replies, 1);
        rig.Run();
        Assert.Equal((2, 0), (rig.Table.Counters.Malformed, rig.Table.Counters.Failed));
        Assert.Equal((1, 0), (rig.Logger.CountOf(1004), rig.Logger.CountOf(1000)));
        Assert.Equal([(Alice, 1ul, RequestStatus.HandlerFailed, "")], replies.Sent);
    }

    [Fact]
    [Covers("API-005")]
    public void Nulls_are_refused_at_once()
    {
        Assert.Throws<ArgumentNullException>(() => host.SetMessageHandler(Chat, (Action<Message>)null!));
        Assert.Throws<ArgumentNullException>(() => host.SetMessageHandler(Chat, (Func<Message, ValueTask>)null!));
        Assert.Throws<ArgumentNullException>(() => host.SetRequestHandler(Chat, null!));
        Assert.Throws<ArgumentNullException>(() => { _ = host.SendMessage(Alice, Chat, (IMessage)null!); });
        Assert.Throws<ArgumentNullException>(() => { _ = ((IMessageHost)null!).SendMessage(Alice, Chat, "x"u8); });
    }

    private void DeliverAndRun(string text)
    {
        rig.Deliver(Alice, text);
        rig.Run();
    }
}
