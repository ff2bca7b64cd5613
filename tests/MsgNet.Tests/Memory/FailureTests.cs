using MsgNet.Core;
using MsgNet.Testing;
using static MsgNet.Tests.MemoryHosts;

namespace MsgNet.Tests.Memory;

/// <summary>What callers are told when it does not work, and how hosts close.</summary>
public class FailureTests
{
    private static readonly ProtocolId Chat = "/chat/1.0";

    [Covers("API-005")]
    [Covers("API-006")]
    [Fact]
    public void Misuse_throws_at_once()
    {
        Pair(out var a, out var b);
        AssertMisuse(() => a.SendMessage(a.Id, Chat, default));
        AssertMisuse(() => a.SendMessage(default, Chat, default));
        AssertMisuse(() => a.SendMessage(b.Id, default, default));
        AssertMisuse(() => a.SendMessage(b.Id, Chat, default, new SendOptions { WaitForDelivery = true }));
        AssertMisuse(() => a.SendMessage(b.Id, Chat, default, new SendOptions { Delivery = (Delivery)9 }));
        AssertMisuse(() => a.Network.ClosePeer(default));
        Assert.Throws<ArgumentException>(() => a.OpenSession(a.Id, Chat, SendOptions.Ordered));
        Assert.Throws<ArgumentNullException>(() => a.OpenSession(b.Id, Chat, null!));
    }

    [Fact]
    public async Task A_peer_without_address_is_unreachable_and_the_message_says_what_to_do()
    {
        var hosts = new MemoryHosts();
        var (a, b) = (hosts.Silent(), hosts.Silent());

        var error = await Assert.ThrowsAsync<PeerUnreachableException>(() => Soon(a.SendMessage(b.Id, Chat, default)));

        Assert.Empty(error.Attempts);
        Assert.Contains("Peerstore.AddAddress", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("API-084")]
    public void A_send_right_after_the_end_of_a_session_opens_another()
    {
        var platform = ManualPair(out var a, out var b);
        var heard = 0;
        b.SetMessageHandler(Chat, _ => heard++);
        var first = a.SendMessage(b.Id, Chat, default).AsTask();
        platform.Manual.Run();
        Assert.True(first.IsCompletedSuccessfully);
        var closing = a.Network.ClosePeer(b.Id).AsTask();

        // Nobody has been told of the end yet.
        var second = a.SendMessage(b.Id, Chat, default).AsTask();
        var reply = a.Request(b.Id, Chat, default).AsTask();
        platform.Manual.Run();

        Assert.True(closing.IsCompletedSuccessfully);
        Assert.True(second.IsCompletedSuccessfully, second.Exception?.ToString());
        Assert.IsType<RequestFailedException>(reply.Exception?.InnerException);
        Assert.Equal(3, heard);
    }

    [Covers("API-083")]
    [Fact]
    public void Dialling_where_nobody_or_somebody_else_listens_says_so()
    {
        var platform = new FakePlatform();
        var hosts = new MemoryHosts(platform);
        var (a, b, c) = (hosts.Silent(), hosts.Silent(), hosts.Listening());
        var taken = c.Addresses[0].WithoutPeerId()!;
        a.Network.Peerstore.AddAddress(b.Id, "/memory/999");
        a.Network.Peerstore.AddAddress(b.Id, taken);
        var events = a.Network.PeerEvents().GetAsyncEnumerator();

        var send = a.SendMessage(b.Id, Chat, default).AsTask();
        platform.Manual.Run();

        var error = Assert.IsType<PeerUnreachableException>(send.Exception!.InnerException);
        Assert.Equal(2, error.Attempts.Count);
        var reasons = error.Attempts.ToDictionary(attempt => attempt.Target, attempt => attempt.Error);
        Assert.Contains("nothing listens", reasons["/memory/999"], StringComparison.Ordinal);
        Assert.Contains(c.Id.ToString(), reasons[taken.ToString()], StringComparison.Ordinal);
        Assert.Equal(PeerEventKind.Unreachable, NextKind(events));
    }

    [Covers("API-037")]
    [Fact]
    public async Task Sizes_are_checked_before_anything_is_sent()
    {
        Pair(out var a, out var b);

        var unreliable = await Assert.ThrowsAsync<MessageTooLargeException>(() => Soon(a.SendMessage(b.Id, Chat, new byte[65_536])));
        Assert.Equal((65_536L, 65_535L), (unreliable.Size, unreliable.Limit));
        Assert.Contains("SendOptions.Reliable", unreliable.Message, StringComparison.Ordinal);
        var reliable = new byte[Limits.ReliableMessageDefault + 1];
        await Assert.ThrowsAsync<MessageTooLargeException>(() => Soon(a.SendMessage(b.Id, Chat, reliable, SendOptions.Reliable)));
        await Assert.ThrowsAsync<MessageTooLargeException>(() => Soon(a.Request(b.Id, Chat, new byte[65_536])));
        var session = a.OpenSession(b.Id, Chat, SendOptions.Ordered);
        await Assert.ThrowsAsync<MessageTooLargeException>(() => Soon(session.SendMessage(reliable)));
        Assert.Throws<MessageTooLargeException>(() => session.TrySend(reliable));
    }

    [Fact]
    public void A_session_that_was_refused_says_so_to_every_later_send()
    {
        var platform = ManualPair(out var a, out var b);
        var session = a.OpenSession(b.Id, Chat, SendOptions.Ordered);
        Assert.True(session.SendMessage(new byte[1]).IsCompletedSuccessfully);
        platform.Manual.Run();

        Assert.False(session.TrySend([1]));
        var send = session.SendMessage(new byte[1]).AsTask();
        platform.Manual.Run();

        Assert.IsType<ProtocolNotSupportedException>(send.Exception!.InnerException);
        Assert.Empty(a.Network.Sessions(b.Id));
    }

    [Fact]
    public void Close_lets_queued_messages_leave_first()
    {
        var platform = ManualPair(out var a, out var b);
        var got = 0;
        b.SetMessageHandler(Chat, (_, _) =>
        {
            got++;
            return ValueTask.CompletedTask;
        });
        var sends = Sends(a, b, 30, 50_000);

        var closing = a.Close(TimeSpan.FromSeconds(5)).AsTask();
        platform.Manual.Run();

        Assert.True(closing.IsCompletedSuccessfully);
        Assert.All(sends, send => Assert.True(send.IsCompletedSuccessfully));
        Assert.Equal(30, got);
        Assert.False(b.Network.HasSession(a.Id));
    }

    [Covers("API-020")]
    [Covers("API-017")]
    [Fact]
    public void Close_gives_up_when_the_drain_ends_and_tells_who_still_waits()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, (_, _) => new ValueTask(new TaskCompletionSource().Task));
        var sends = Sends(a, b, 30, 100_000);
        platform.Manual.Run();
        Assert.False(sends[^1].IsCompleted);

        var closing = a.Close(TimeSpan.FromSeconds(5)).AsTask();
        var again = a.DisposeAsync().AsTask();
        platform.Manual.Run();
        platform.Advance(TimeSpan.FromSeconds(4));
        platform.Manual.Run();
        Assert.False(closing.IsCompleted);
        Assert.False(again.IsCompleted);
        platform.Advance(TimeSpan.FromSeconds(1));
        platform.Manual.Run();

        Assert.True(closing.IsCompletedSuccessfully);
        Assert.True(again.IsCompletedSuccessfully);
        var error = Assert.IsType<SessionLostException>(sends[^1].Exception!.InnerException);
        Assert.Equal((PeerLoss.ClosedLocally, false), (error.Reason, error.MaybeDelivered));
    }

    [Fact]
    public void Cancelling_Close_ends_the_drain_and_still_closes()
    {
        var platform = ManualPair(out var a, out var b);
        b.SetMessageHandler(Chat, (_, _) => new ValueTask(new TaskCompletionSource().Task));
        var sends = Sends(a, b, 30, 100_000);
        platform.Manual.Run();
        using var cancellation = new CancellationTokenSource();
        var closing = a.Close(TimeSpan.FromSeconds(50), cancellation.Token).AsTask();
        platform.Manual.Run();
        Assert.False(closing.IsCompleted);

        cancellation.Cancel();
        platform.Manual.Run();

        Assert.True(closing.IsCompletedSuccessfully);
        Assert.All(sends, send => Assert.True(send.IsCompleted));
        Assert.Empty(a.Network.Sockets());
    }

    [Fact]
    public void A_host_that_holds_as_many_peers_as_it_may_refuses_another()
    {
        var platform = new FakePlatform();
        var hosts = new MemoryHosts(platform);
        var (a, c) = (hosts.Silent(), hosts.Silent());
        var b = hosts.Listening(options => options.PeersMax = 1);
        b.SetMessageHandler(Chat, (_, _) => ValueTask.CompletedTask);
        Introduce(a, b);
        Introduce(c, b);
        Assert.True(a.SendMessage(b.Id, Chat, default).IsCompletedSuccessfully);
        platform.Manual.Run();

        var session = c.OpenSession(b.Id, Chat, SendOptions.Ordered);
        Assert.True(session.TrySend([1]));
        platform.Manual.Run();

        var error = Assert.IsType<PeerUnreachableException>(session.Completion.Exception!.InnerException);
        Assert.Contains("PeersMax", Assert.Single(error.Attempts).Error, StringComparison.Ordinal);
    }

    private static Task[] Sends(MessageHost a, MessageHost b, int count, int size) =>
        [.. Enumerable.Range(0, count).Select(_ => a.SendMessage(b.Id, Chat, new byte[size], SendOptions.Ordered).AsTask())];

    private static void AssertMisuse(Func<ValueTask> call) => Assert.ThrowsAny<ArgumentException>(() => { _ = call().AsTask(); });

    private static PeerEventKind NextKind(IAsyncEnumerator<PeerEvent> events)
    {
        Assert.True(Now(events.MoveNextAsync()));
        return events.Current.Kind;
    }
}
