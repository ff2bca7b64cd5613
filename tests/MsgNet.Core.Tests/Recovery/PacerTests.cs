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
}
