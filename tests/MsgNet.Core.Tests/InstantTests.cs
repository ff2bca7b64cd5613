namespace MsgNet.Core.Tests;

public class InstantTests
{
    [Fact]
    public void Moments_add_subtract_and_compare()
    {
        var early = Instant.FromMicroseconds(1_500);
        var late = early + TimeSpan.FromMilliseconds(1);
        Assert.Equal(2_500, late.Microseconds);
        Assert.Equal(TimeSpan.FromMilliseconds(1), late - early);
        Assert.Equal(early, late - TimeSpan.FromMilliseconds(1));
        Assert.True(early < late && late > early && early <= late && late >= early);
        Assert.True(early.CompareTo(late) < 0 && early.CompareTo(early) == 0);
        Assert.Equal(early, Instant.Min(early, late));
        Assert.Equal(early, Instant.Min(late, early));
        Assert.Equal(late, Instant.Max(early, late));
        Assert.Equal(late, Instant.Max(late, early));
        Assert.Equal(0, Instant.Zero.Ticks);
    }

    [Fact]
    public void Never_is_later_than_all_and_stays_never()
    {
        Assert.True(Instant.Never.IsNever && !Instant.Zero.IsNever);
        Assert.True(Instant.FromMicroseconds(long.MaxValue / 10) < Instant.Never);
        Assert.Equal(Instant.Never, Instant.Never + TimeSpan.FromDays(1));
        Assert.Equal(Instant.Never, Instant.Never - TimeSpan.FromDays(1));
        Assert.Equal(Instant.Zero, Instant.Min(Instant.Zero, Instant.Never));
    }

    [Fact]
    public void Text_is_seconds()
    {
        Assert.Equal("never", Instant.Never.ToString());
        Assert.Equal("1.500000s", Instant.FromMicroseconds(1_500_000).ToString());
    }
}
