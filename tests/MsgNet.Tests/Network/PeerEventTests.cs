using MsgNet.Core;

namespace MsgNet.Tests.Network;

public class PeerEventTests
{
    private static readonly PeerId Peer = PeerId.FromEd25519(Enumerable.Repeat((byte)1, 32).ToArray());
    private readonly ManualScheduler scheduler = new();
    private readonly PeerEventHub hub;

    public PeerEventTests() => hub = new PeerEventHub(new Gate(), scheduler);

    [Fact]
    public void A_reader_that_falls_behind_loses_the_oldest()
    {
        var reader = hub.Subscribe(CancellationToken.None).GetAsyncEnumerator();
        for (var i = 0; i < Limits.PeerEventsMax + 10; i++)
            Tell(i);
        hub.Close();

        for (var i = 10; i < Limits.PeerEventsMax + 10; i++)
        {
            Assert.True(MemoryHosts.Now(reader.MoveNextAsync()));
            Assert.Equal($"{i}", reader.Current.Reason);
        }

        Assert.False(MemoryHosts.Now(reader.MoveNextAsync()));
    }

    [Fact]
    public void Every_reader_gets_what_happens_from_its_subscription_on()
    {
        var early = hub.Subscribe(CancellationToken.None).GetAsyncEnumerator();
        Tell(1);
        var late = hub.Subscribe(CancellationToken.None).GetAsyncEnumerator();
        Tell(2);

        Assert.True(MemoryHosts.Now(early.MoveNextAsync()));
        Assert.Equal("1", early.Current.Reason);
        Assert.True(MemoryHosts.Now(late.MoveNextAsync()));
        Assert.Equal("2", late.Current.Reason);
    }

    [Fact]
    public void A_waiting_reader_wakes_on_the_scheduler_with_an_event_or_the_end()
    {
        var reader = hub.Subscribe(CancellationToken.None).GetAsyncEnumerator();
        var waiting = reader.MoveNextAsync();
        Tell(1);
        Assert.False(waiting.IsCompleted);
        scheduler.Run();
        Assert.True(MemoryHosts.Now(waiting));

        waiting = reader.MoveNextAsync();
        hub.Close();
        scheduler.Run();
        Assert.False(MemoryHosts.Now(waiting));
        Assert.False(MemoryHosts.Now(hub.Subscribe(CancellationToken.None).GetAsyncEnumerator().MoveNextAsync()));
    }

    [Fact]
    public void Either_token_ends_the_reading_and_one_enumeration_is_all_there_is()
    {
        using var subscription = new CancellationTokenSource();
        using var enumeration = new CancellationTokenSource();
        var events = hub.Subscribe(subscription.Token);
        var reader = events.GetAsyncEnumerator(enumeration.Token);
        Assert.Throws<InvalidOperationException>(() => events.GetAsyncEnumerator(CancellationToken.None));
        var waiting = reader.MoveNextAsync().AsTask();

        enumeration.Cancel();
        scheduler.Run();
        Assert.True(waiting.IsCanceled);

        var second = hub.Subscribe(subscription.Token).GetAsyncEnumerator().MoveNextAsync().AsTask();
        subscription.Cancel();
        scheduler.Run();
        Assert.True(second.IsCanceled);
    }

    private void Tell(int number) => hub.OnPeerEvent(PeerEventKind.Connected, Peer, null, $"{number}");
}
