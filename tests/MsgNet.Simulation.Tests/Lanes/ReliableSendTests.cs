using MsgNet.Core;
using MsgNet.Testing;
using static MsgNet.Simulation.Tests.Lanes.LaneWorld;

namespace MsgNet.Simulation.Tests.Lanes;

/// <summary>What a reliable send promises and when it completes (<c>specs/api.md</c> 3).</summary>
public class ReliableSendTests
{
    private const int Big = 100_000;

    [Theory]
    [Covers("API-064")]
    [InlineData(Delivery.Reliable)]
    [InlineData(Delivery.ReliableOrdered)]
    public void A_message_tells_by_which_delivery_it_came(Delivery delivery)
    {
        var world = new LaneWorld();
        var send = world.Send(7, new SendOptions { Delivery = delivery });
        Assert.True(send.IsCompletedSuccessfully);
        world.Run(1);

        var message = Assert.Single(world.Messages);
        Assert.Equal((delivery, world.A.Id, true), (message.Delivery, message.From, message.Early));
        Assert.Equal([7], world.Got);
        Assert.Equal(1, world.NodeOfA.Counters.LanesOpened);
    }

    [Fact]
    [Covers("API-038")]
    public void An_empty_message_arrives_empty_in_its_place()
    {
        var world = new LaneWorld();
        _ = world.Send(1, SendOptions.Ordered);
        _ = world.A.Host.SendMessage(world.B.Id, Chat, default, SendOptions.Ordered).AsTask();
        _ = world.Send(2, SendOptions.Ordered);
        world.Run(1);

        Assert.Equal([1, -1, 2], world.Got);
    }

    [Fact]
    [Covers("API-040")]
    public void A_send_completes_when_its_message_is_in_the_buffer_and_waits_for_room_there()
    {
        var world = new LaneWorld();
        world.Hold();

        // Nobody has answered yet: the buffer alone takes them.
        var sends = Enumerable.Range(0, 40).Select(i => world.Send(i, SendOptions.Ordered, Big)).ToArray();
        Assert.Equal(2, sends.Count(send => send.IsCompletedSuccessfully));

        // One call runs, and closes the lane's window; the buffer is full again, and the rest of 4 MB waits with its senders.
        world.Run(5);
        var accepted = sends.Count(send => send.IsCompletedSuccessfully);
        Assert.Equal(1, world.Calls);
        Assert.InRange(accepted, 3, 6);
        Assert.All(sends[accepted..], send => Assert.False(send.IsCompleted));

        for (var i = 0; i < sends.Length; i++)
        {
            world.Release();
            world.Run(1);
        }

        Assert.All(sends, send => Assert.True(send.IsCompletedSuccessfully));
        Assert.Equal(Enumerable.Range(0, 40), world.Got);
    }

    [Theory]
    [Covers("API-040", "API-047")]
    [InlineData(1 << 20, 1 << 20)]
    [InlineData(16 << 20, 16 << 20)]
    [InlineData(16 << 20, 300_000)]
    [InlineData(64 * 1024, 64 * 1024)]
    public void A_message_of_any_allowed_size_enters_an_empty_buffer_and_arrives_whole(int limit, int size)
    {
        var world = new LaneWorld(configure: options => options.MessageSizeMax = limit);
        var data = new byte[size];
        new Random(1).NextBytes(data);
        byte[] got = [];
        world.B.Host.SetMessageHandler("/large", message => { got = message.ToOwned().Data.ToArray(); });

        var send = world.A.Host.SendMessage(world.B.Id, "/large", data, SendOptions.Reliable).AsTask();
        Assert.True(send.IsCompletedSuccessfully);
        world.Run(30);

        Assert.True(data.AsSpan().SequenceEqual(got));
    }

    [Fact]
    [Covers("API-047")]
    public void A_message_above_the_limit_is_refused_with_both_sizes()
    {
        var world = new LaneWorld(configure: options => options.MessageSizeMax = 100_000);
        var session = world.Open(SendOptions.Reliable);

        var error = Failure<MessageTooLargeException>(world.Send(1, SendOptions.Reliable, 100_001));
        Assert.Equal((100_001L, 100_000L), (error.Size, error.Limit));
        Assert.Contains("raise MsgNetOptions.MessageSizeMax, to at most 16777216, at both ends", error.Message, StringComparison.Ordinal);
        Failure<MessageTooLargeException>(session.SendMessage(new byte[100_001]).AsTask());
        Assert.Throws<MessageTooLargeException>(() => session.TrySend(new byte[100_001]));
        Failure<MessageTooLargeException>(
            world.A.Host.Request(world.B.Id, Chat, new byte[100_001], new RequestOptions { Delivery = Delivery.Reliable }).AsTask());
        Assert.False(session.Completion.IsCompleted);
    }

    [Theory]
    [Covers("API-047", "API-112", "LANE-034")]
    [InlineData(Delivery.Reliable)]
    [InlineData(Delivery.ReliableOrdered)]
    public void A_message_above_the_receivers_limit_says_what_to_raise_and_where(Delivery delivery)
    {
        var limit = 1 << 20;
        var world = new LaneWorld(configure: options => (options.MessageSizeMax, limit) = (limit, 100_000));
        var options = new SendOptions { Delivery = delivery, WaitForDelivery = true };
        var (fits, exceeds) = (world.Send(1, options, 100_000), world.Send(2, options, 100_001));
        world.Run(1);

        Assert.True(fits.IsCompletedSuccessfully);
        var lost = Failure<SessionLostException>(exceeds);
        Assert.Equal((PeerLoss.MessageTooLarge, world.B.Id), (lost.Reason, lost.Peer));
        Assert.Contains("larger than its receiver takes; raise MsgNetOptions.MessageSizeMax there", lost.Message, StringComparison.Ordinal);

        var next = world.Send(3, options);
        var asked = world.A.Host.Request(world.B.Id, Chat, new byte[100_001], new RequestOptions { Delivery = delivery }).AsTask();
        world.Run(1);
        Assert.True(next.IsCompletedSuccessfully);
        Assert.Equal(PeerLoss.MessageTooLarge, Failure<SessionLostException>(asked).Reason);
        Assert.Equal([1, 3], world.Got);
    }

    [Fact]
    [Covers("API-047", "LANE-034")]
    public void A_reply_above_the_askers_limit_says_so()
    {
        var limit = 100_000;
        var world = new LaneWorld(configure: options => (options.MessageSizeMax, limit) = (limit, 1 << 20));
        world.B.Host.SetRequestHandler("/large", (_, _) => ValueTask.FromResult<ReadOnlyMemory<byte>>(new byte[100_001]));
        var asked = world.A.Host.Request(world.B.Id, "/large", new byte[1], new RequestOptions { Delivery = Delivery.Reliable }).AsTask();
        world.Run(1);

        Assert.Equal(PeerLoss.MessageTooLarge, Failure<SessionLostException>(asked).Reason);
    }

    [Fact]
    [Covers("API-033")]
    public void TrySend_says_no_instead_of_waiting()
    {
        var world = new LaneWorld();
        var session = world.Open(SendOptions.Ordered);
        Assert.True(session.TrySend(Numbered(1, Big)));
        Assert.True(session.TrySend(Numbered(2, Big)));
        Assert.False(session.TrySend(Numbered(3, Big)));

        world.Run(1);
        Assert.True(session.TrySend(Numbered(4, Big)));
        world.Run(1);

        Assert.Equal([1, 2, 4], world.Got);
    }

    [Fact]
    [Covers("API-035")]
    public void Cancelling_a_send_that_waits_takes_it_out_of_the_line_alone()
    {
        var world = new LaneWorld();
        var session = world.Open(SendOptions.Ordered);
        while (session.TrySend(Numbered(1, Big)))
        {
        }

        using var cancellation = new CancellationTokenSource();
        var cancelled = session.SendMessage(Numbered(77, Big), cancellation.Token).AsTask();
        var kept = session.SendMessage(Numbered(78, Big)).AsTask();
        cancellation.Cancel();
        world.Run(2);

        Assert.True(cancelled.IsCanceled);
        Assert.True(kept.IsCompletedSuccessfully);
        Assert.Equal([1, 1, 78], world.Got);
    }

    [Fact]
    [Covers("API-035")]
    public void Cancelling_a_wait_for_delivery_does_not_unsend()
    {
        var world = new LaneWorld();
        using var cancellation = new CancellationTokenSource();
        var send = world.A.Host.SendMessage(world.B.Id, Chat, Numbered(5), Tracked, cancellation.Token).AsTask();
        cancellation.Cancel();
        world.Run(1);

        Assert.True(send.IsCanceled);
        Assert.Equal([5], world.Got);
    }

    [Theory]
    [Covers("API-040")]
    [InlineData(Delivery.ReliableOrdered)]
    [InlineData(Delivery.Reliable)]
    public void WaitForDelivery_ends_when_the_peers_handler_does_also_by_throwing(Delivery delivery)
    {
        var world = new LaneWorld();
        world.Hold();
        var options = new SendOptions { Delivery = delivery, WaitForDelivery = true };
        var sends = new Task[3];
        for (var i = 0; i < sends.Length; i++)
        {
            // Each in a segment of its own: what shares one is done with together.
            sends[i] = world.Send(i, options);
            world.Run(1);
        }

        world.Run(20);
        Assert.All(sends, send => Assert.False(send.IsCompleted));

        world.Release();
        world.Run(1);
        Assert.Equal([true, false, false], sends.Select(send => send.IsCompletedSuccessfully));

        world.Release(new InvalidOperationException("the handler's own trouble"));
        world.Run(1);
        Assert.Equal([true, true, false], sends.Select(send => send.IsCompletedSuccessfully));

        world.Release();
        world.Run(1);
        Assert.True(sends[2].IsCompletedSuccessfully);
    }

    [Fact]
    [Covers("API-040")]
    public void WaitForDelivery_behind_a_full_buffer_waits_for_room_and_then_for_the_handler()
    {
        var world = new LaneWorld();
        world.Hold();
        var sends = Enumerable.Range(0, 40).Select(i => world.Send(i, Tracked, Big)).ToArray();
        world.Run(5);
        Assert.All(sends, send => Assert.False(send.IsCompleted));

        for (var done = 1; done <= sends.Length; done++)
        {
            world.Release();
            world.Run(1);
            Assert.Equal(done, sends.Count(send => send.IsCompletedSuccessfully));
        }
    }

    [Fact]
    [Covers("API-040")]
    public void Sends_that_wait_for_delivery_and_those_that_do_not_keep_their_order()
    {
        var world = new LaneWorld(2, new LinkOptions { Delay = TimeSpan.FromMilliseconds(10), Loss = 0.2 });
        var sends = Enumerable.Range(0, 300).Select(i => world.Send(i, i % 3 == 0 ? Tracked : SendOptions.Ordered, 3_000)).ToArray();
        world.Run(60);

        Assert.All(sends, send => Assert.True(send.IsCompletedSuccessfully));
        Assert.Equal(Enumerable.Range(0, 300), world.Got);
        Assert.Equal(1, world.NodeOfA.Counters.LanesOpened);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Unordered_messages_arrive_once_each_whatever_the_link_does(ulong seed)
    {
        var link = new LinkOptions
        {
            Delay = TimeSpan.FromMilliseconds(10),
            Jitter = TimeSpan.FromMilliseconds(5),
            Loss = 0.3,
            Duplicate = 0.3,
            Reorder = 0.3,
        };
        var world = new LaneWorld(seed, link);
        var sends = Enumerable.Range(0, 500).Select(i => world.Send(i, SendOptions.Reliable, 1_000)).ToArray();
        world.Run(120);

        Assert.All(sends, send => Assert.True(send.IsCompletedSuccessfully));
        Assert.NotEqual(Enumerable.Range(0, 500), world.Got);
        Assert.Equal(Enumerable.Range(0, 500), world.Got.Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_must_not_be_early_waits_until_the_channel_stands(bool allowEarly)
    {
        var world = new LaneWorld();
        var send = world.Send(1, SendOptions.Ordered with { AllowEarly = allowEarly });
        Assert.Equal(allowEarly, send.IsCompleted);
        world.Run(1);

        Assert.True(send.IsCompletedSuccessfully);
        Assert.Equal(allowEarly, Assert.Single(world.Messages).Early);
    }

    [Fact]
    [Covers("API-041", "API-042", "API-087")]
    public void A_session_tells_what_it_is()
    {
        var world = new LaneWorld();
        var ordered = world.Open(SendOptions.Ordered);
        var unordered = world.Open(SendOptions.Reliable);
        var limits = new TransportGuarantees(Delivery.ReliableOrdered, true, true, 1 << 20, ordered.Guarantees.DatagramSizeMax);
        Assert.Equal(limits, ordered.Guarantees);
        Assert.Equal(limits with { Delivery = Delivery.Reliable }, unordered.Guarantees);
        Assert.Equal((Chat, world.B.Id), (ordered.Protocol, ordered.Remote.Id));
        Assert.Equal("msp", ordered.Socket.Transport.Name);
        Assert.True(ordered.Binding.IsEmpty);

        Assert.True(ordered.TrySend(Numbered(1)));
        world.Run(1);
        Assert.Equal(32, ordered.Binding.Length);
        Assert.Equal([unordered, ordered], world.A.Host.Network.Sessions(world.B.Id).Reverse());
    }

    [Fact]
    [Covers("API-087")]
    public void The_largest_message_in_one_datagram_is_as_the_guarantees_say()
    {
        var link = new LinkOptions { Delay = TimeSpan.FromMilliseconds(10), DatagramSizeMax = Limits.DatagramSizeMin };
        var world = new LaneWorld(link: link);
        var session = world.Open(SendOptions.Ordered);
        session.TrySend(Numbered(0));
        world.Run(3);
        var before = world.NodeOfA.Counters.SegmentsSent;

        Assert.True(session.TrySend(Numbered(1, session.Guarantees.DatagramSizeMax)));
        world.Run(1);
        Assert.Equal(before + 1, world.NodeOfA.Counters.SegmentsSent);
        Assert.True(session.TrySend(Numbered(2, session.Guarantees.DatagramSizeMax + 10)));
        world.Run(1);
        Assert.Equal(before + 3, world.NodeOfA.Counters.SegmentsSent);
        Assert.Equal([0, 1, 2], world.Got);
    }
}
