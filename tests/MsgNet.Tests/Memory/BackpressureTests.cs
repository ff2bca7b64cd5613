using MsgNet.Testing;
using static MsgNet.Tests.MemoryHosts;

namespace MsgNet.Tests.Memory;

/// <summary>What waits, in which order, and what ends the wait; time and work move when the test says so.</summary>
public class BackpressureTests
{
    private const int Big = 100_000;
    private static readonly ProtocolId Chat = "/chat/1.0";
    private static readonly SendOptions Tracked = new() { Delivery = Delivery.ReliableOrdered, WaitForDelivery = true };
    private readonly Queue<TaskCompletionSource> calls = [];
    private readonly List<byte> got = [];

    [Fact]
    [Covers("API-101")]
    public void A_stuck_handler_makes_the_sender_wait_and_loses_nothing()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, Hold);
        var sends = Enumerable.Range(0, 40).Select(i => Send(a, b, (byte)i, Big)).ToArray();
        platform.Manual.Run();

        // One runs and its queue holds 1 MiB; the channel holds 256 KiB; the rest of 4 MB waits with its senders.
        Assert.Single(calls);
        var accepted = sends.Count(send => send.IsCompletedSuccessfully);
        Assert.InRange(accepted, 3, 20);
        Assert.All(sends[accepted..], send => Assert.False(send.IsCompleted));

        while (calls.TryDequeue(out var call))
        {
            call.SetResult();
            platform.Manual.Run();
        }

        Assert.All(sends, send => Assert.True(send.IsCompletedSuccessfully));
        Assert.Equal(Enumerable.Range(0, 40).Select(i => (byte)i), got);
    }

    [Fact]
    public void A_message_of_any_allowed_size_enters_an_empty_channel()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, Hold);

        var send = Send(a, b, 1, 1 << 20);
        platform.Manual.Run();

        Assert.True(send.IsCompletedSuccessfully);
        Assert.Equal([1], got);
    }

    [Covers("API-033")]
    [Fact]
    public void TrySend_says_no_instead_of_waiting()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, Hold);
        var session = a.OpenSession(b.Id, Chat, SendOptions.Ordered);

        Assert.True(session.TrySend(new byte[Big]));
        Assert.True(session.TrySend(new byte[Big]));
        Assert.False(session.TrySend(new byte[Big]));
        platform.Manual.Run();
        Assert.True(session.TrySend(new byte[Big]));
    }

    [Fact]
    public void Cancelling_a_send_that_waits_takes_it_out_of_the_line_alone()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, Hold);
        var session = a.OpenSession(b.Id, Chat, SendOptions.Ordered);
        while (session.TrySend(new byte[Big]))
        {
        }

        using var cancellation = new CancellationTokenSource();
        var cancelled = session.SendMessage(Message(77, Big), cancellation.Token).AsTask();
        var kept = session.SendMessage(Message(78, Big)).AsTask();

        cancellation.Cancel();
        platform.Manual.Run();
        Assert.True(cancelled.IsCanceled);
        Drain(platform);
        Assert.True(kept.IsCompletedSuccessfully);
        Assert.DoesNotContain((byte)77, got);
        Assert.Contains((byte)78, got);
    }

    [Fact]
    public void The_context_of_a_caller_that_waits_for_room_is_left_alone()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, Hold);
        var session = a.OpenSession(b.Id, Chat, SendOptions.Ordered);
        while (session.TrySend(new byte[Big]))
        {
        }

        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new ForbiddenContext());
        Task waiting;
        try
        {
            waiting = session.SendMessage(Message(1, Big)).AsTask();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        platform.Manual.Run();
        Drain(platform);

        Assert.True(waiting.IsCompletedSuccessfully);
    }

    [Covers("API-035")]
    [Fact]
    public void A_token_cancelled_before_the_call_sends_nothing()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, Hold);

        Assert.True(a.SendMessage(b.Id, Chat, new byte[1], new CancellationToken(true)).IsCanceled);
        platform.Manual.Run();

        Assert.Empty(got);
    }

    [Covers("API-040")]
    [Fact]
    public void WaitForDelivery_ends_when_the_peers_handler_does_also_by_throwing()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, Hold);
        var first = a.SendMessage(b.Id, Chat, Message(1, 10), Tracked).AsTask();
        var second = a.SendMessage(b.Id, Chat, Message(2, 10), Tracked).AsTask();
        platform.Manual.Run();
        Assert.False(first.IsCompleted);

        calls.Dequeue().SetResult();
        platform.Manual.Run();
        Assert.True(first.IsCompletedSuccessfully);
        Assert.False(second.IsCompleted);

        calls.Dequeue().SetException(new InvalidOperationException("the handler's own trouble"));
        platform.Manual.Run();
        Assert.True(second.IsCompletedSuccessfully);
    }

    [Fact]
    public void WaitForDelivery_behind_a_full_channel_waits_for_room_and_then_for_the_handler()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, Hold);
        var sends = Enumerable.Range(0, 20).Select(i => a.SendMessage(b.Id, Chat, Message((byte)i, Big), Tracked).AsTask()).ToArray();
        platform.Manual.Run();
        Assert.All(sends, send => Assert.False(send.IsCompleted));

        for (var done = 0; done < sends.Length; done++)
        {
            calls.Dequeue().SetResult();
            platform.Manual.Run();
            Assert.Equal(done + 1, sends.Count(send => send.IsCompletedSuccessfully));
        }
    }

    [Fact]
    public void WaitForDelivery_fails_as_maybe_delivered_when_the_peer_closes()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, Hold);
        var send = a.SendMessage(b.Id, Chat, Message(1, 10), Tracked).AsTask();
        platform.Manual.Run();

        _ = b.Network.ClosePeer(a.Id).AsTask();
        platform.Manual.Run();

        var error = Assert.IsType<SessionLostException>(send.Exception!.InnerException);
        Assert.True(error.MaybeDelivered);
    }

    [Fact]
    public void A_handler_that_is_removed_ends_held_messages_with_ProtocolNotSupported()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, Hold);
        var session = a.OpenSession(b.Id, Chat, SendOptions.Ordered);
        var sends = Enumerable.Range(0, 30).Select(i => session.SendMessage(Message((byte)i, Big)).AsTask()).ToArray();
        platform.Manual.Run();

        b.RemoveMessageHandler(Chat);
        platform.Manual.Run();

        Assert.IsType<ProtocolNotSupportedException>(session.Completion.Exception!.InnerException);
        Assert.All(sends, send => Assert.True(send.IsCompleted));
        Assert.IsType<ProtocolNotSupportedException>(sends[^1].Exception!.InnerException);
    }

    private static byte[] Message(byte first, int length)
    {
        var data = new byte[length];
        data[0] = first;
        return data;
    }

    private static Task Send(MessageHost a, MessageHost b, byte first, int length) =>
        a.SendMessage(b.Id, Chat, Message(first, length), SendOptions.Ordered).AsTask();

    private ValueTask Hold(Message message, CancellationToken cancellationToken)
    {
        got.Add(message.Data.Span[0]);
        var call = new TaskCompletionSource();
        calls.Enqueue(call);
        return new ValueTask(call.Task);
    }

    private void Drain(FakePlatform platform)
    {
        while (calls.TryDequeue(out var call))
        {
            call.SetResult();
            platform.Manual.Run();
        }
    }

    private sealed class ForbiddenContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) =>
            throw new InvalidOperationException("Work of the library came to the context of its caller.");

        public override void Send(SendOrPostCallback d, object? state) => Post(d, state);
    }
}
