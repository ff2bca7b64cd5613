using MsgNet.Platform;
using MsgNet.Testing;

namespace MsgNet.Tests.Platform;

/// <summary>How long a thread looks before it sleeps, by itself and beside another.</summary>
[Covers("API-230")]
public sealed class AdaptiveSpinTests
{
    private static readonly TimeSpan Spin = TimeSpan.FromMicroseconds(25);
    private static readonly TimeSpan Waking = TimeSpan.FromMicroseconds(45);
    private static readonly TimeSpan Answering = TimeSpan.FromMicroseconds(4);
    private static readonly TimeSpan Pause = TimeSpan.FromMicroseconds(60);

    [Theory]
    [InlineData(25)]
    [InlineData(30)]
    [InlineData(50)]
    [InlineData(75)]
    [InlineData(100)]
    [InlineData(124)]
    [InlineData(249)]
    public void Looking_that_is_not_worth_it_takes_a_twentieth_of_the_time(double microseconds)
    {
        var spin = Asleep();
        var (looked, _) = WaitFor(ref spin, TimeSpan.FromMicroseconds(microseconds), TimeSpan.FromSeconds(1));
        Assert.InRange(looked.TotalMilliseconds, 10, 51);
    }

    [Theory]
    [InlineData(251)]
    [InlineData(1_000)]
    [InlineData(1_000_000)]
    public void Nobody_looks_for_what_is_far(double microseconds)
    {
        var spin = Asleep();
        var (_, looks) = WaitFor(ref spin, TimeSpan.FromMicroseconds(microseconds), TimeSpan.FromSeconds(10));
        Assert.Equal(0, looks);
    }

    [Fact]
    public void Two_that_sleep_wake_each_other_and_stay_awake()
    {
        var (a, b) = (new End { Spin = Asleep() }, new End { Spin = Asleep() });
        var roundTrips = new List<TimeSpan>();
        for (var now = TimeSpan.Zero; now < TimeSpan.FromSeconds(1);)
        {
            var asked = now;
            now = a.Answer(b.Answer(now));
            roundTrips.Add(now - asked);
        }

        Assert.Equal(2 * (Waking + Answering), roundTrips[0]);
        Assert.InRange(roundTrips.FindIndex(time => time == 2 * Answering), 1, 100);
        Assert.InRange(roundTrips.Count(time => time > 2 * Answering), 1, 100);
    }

    [Fact]
    public void Who_has_credit_is_awake_after_a_pause_of_the_other()
    {
        var spin = new AdaptiveSpin(Spin);
        Assert.Equal(Spin, spin.Begin());
        WaitFor(ref spin, TimeSpan.FromMicroseconds(8), TimeSpan.FromMilliseconds(10));
        Assert.Equal(4 * Spin, spin.Begin());
        spin.End(3 * Spin, 3 * Spin);
        Assert.Equal(4 * Spin, spin.Begin());
        spin.End(4 * Spin, 8 * Spin);
        Assert.Equal(TimeSpan.Zero, spin.Begin());
    }

    [Fact]
    public void Pauses_of_the_machine_put_neither_of_two_to_sleep()
    {
        var (a, b) = (new End { Spin = new AdaptiveSpin(Spin) }, new End { Spin = new AdaptiveSpin(Spin) });
        var now = TimeSpan.Zero;
        for (var i = 1; i < 10_000; i++)
        {
            var asked = now;
            now = a.Answer(b.Answer(now + PauseAt(i, 0)) + PauseAt(i, 25));
            Assert.InRange(now - asked, 2 * Answering, (2 * Answering) + Pause);
        }
    }

    [Fact]
    public void Eight_short_waits_are_worth_a_look()
    {
        var spin = new AdaptiveSpin(Spin);
        for (var i = 1; i <= 32; i++)
        {
            spin.Begin();
            spin.End(TimeSpan.Zero, TimeSpan.Zero);
            Assert.Equal(Math.Max(Spin.Ticks, i * (Spin.Ticks / 8)), spin.Begin().Ticks);
        }
    }

    private static TimeSpan PauseAt(int roundTrip, int first) => roundTrip % 50 == first ? Pause : TimeSpan.Zero;

    private static AdaptiveSpin Asleep()
    {
        var spin = new AdaptiveSpin(Spin);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(Spin, spin.Begin());
            spin.End(Spin, Spin);
        }

        return spin;
    }

    // Datagrams come in even time, whoever looks.
    private static (TimeSpan Looked, int Looks) WaitFor(ref AdaptiveSpin spin, TimeSpan each, TimeSpan inAll)
    {
        var (sum, looks) = (TimeSpan.Zero, 0);
        for (var now = TimeSpan.Zero; now < inAll; now += each)
        {
            var time = spin.Begin();
            var looked = time < each ? time : each;
            spin.End(looked, each);
            sum += looked;
            looks += looked > TimeSpan.Zero ? 1 : 0;
        }

        return (sum, looks);
    }

    /// <summary>One end of round trips, whose thread takes long to wake.</summary>
    private sealed class End
    {
        public AdaptiveSpin Spin;
        private TimeSpan began;

        /// <summary>What is sent then comes at once; returns when it is answered.</summary>
        public TimeSpan Answer(TimeSpan at)
        {
            var looks = Spin.Begin();
            var awake = at < began + looks;
            var taken = awake ? at : at + Waking;
            Spin.End(awake ? at - began : looks, taken - began);
            began = taken + Answering;
            return began;
        }
    }
}
