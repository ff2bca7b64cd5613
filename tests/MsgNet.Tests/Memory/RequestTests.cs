using MsgNet.Core;
using static MsgNet.Tests.MemoryHosts;

namespace MsgNet.Tests.Memory;

/// <summary>How requests end.</summary>
public class RequestTests
{
    private static readonly ProtocolId Ask = "/ask/1.0";

    [Fact]
    public void A_handler_without_reply_answers_NoReply() =>
        AssertStatus(RequestStatus.NoReply, (_, _) => ValueTask.CompletedTask);

    [Fact]
    public void A_handler_that_throws_answers_HandlerFailed() =>
        AssertStatus(RequestStatus.HandlerFailed, (_, _) => throw new InvalidOperationException("the handler's own trouble"));

    [Fact]
    public void No_handler_answers_ProtocolNotSupported() => AssertStatus(RequestStatus.ProtocolNotSupported, null);

    [Fact]
    public void A_reply_above_the_limit_answers_ReplyTooLarge() =>
        AssertStatus(RequestStatus.ReplyTooLarge, (message, token) => message.Reply(new byte[Limits.ReliableMessageDefault + 1], token));

    [Fact]
    public void A_full_queue_answers_Busy()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Ask, (_, _) => new ValueTask(new TaskCompletionSource().Task));
        var requests = Enumerable.Range(0, 400).Select(_ => a.Request(b.Id, Ask, new byte[1]).AsTask()).ToArray();

        platform.Manual.Run();

        var refused = requests.Where(request => request.IsFaulted).ToArray();
        Assert.NotEmpty(refused);
        Assert.All(refused, request => Assert.True(IsBusy(request)));
        Assert.Contains(requests, request => !request.IsCompleted);
    }

    [Fact]
    public void A_request_times_out_with_a_sentence_that_helps()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Ask, (_, _) => new ValueTask(new TaskCompletionSource().Task));
        var request = a.Request(b.Id, Ask, new byte[1], new RequestOptions { Timeout = TimeSpan.FromSeconds(3) }).AsTask();
        platform.Manual.Run();

        platform.Advance(TimeSpan.FromSeconds(2.9));
        platform.Manual.Run();
        Assert.False(request.IsCompleted);
        platform.Advance(TimeSpan.FromSeconds(0.2));
        platform.Manual.Run();

        var error = Assert.IsType<TimeoutException>(request.Exception!.InnerException);
        Assert.Contains(b.Id.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains("/ask/1.0", error.Message, StringComparison.Ordinal);
        Assert.Contains("3 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_that_finds_no_room_times_out_too()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Ask, (_, _) => new ValueTask(new TaskCompletionSource().Task));

        // 1,024 requests are open at most; the scheduler stands still, so none is answered.
        var requests = Enumerable.Range(0, Limits.OpenIdsMax + 1).Select(_ => a.Request(b.Id, Ask, default).AsTask()).ToArray();
        platform.Advance(TimeSpan.FromSeconds(11));
        platform.Manual.Run();

        Assert.All(requests, request => Assert.IsType<TimeoutException>(request.Exception!.InnerException));
    }

    [Fact]
    public void A_request_that_finds_no_room_is_sent_when_there_is_some()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Ask, (message, token) => message.Reply(message.Data, token), new HandlerOptions { Inline = true });

        var requests = Enumerable.Range(0, 3000).Select(_ => a.Request(b.Id, Ask, new byte[1]).AsTask()).ToArray();
        platform.Manual.Run();

        Assert.All(requests, request => Assert.True(request.IsCompletedSuccessfully || IsBusy(request)));
        Assert.True(requests[^1].IsCompletedSuccessfully);
    }

    [Fact]
    public void Cancelling_ends_the_request_and_drops_a_late_reply()
    {
        var platform = ManualPair(out var a, out var b);
        var go = new TaskCompletionSource();
        b.SetMessageHandler(Ask, async (message, _) =>
        {
            await go.Task;
            await message.Reply(new byte[1], CancellationToken.None);
        });
        using var cancellation = new CancellationTokenSource();
        var request = a.Request(b.Id, Ask, new byte[1], cancellation.Token).AsTask();
        platform.Manual.Run();

        cancellation.Cancel();
        platform.Manual.Run();
        Assert.True(request.IsCanceled);

        go.SetResult();
        platform.Manual.Run();
        var second = a.Request(b.Id, Ask, new byte[1]).AsTask();
        platform.Manual.Run();
        Assert.True(second.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_request_fails_when_the_peer_closes()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Ask, (_, _) => new ValueTask(new TaskCompletionSource().Task));
        var request = a.Request(b.Id, Ask, new byte[1]).AsTask();
        platform.Manual.Run();

        _ = b.Network.ClosePeer(a.Id).AsTask();
        platform.Manual.Run();

        Assert.Equal(PeerLoss.ClosedByPeer, Assert.IsType<SessionLostException>(request.Exception!.InnerException).Reason);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(3601)]
    public void A_timeout_out_of_range_is_refused_at_once(int seconds)
    {
        Pair(out var a, out var b);
        var options = new RequestOptions { Timeout = TimeSpan.FromSeconds(seconds) };
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = a.Request(b.Id, Ask, default, options).AsTask(); });
    }

    private static bool IsBusy(Task request) =>
        request.Exception?.InnerException is RequestFailedException { Status: RequestStatus.Busy };

    private static void AssertStatus(RequestStatus expected, MessageHandler? handler)
    {
        var platform = ManualPair(out var a, out var b);
        if (handler is not null)
            b.SetMessageHandler(Ask, handler);

        var request = a.Request(b.Id, Ask, new byte[1]).AsTask();
        platform.Manual.Run();

        var error = Assert.IsType<RequestFailedException>(request.Exception!.InnerException);
        Assert.Equal((expected, b.Id, Ask), (error.Status, error.Peer, error.Protocol));
    }
}
