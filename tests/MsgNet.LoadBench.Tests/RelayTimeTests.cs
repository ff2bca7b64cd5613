using System.Diagnostics;
using MsgNet.LoadBench.Relay;

namespace MsgNet.LoadBench.Tests;

/// <summary>When a datagram came, and how long it waited, as the relay tells it.</summary>
public sealed class RelayTimeTests
{
    private const long Millisecond = 1_000_000;
    private const long Second = 1_000 * Millisecond;

    [Fact]
    public void A_date_of_the_calendar_is_as_long_ago_on_the_clock_of_the_link()
    {
        var clock = new LinkClock();
        clock.Turn();
        var calendar = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

        var before = clock.MomentOf(calendar - (300 * Millisecond));

        // The calendar was read a little after the clock: by that much the date seems less old.
        Assert.InRange(clock.Now - before, 100 * Millisecond, 300 * Millisecond);
    }

    [Fact]
    public void A_date_to_come_or_long_ago_is_now()
    {
        var clock = new LinkClock();
        clock.Turn();
        var calendar = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

        Assert.Equal(clock.Now, clock.MomentOf(calendar + Second));
        Assert.Equal(clock.Now, clock.MomentOf(calendar - (2 * Second)));
        Assert.Equal(clock.Now, clock.MomentOf(0));
    }

    [Fact]
    public void The_clock_does_not_stand_still()
    {
        var clock = new LinkClock();
        clock.Turn();
        var before = clock.Now;
        SpinWait.SpinUntil(() => Stopwatch.GetElapsedTime(0).Ticks * TimeSpan.NanosecondsPerTick > before);
        clock.Turn();

        Assert.True(clock.Now > before);
    }

    [Fact]
    public void Waits_give_what_a_part_of_them_stayed_below_and_forget()
    {
        var waits = new Waits();
        for (var i = 0; i < 100; i++)
            waits.Add(i * Millisecond);

        Assert.Equal(98, waits.Take(0.99));
        Assert.Equal(0, waits.Take(0.99));
    }

    [Fact]
    public void A_wait_beyond_all_bounds_is_the_longest_there_is()
    {
        var waits = new Waits();
        waits.Add(-5);
        Assert.Equal(0, waits.Take(1));

        waits.Add(long.MaxValue);
        Assert.Equal(999.9, waits.Take(1));
    }
}
