using MsgNet.Testing;
using static MsgNet.Tests.MemoryHosts;

namespace MsgNet.Tests.Memory;

/// <summary>Several messages in one call, within the process.</summary>
public class BatchSendTests
{
    private const int Big = 100_000;
    private static readonly ProtocolId Chat = "/chat/1.0";
    private readonly Dictionary<byte, TaskCompletionSource> calls = [];
    private readonly List<byte> got = [];

    [Fact]
    [Covers("API-101", "API-220")]
    public void Messages_arrive_in_order_and_those_without_room_wait_in_line()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, message => got.Add(message.Data.Span[0]));
        var send = a.SendMessages(b.Id, Chat, Batch(0, 30, Big), SendOptions.Ordered).AsTask();
        var next = a.SendMessage(b.Id, Chat, new byte[] { 30 }, SendOptions.Ordered).AsTask();
        Assert.False(send.IsCompleted);
        platform.Manual.Run();

        Assert.True(send.IsCompletedSuccessfully);
        Assert.True(next.IsCompletedSuccessfully);
        Assert.Equal(Enumerable.Range(0, 31).Select(number => (byte)number), got);
    }

    [Theory]
    [Covers("API-220")]
    [InlineData(3, 10)]
    [InlineData(12, Big)]
    public void With_WaitForDelivery_it_ends_when_all_handlers_have_in_any_order(int count, int size)
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, Hold, new HandlerOptions { Concurrency = 1024 });
        var tracked = new SendOptions { Delivery = Delivery.ReliableOrdered, WaitForDelivery = true };
        var send = a.SendMessages(b.Id, Chat, Batch(0, count, size), tracked).AsTask();
        platform.Manual.Run();
        for (var done = 0; done < count; done++)
        {
            Assert.False(send.IsCompleted);
            var last = calls.Keys.Max();
            Assert.True(calls.Remove(last, out var call));
            call.SetResult();
            platform.Manual.Run();
        }

        Assert.True(send.IsCompletedSuccessfully);
        Assert.Equal(count, got.Count);
    }

    [Fact]
    [Covers("API-220", "API-221")]
    public void TrySendMessages_takes_what_has_room_and_nothing_when_one_is_too_large()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, message => got.Add(message.Data.Span[0]));
        var session = a.OpenSession(b.Id, Chat, SendOptions.Ordered);
        ReadOnlyMemory<byte>[] tooLarge = [new byte[1], new byte[(1 << 20) + 1]];

        Assert.Throws<MessageTooLargeException>(() => session.TrySendMessages(tooLarge));
        Assert.IsType<MessageTooLargeException>(session.SendMessages(tooLarge).AsTask().Exception!.InnerException);
        Assert.Equal(0, session.TrySendMessages([]));
        Assert.Equal(2, session.TrySendMessages(Batch(0, 3, Big).Span));
        platform.Manual.Run();
        Assert.Equal([0, 1], got);
    }

    [Fact]
    [Covers("API-222")]
    public void Cancelled_in_the_middle_it_says_how_many_were_accepted()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, Hold);
        using var cancellation = new CancellationTokenSource();
        var send = a.SendMessages(b.Id, Chat, Batch(0, 10, Big), SendOptions.Ordered, cancellation.Token).AsTask();
        cancellation.Cancel();
        platform.Manual.Run();

        var error = Assert.IsType<PartlySentException>(send.Exception!.InnerException);
        Assert.Equal((2, 10), (error.Accepted, error.Count));
    }

    private static ReadOnlyMemory<ReadOnlyMemory<byte>> Batch(int first, int count, int size)
    {
        var messages = new ReadOnlyMemory<byte>[count];
        for (var i = 0; i < count; i++)
        {
            var data = new byte[size];
            data[0] = (byte)(first + i);
            messages[i] = data;
        }

        return messages;
    }

    private ValueTask Hold(Message message, CancellationToken cancellationToken)
    {
        got.Add(message.Data.Span[0]);
        var call = new TaskCompletionSource();
        calls.Add(message.Data.Span[0], call);
        return new ValueTask(call.Task);
    }
}
