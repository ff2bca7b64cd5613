using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Recovery;

public sealed class PacerTests
{
    private const int Size = 1200;
    private static readonly Instant Start = Instant.FromMicroseconds(1_000_000);

    [Theory]
    [InlineData(100_000, 10 * Size)]
    [InlineData(10_000_000, 20_000)]
    [InlineData(50_000_000, 64 * Size)]
    [InlineData(1_000_000_000, 1_000_000)]
    [Covers("REC-054")]
    public void No_interval_holds_more_than_one_burst_above_the_rate(double rate, double burst)
    {
        var pacer = new Pacer(Size);
        var now = Start;
        var sent = 0L;
        var atOnce = 0L;
        var full = Start + TimeSpan.FromSeconds(10);
        // A full bucket first, then as fast as it lets.
        for (now = full; now < full + TimeSpan.FromMilliseconds(500); now = pacer.NextSend(now, Size, rate))
        {
            if (now == full)
                atOnce += Size;
            pacer.OnSent(now, Size, rate);
            sent += Size;
            Assert.True(sent <= ((now - full).TotalSeconds * rate) + burst + 1, $"{sent} at {now - full}");
        }

        Assert.InRange(atOnce, burst - Size, burst);
        Assert.InRange(sent, 0.5 * rate, (0.5 * rate) + burst + Size);
    }

    [Fact]
    public void A_packet_nobody_may_hold_back_delays_the_next_ones_by_one_burst_at_most()
    {
        var pacer = new Pacer(Size);
        for (var i = 0; i < 1000; i++)
            pacer.OnSent(Start, Size, 100_000);

        var next = pacer.NextSend(Start, Size, 100_000);
        Assert.Equal(Start + TimeSpan.FromSeconds(11 * Size / 100_000.0), next);
        Assert.Equal(next, pacer.NextSend(next, Size, 100_000));
    }

    // Nobody asked before these were sent: the bucket is empty. A report that measures nothing then makes room.
    [Theory]
    [InlineData(999, true)]
    [InlineData(1_000, false)]
    [Covers("REC-054")]
    public void Only_the_window_holds_a_path_back_whose_round_trip_took_less_than_a_millisecond(int microseconds, bool maySend)
    {
        var recovery = new PathRecovery(Size);
        recovery.AddKey(1);
        recovery.OnRoundTripSample(Start, TimeSpan.FromMicroseconds(microseconds));
        var sent = 0UL;
        while (sent < 200)
            recovery.OnPacketSent(Start, 1, sent++, Size, eliciting: true, appLimited: false);
        recovery.OnPacketSent(Start, 1, sent, 40, eliciting: false, appLimited: false);

        var now = Start + TimeSpan.FromMicroseconds(1);
        new ReportBuilder().Give(recovery, now, 1, 0, new ReportRange(0, sent));

        Assert.Equal(0, recovery.BytesInFlight);
        Assert.Equal(maySend, recovery.CanSend(now, Size));
        Assert.Equal(maySend, recovery.NextSend(now) == now);
    }

    [Theory]
    [InlineData(999, 3)]
    [InlineData(1_001, 1)]
    [Covers("REC-068")]
    public void A_full_window_of_a_short_path_opens_when_a_quarter_is_free(int microseconds, int expected)
    {
        var recovery = new PathRecovery(Size);
        recovery.AddKey(1);
        recovery.OnRoundTripSample(Start, TimeSpan.FromMicroseconds(microseconds));
        var sent = 0UL;
        for (; recovery.BytesInFlight + Size <= recovery.CongestionWindow; sent++)
            recovery.OnPacketSent(Start, 1, sent, Size, eliciting: true, appLimited: false);
        Assert.False(recovery.CanSend(Start, Size));
        var window = recovery.CongestionWindow;

        var now = Start + TimeSpan.FromSeconds(1);
        var freed = 0;
        for (var number = 0UL; !recovery.CanSend(now, Size); number++)
        {
            Assert.Equal(Instant.Never, recovery.NextSend(now));
            new ReportBuilder().Give(recovery, now, 1, 0, new ReportRange(number, number));
            freed = (int)((recovery.CongestionWindow - recovery.BytesInFlight) / Size);
        }

        Assert.Equal(now, recovery.NextSend(now));
        Assert.Equal(expected, freed);
        Assert.True(window >= 10 * Size);
    }
}
