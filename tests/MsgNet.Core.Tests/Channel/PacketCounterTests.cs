using MsgNet.Testing;

namespace MsgNet.Core.Tests.Channel;

public class PacketCounterTests
{
    [Fact]
    [Covers("SEC-071")]
    public void Counters_rise_from_zero()
    {
        var counter = default(PacketCounter);
        Assert.Equal(0UL, counter.Next);
        Assert.Equal(0UL, counter.Take());
        Assert.Equal(1UL, counter.Take());
        Assert.Equal(2UL, counter.Next);
    }

    [Fact]
    public void The_bound_is_two_to_the_64_less_two_to_the_13_less_one() =>
        Assert.Equal((UInt128.One << 64) - (UInt128.One << 13) - 1, PacketCounter.RejectAfter);

    [Fact]
    public void The_last_counter_is_given_and_then_none_however_often_one_asks()
    {
        var counter = new PacketCounter(PacketCounter.RejectAfter - 1);
        Assert.Equal(PacketCounter.RejectAfter - 1, counter.Take());
        for (var i = 0; i < 20_000; i++)
            Assert.Throws<InvalidOperationException>(() => counter.Take());

        Assert.Equal(PacketCounter.RejectAfter, counter.Next);
    }
}
