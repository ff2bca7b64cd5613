using MsgNet.Core;
using MsgNet.Testing;
using static MsgNet.Simulation.Tests.Lanes.LaneWorld;

namespace MsgNet.Simulation.Tests.Lanes;

/// <summary>Requests with a reliable delivery: sent once by a lane, answered by the same lane.</summary>
public class ReliableRequestTests
{
    private static readonly ProtocolId Echo = "/echo/1.0";
    private static readonly RequestOptions Reliable = new() { Delivery = Delivery.Reliable };
    private static readonly RequestOptions Ordered = new() { Delivery = Delivery.ReliableOrdered };

    [Theory]
    [Covers("REQ-026", "API-046")]
    [InlineData(Delivery.Reliable, 10)]
    [InlineData(Delivery.ReliableOrdered, 10)]
    [InlineData(Delivery.Reliable, 0)]
    [InlineData(Delivery.Reliable, 1 << 20)]
    public void A_reliable_request_and_its_reply_come_by_a_lane(Delivery delivery, int size)
    {
        var world = new LaneWorld(3, new LinkOptions { Delay = TimeSpan.FromMilliseconds(10), Loss = 0.1 });
        var calls = new List<Delivery>();
        world.B.Host.SetRequestHandler(Echo, (message, _) =>
        {
            calls.Add(message.Delivery);
            return ValueTask.FromResult(message.ToOwned().Data);
        });
        var data = new byte[size];
        new Random(3).NextBytes(data);

        var options = new RequestOptions { Delivery = delivery, Timeout = TimeSpan.FromSeconds(60) };
        var request = world.A.Host.Request(world.B.Id, Echo, data, options).AsTask();
        world.Run(30);

        var reply = Now(request);
        Assert.Equal(data, reply.Data.ToArray());
        Assert.Equal(delivery, reply.Delivery);
        Assert.Equal([delivery], calls);
    }

    [Fact]
    [Covers("API-046", "API-071")]
    public void A_request_without_handler_or_with_a_failing_one_is_answered_so()
    {
        var world = new LaneWorld();
        world.B.Host.SetMessageHandler("/throws", (_, _) => throw new InvalidOperationException("no"));
        var (unknown, failing, silent) = (Ask(world, "/unknown"), Ask(world, "/throws"), Ask(world, Chat));
        world.Run(1);

        Assert.Equal(RequestStatus.ProtocolNotSupported, Failure<RequestFailedException>(unknown).Status);
        Assert.Equal(RequestStatus.HandlerFailed, Failure<RequestFailedException>(failing).Status);
        Assert.Equal(RequestStatus.NoReply, Failure<RequestFailedException>(silent).Status);
    }

    [Fact]
    [Covers("API-046", "API-058")]
    public void A_request_that_finds_the_handlers_queue_full_is_answered_busy_and_messages_wait()
    {
        var world = new LaneWorld();
        world.Hold();
        var sends = Enumerable.Range(0, 300).Select(i => world.Send(i, Tracked)).ToArray();
        world.Run(1);
        var request = world.A.Host.Request(world.B.Id, Chat, new byte[4], Reliable).AsTask();
        world.Run(1);

        Assert.Equal(RequestStatus.Busy, Failure<RequestFailedException>(request).Status);
        for (var i = 0; i < 300; i++)
        {
            world.Release();
            world.Run(0.1);
        }

        Assert.All(sends, send => Assert.True(send.IsCompletedSuccessfully));
        Assert.Equal(Enumerable.Range(0, 300), world.Got);
    }

    [Fact]
    [Covers("API-046", "API-071")]
    public void A_request_ends_at_its_deadline_when_cancelled_and_with_its_peer()
    {
        var world = new LaneWorld();
        world.Hold();
        using var cancellation = new CancellationTokenSource();
        var brief = world.A.Host.Request(world.B.Id, Chat, new byte[4], Ordered with { Timeout = TimeSpan.FromSeconds(2) }).AsTask();
        var cancelled = world.A.Host.Request(world.B.Id, Chat, new byte[4], Ordered, cancellation.Token).AsTask();
        var lost = world.A.Host.Request(world.B.Id, Chat, new byte[4], Ordered with { Timeout = TimeSpan.FromMinutes(5) }).AsTask();
        world.Run(1);
        cancellation.Cancel();
        world.Run(1.5);
        Assert.True(cancelled.IsCanceled);
        Failure<TimeoutException>(brief);
        Assert.False(lost.IsCompleted);

        world.B.Crash();
        world.Run(1);
        _ = world.Send(1, SendOptions.Ordered);
        world.Run(40);
        Assert.Equal(PeerLoss.TimedOut, Failure<SessionLostException>(lost).Reason);
    }

    [Fact]
    [Covers("API-046")]
    public void A_slow_answer_comes_after_the_lane_was_left_idle()
    {
        var world = new LaneWorld();
        var answer = new TaskCompletionSource();
        world.B.Host.SetMessageHandler(
            Echo,
            async (message, token) =>
            {
                await answer.Task;
                await message.Reply(new byte[7], token);
            },
            new HandlerOptions { Timeout = TimeSpan.FromMinutes(10) });
        var request = world.A.Host.Request(world.B.Id, Echo, new byte[4], Ordered with { Timeout = TimeSpan.FromMinutes(10) }).AsTask();
        world.Run(200);
        world.Do(answer.SetResult);
        world.Run(1);

        Assert.Equal(7, Now(request).Data.Length);
    }

    [Fact]
    [Covers("API-046")]
    public void More_requests_than_a_peer_has_ids_for_wait_and_are_all_answered()
    {
        var world = new LaneWorld();
        world.B.Host.SetMessageHandler(Echo, (message, token) => message.Reply(message.Data, token), new HandlerOptions { Inline = true });
        var requests = Enumerable.Range(0, 3_000)
            .Select(i => world.A.Host.Request(world.B.Id, Echo, Numbered(i), Reliable).AsTask()).ToArray();
        world.Run(9);

        Assert.Equal(Enumerable.Range(0, 3_000), requests.Select(request => BitConverter.ToInt32(Now(request).Data.Span)));
    }

    private static Task<Message> Ask(LaneWorld world, ProtocolId protocol) =>
        world.A.Host.Request(world.B.Id, protocol, new byte[4], Ordered).AsTask();
}
