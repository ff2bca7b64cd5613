using MsgNet.Core;
using MsgNet.Testing;
using static MsgNet.Simulation.Tests.Lanes.LaneWorld;

namespace MsgNet.Simulation.Tests.Lanes;

/// <summary>What one call with several messages promises (<c>specs/api.md</c> 3), by datagrams and by lanes.</summary>
public class BatchSendTests
{
    private const int Big = 100_000;

    [Theory]
    [Covers("API-220")]
    [InlineData(Delivery.Unreliable)]
    [InlineData(Delivery.Reliable)]
    [InlineData(Delivery.ReliableOrdered)]
    public void Messages_are_accepted_at_once_packed_together_and_arrive_in_order(Delivery delivery)
    {
        var world = new LaneWorld();
        Connect(world);
        var before = world.NodeOfA.Counters.DatagramsSent;

        var send = Send(world, Batch(0, 200), new SendOptions { Delivery = delivery });
        Assert.True(send.IsCompletedSuccessfully);
        Assert.InRange(world.NodeOfA.Counters.DatagramsSent - before, 1, 4); // of 200
        world.Run(1);

        Assert.Equal(Enumerable.Range(0, 200), world.Got);
    }

    [Theory]
    [Covers("API-220")]
    [InlineData(Delivery.Unreliable, 1_200, 200)]
    [InlineData(Delivery.ReliableOrdered, 40, Big)]
    public void What_has_no_room_waits_for_it_in_line(Delivery delivery, int count, int size)
    {
        var world = new LaneWorld();
        var options = new SendOptions { Delivery = delivery };
        var send = Send(world, Batch(0, count, size), options);
        var next = world.Send(count, options);
        Assert.False(send.IsCompleted);
        Assert.False(next.IsCompleted);
        world.Run(30);

        Assert.True(send.IsCompletedSuccessfully);
        Assert.True(next.IsCompletedSuccessfully);
        Assert.Equal(Enumerable.Range(0, count + 1), world.Got);
    }

    [Theory]
    [Covers("API-220")]
    [InlineData(Delivery.Reliable)]
    [InlineData(Delivery.ReliableOrdered)]
    public void With_WaitForDelivery_it_ends_with_the_last_handler(Delivery delivery)
    {
        var world = new LaneWorld();
        world.Hold();
        var send = Send(world, Batch(0, 10, Big), new SendOptions { Delivery = delivery, WaitForDelivery = true });
        for (var done = 0; done < 10; done++)
        {
            world.Run(2);
            Assert.False(send.IsCompleted);
            world.Release();
        }

        world.Run(2);
        Assert.True(send.IsCompletedSuccessfully);
        Assert.Equal(10, world.Got.Count);
    }

    [Fact]
    [Covers("API-220")]
    public void TrySendMessages_takes_the_first_that_have_room_and_tells_how_many()
    {
        var world = new LaneWorld();
        world.Hold();
        var session = world.Open(SendOptions.Ordered);
        Assert.Equal(0, session.TrySendMessages([]));
        Assert.Equal(2, session.TrySendMessages(Batch(0, 5, Big).Span));
        Assert.Equal(0, session.TrySendMessages(Batch(2, 5, Big).Span));
        var datagrams = world.Open(SendOptions.Unreliable);
        Assert.InRange(datagrams.TrySendMessages(Batch(0, 70_000).Span), Limits.QueueMessagesMax, 69_999);
    }

    [Theory]
    [Covers("API-220")]
    [InlineData(Delivery.Unreliable, false)]
    [InlineData(Delivery.ReliableOrdered, false)]
    [InlineData(Delivery.ReliableOrdered, true)]
    public void No_messages_are_sent_at_once(Delivery delivery, bool waitForDelivery)
    {
        var world = new LaneWorld();
        var options = new SendOptions { Delivery = delivery, WaitForDelivery = waitForDelivery };
        Assert.True(Send(world, default, options).IsCompletedSuccessfully);
        world.Run(1);
        Assert.Empty(world.Got);
    }

    [Theory]
    [Covers("API-221")]
    [InlineData(Delivery.Unreliable, Limits.UnreliableMessageMax)]
    [InlineData(Delivery.Reliable, Limits.ReliableMessageDefault)]
    public void One_that_is_too_large_keeps_all_from_being_sent(Delivery delivery, int limit)
    {
        var world = new LaneWorld();
        var options = new SendOptions { Delivery = delivery };
        ReadOnlyMemory<byte>[] messages = [Numbered(1), Numbered(2), new byte[limit + 1]];
        var session = world.Open(options);

        var error = Failure<MessageTooLargeException>(Send(world, messages, options));
        Assert.Equal((limit + 1L, (long)limit), (error.Size, error.Limit));
        Failure<MessageTooLargeException>(session.SendMessages(messages).AsTask());
        Assert.Throws<MessageTooLargeException>(() => session.TrySendMessages(messages));
        world.Run(1);
        Assert.Empty(world.Got);

        messages[2] = new byte[limit];
        Assert.True(Send(world, messages, options).IsCompletedSuccessfully);
        world.Run(5);
        Assert.Equal([1, 2, 0], world.Got);
    }

    [Fact]
    [Covers("API-222")]
    public void Cancelled_in_the_middle_it_says_how_many_were_accepted_and_those_arrive()
    {
        var world = new LaneWorld();
        using var cancellation = new CancellationTokenSource();
        var send = world.A.Host.SendMessages(world.B.Id, Chat, Batch(0, 10, Big), SendOptions.Ordered, cancellation.Token).AsTask();
        var behind = world.A.Host.SendMessages(world.B.Id, Chat, Batch(90, 5, Big), SendOptions.Ordered, cancellation.Token).AsTask();
        world.Do(cancellation.Cancel);
        world.Run(0.001);

        var error = Failure<PartlySentException>(send);
        Assert.Equal((2, 10), (error.Accepted, error.Count));
        Assert.Equal(cancellation.Token, Assert.IsType<OperationCanceledException>(error.InnerException).CancellationToken);
        Assert.Contains("first 2 of 10", error.Message, StringComparison.Ordinal);
        Assert.True(behind.IsCanceled); // nothing of it was sent
        world.Run(10);
        Assert.Equal([0, 1], world.Got);
    }

    [Fact]
    [Covers("API-222")]
    public void A_token_cancelled_before_the_call_sends_nothing()
    {
        var world = new LaneWorld();
        var cancelled = new CancellationToken(true);
        Assert.True(world.A.Host.SendMessages(world.B.Id, Chat, Batch(0, 3), SendOptions.Ordered, cancelled).AsTask().IsCanceled);
        Assert.True(world.Open(SendOptions.Ordered).SendMessages(Batch(0, 3), cancelled).AsTask().IsCanceled);
        world.Run(1);
        Assert.Empty(world.Got);
    }

    [Fact]
    [Covers("API-222")]
    public void A_session_closed_in_the_middle_says_how_many_it_took_and_delivers_them()
    {
        var world = new LaneWorld();
        var session = world.Open(SendOptions.Ordered);
        var send = session.SendMessages(Batch(0, 10, Big)).AsTask();
        world.Do(() => _ = session.DisposeAsync());
        world.Run(0.001);

        var error = Failure<PartlySentException>(send);
        Assert.Equal(2, error.Accepted);
        Assert.Equal(PeerLoss.ClosedLocally, Assert.IsType<SessionLostException>(error.InnerException).Reason);
        world.Run(10);
        Assert.Equal([0, 1], world.Got);
        Assert.True(session.Completion.IsCompletedSuccessfully);
        var late = session.SendMessages(Batch(0, 2)).AsTask();
        world.Run(1);
        Failure<ObjectDisposedException>(late);
    }

    [Theory]
    [Covers("API-222")]
    [InlineData(Delivery.Unreliable, 5_000, 4)]
    [InlineData(Delivery.ReliableOrdered, 10, Big)]
    public void A_peer_that_is_not_there_fails_it_with_the_reason_inside(Delivery delivery, int count, int size)
    {
        var world = new LaneWorld();
        world.B.Crash();
        var send = Send(world, Batch(0, count, size), new SendOptions { Delivery = delivery });
        world.Run(60);

        var error = Failure<PartlySentException>(send);
        Assert.InRange(error.Accepted, 1, count - 1);
        Assert.IsType<PeerUnreachableException>(error.InnerException);
    }

    [Fact]
    [Covers("API-040", "API-222")]
    public void What_was_accepted_and_not_delivered_is_told_to_who_waits_for_that()
    {
        var world = new LaneWorld();
        world.Hold();
        var send = Send(world, Batch(0, 3), Tracked);
        world.Run(1);
        world.B.Crash();
        world.Run(60);

        Assert.True(Failure<SessionLostException>(send).MaybeDelivered);
    }

    [Fact]
    [Covers("API-005")]
    public void Wrong_use_throws_at_the_call()
    {
        var world = new LaneWorld();
        var host = world.A.Host;
        Assert.Throws<ArgumentException>(() => { _ = host.SendMessages(default, Chat, Batch(0, 1), SendOptions.Ordered); });
        Assert.Throws<ArgumentException>(() => { _ = host.SendMessages(host.Id, Chat, Batch(0, 1), SendOptions.Ordered); });
        Assert.Throws<ArgumentNullException>(() => { _ = host.SendMessages(world.B.Id, Chat, Batch(0, 1), null!); });
    }

    private static void Connect(LaneWorld world)
    {
        _ = world.Send(0, SendOptions.Unreliable);
        world.Run(1);
        world.Got.Clear();
    }

    private static ReadOnlyMemory<ReadOnlyMemory<byte>> Batch(int first, int count, int size = 4) =>
        Enumerable.Range(first, count).Select(number => (ReadOnlyMemory<byte>)Numbered(number, size)).ToArray();

    private static Task Send(LaneWorld world, ReadOnlyMemory<ReadOnlyMemory<byte>> messages, SendOptions options) =>
        world.A.Host.SendMessages(world.B.Id, Chat, messages, options).AsTask();
}
