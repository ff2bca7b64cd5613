using MsgNet.LoadBench.Contestants;
using MsgNet.LoadBench.Relay;

namespace MsgNet.LoadBench.Tests;

/// <summary>The relay does to datagrams what its settings say, and counts it.</summary>
public sealed class LinkTests
{
    private const long Millisecond = 1_000_000;
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void Without_loss_everything_comes_out_after_the_delay()
    {
        var link = new LinkDirection(new LinkSettings(Delay, 0, 0), seed: 1);

        Assert.True(link.TryEnter(5, 1_000, out var first));
        Assert.True(link.TryEnter(5, 1_000, out var second));

        Assert.Equal(5 + (20 * Millisecond), first);
        Assert.Equal(first, second);
        Assert.Equal(new LinkCounts(2, 2_000, 0, 0, 0), link.Take());
        Assert.Equal(LinkCounts.None, link.Take());
    }

    [Fact]
    public void Loss_is_as_often_as_said_and_the_same_for_a_seed()
    {
        var lost = Enumerable.Range(0, 3).Select(_ => LostOf(10_000, seed: 7)).ToArray();

        Assert.All(lost, one => Assert.Equal(lost[0], one));
        Assert.InRange(lost[0], 450, 550);
        Assert.NotEqual(lost[0], LostOf(10_000, seed: 8));
    }

    [Fact]
    public void A_bottleneck_lets_one_after_the_other_through()
    {
        // 12.5 bytes a microsecond: 1,250 bytes take 100 us.
        var link = new LinkDirection(new LinkSettings(Delay, 0, 100e6), seed: 1);

        Assert.True(link.TryEnter(0, 1_250, out var first));
        Assert.True(link.TryEnter(0, 1_250, out var second));
        Assert.True(link.TryEnter(Millisecond, 1_250, out var third));

        Assert.Equal((20 * Millisecond) + 100_000, first);
        Assert.Equal((20 * Millisecond) + 200_000, second);
        Assert.Equal((21 * Millisecond) + 100_000, third);
    }

    [Fact]
    public void Its_queue_holds_what_it_carries_in_a_round_trip_and_drops_the_rest()
    {
        var settings = new LinkSettings(Delay, 0, 100e6);
        var link = new LinkDirection(settings, seed: 1);

        var passed = Enumerable.Range(0, 500).Count(index => link.TryEnter(0, 1_250, out _));

        Assert.Equal(500_000, settings.QueueBytesMax);
        Assert.Equal(400, passed);
        var counts = link.Take();
        Assert.Equal(100, counts.QueueDropped);
        // They waited 0, 0.1, 0.2 … 39.9 ms.
        Assert.Equal(39.5, counts.QueueP99Milliseconds);
    }

    [Fact]
    public void Names_say_what_a_link_does()
    {
        Assert.Equal("20 ms, 1 %", new LinkSettings(Delay, 0.01, 0).Name);
        Assert.Equal("100 Mbit/s, 20 ms, 0 %", new LinkSettings(Delay, 0, 100e6).Name);
    }

    [SkippableFact]
    public async Task The_relay_carries_datagrams_there_and_back()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the relay makes Linux's system calls");
        var work = new LoadWork(LoadKind.RoundTrip, 1_200);
        var contestant = new FloorUdp(spins: false);
        await using var listener = await contestant.Listen(work);
        var link = new LinkSettings(TimeSpan.FromMilliseconds(1), 0, 0);
        using var relay = new RelayProcess(new RelayStart(link, listener.Target.Port, Seed: 1));
        await using var caller = await contestant.Connect(work, new Target(relay.Port, ""));
        using var stop = new CancellationTokenSource();
        var times = new RoundTrips();

        var asking = Task.Factory.StartNew(
            () => caller.Ask(times, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
        while (listener.Received < 10)
            await Task.Delay(1);
        await stop.CancelAsync();
        await asking;

        Assert.True(times.Count >= 9);
        Assert.True(times.QuantileMicroseconds(0) >= 2_000);
        var counts = relay.Take();
        Assert.True(counts.Forward.Offered >= 10);
        Assert.Equal(counts.Forward.Offered * 1_200, counts.Forward.OfferedBytes);
        Assert.Equal(0, counts.Overrun + counts.Forward.Lost + counts.Back.Lost);
        Assert.True(counts.CpuSeconds > 0);

        // Counted once.
        Assert.Equal(0, relay.Take().Forward.Offered);
    }

    private static long LostOf(int count, int seed)
    {
        var link = new LinkDirection(new LinkSettings(Delay, 0.05, 0), seed);
        for (var i = 0; i < count; i++)
            link.TryEnter(i, 1_000, out _);
        return link.Take().Lost;
    }
}
