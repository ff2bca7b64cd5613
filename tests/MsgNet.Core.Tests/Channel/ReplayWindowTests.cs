using MsgNet.Testing;

namespace MsgNet.Core.Tests.Channel;

[Covers("SEC-072")]
public class ReplayWindowTests
{
    private const ulong Usable = 8128;

    [Fact]
    public void The_packet_window_has_8128_usable_numbers() => Assert.Equal((int)Usable, Packets().Usable);

    [Fact]
    public void Zero_is_accepted_once()
    {
        var window = Packets();
        Assert.True(window.IsEmpty);
        Assert.True(window.TryAccept(0));
        Assert.False(window.IsEmpty);
        Assert.False(window.CanAccept(0));
        Assert.False(window.TryAccept(0));
    }

    [Theory]
    [InlineData(1_000_000UL)]
    [InlineData(1_000_063UL)]
    [InlineData(8_128UL * 64)]
    [InlineData((8_128UL * 64) + 63)]
    public void The_oldest_usable_number_is_accepted_and_the_one_below_is_not(ulong highest)
    {
        var window = Packets();
        Assert.True(window.TryAccept(highest));
        Assert.False(window.TryAccept(highest - Usable - 1));
        Assert.True(window.TryAccept(highest - Usable));
        Assert.False(window.TryAccept(highest - Usable));
        Assert.Equal(highest, window.Highest);
    }

    [Theory]
    [InlineData(1UL)]
    [InlineData(63UL)]
    [InlineData(64UL)]
    [InlineData(65UL)]
    [InlineData(8127UL)]
    [InlineData(8128UL)]
    [InlineData(8191UL)]
    [InlineData(8192UL)]
    [InlineData(8193UL)]
    [InlineData(1UL << 40)]
    [InlineData(ulong.MaxValue - 7)]
    public void After_any_jump_only_what_was_seen_is_refused(ulong jump)
    {
        var window = Packets();
        Assert.True(window.TryAccept(7));
        Assert.True(window.TryAccept(7 + jump));
        Assert.False(window.TryAccept(7 + jump));
        var lowest = 7 + jump > Usable ? 7 + jump - Usable : 0;
        for (var number = lowest; number < 7 + jump; number++)
            Assert.Equal(number != 7, window.TryAccept(number));

        if (lowest > 0)
            Assert.False(window.TryAccept(lowest - 1));
    }

    [Fact]
    public void What_a_small_ring_held_is_remembered_when_it_becomes_a_large_one()
    {
        for (var beyond = 100UL; beyond < Usable + 300; beyond += 97)
        {
            var window = Packets();
            for (var number = 0UL; number < 100; number += 3)
                Assert.True(window.TryAccept(number));
            Assert.True(window.TryAccept(beyond));
            for (var number = 0UL; number < 100; number++)
                Assert.Equal(number % 3 != 0 && beyond - number <= Usable, window.CanAccept(number));
        }
    }

    [Fact]
    public void A_ring_becomes_large_once()
    {
        var window = Packets();
        Allocations.AssertAtMost(0, () => window = Packets(), () => window.TryAccept(127));
        window.TryAccept(128);
        var number = 128UL;
        Allocations.AssertNone(() => window.TryAccept(number += 5_000));
    }

    [Fact]
    public void Falling_numbers_are_each_accepted_once_down_to_the_edge()
    {
        var window = Packets();
        for (var number = 2 * Usable; number >= Usable; number--)
            Assert.True(window.TryAccept(number));

        Assert.False(window.TryAccept(Usable - 1));
        for (var number = Usable; number <= 2 * Usable; number++)
            Assert.False(window.TryAccept(number));
    }

    [Fact]
    public void The_last_number_of_all_is_accepted_once()
    {
        var window = Packets();
        Assert.True(window.TryAccept(ulong.MaxValue));
        Assert.False(window.TryAccept(ulong.MaxValue));
        Assert.True(window.TryAccept(ulong.MaxValue - Usable));
        Assert.False(window.TryAccept(0));
    }

    [Fact]
    public void Asking_changes_nothing()
    {
        var window = Packets();
        window.TryAccept(100);
        Assert.True(window.CanAccept(5_000_000));
        Assert.True(window.CanAccept(99));
        Assert.Equal(100UL, window.Highest);
        Assert.True(window.TryAccept(99));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    [InlineData(8_191)]
    public void Other_widths_are_refused(int bits) => Assert.Throws<ArgumentException>(() => new ReplayWindow(bits));

    [Theory]
    [InlineData(Limits.ReplayWindowBits, 1)]
    [InlineData(Limits.IdWindow, 2)]
    [InlineData(128, 3)]
    public void It_agrees_with_a_set_on_a_million_random_numbers(int bits, int seed)
    {
        var window = new ReplayWindow(bits);
        var seen = new HashSet<ulong>();
        var random = new Random(seed);
        var highest = 0UL;
        var accepted = 0;
        for (var i = 0; i < 1_000_000; i++)
        {
            var number = Pick(random, highest, bits);
            var tooOld = seen.Count > 0 && number < highest && highest - number > (ulong)window.Usable;
            var expected = !tooOld && seen.Add(number);
            if (window.CanAccept(number) != expected || window.TryAccept(number) != expected)
                Assert.Fail($"Number {number} with highest {highest} at step {i}: expected {expected}.");

            highest = expected ? Math.Max(highest, number) : highest;
            accepted += expected ? 1 : 0;
        }

        Assert.InRange(accepted, 100_000, 999_999);
    }

    private static ulong Pick(Random random, ulong highest, int bits) => random.Next(1000) switch
    {
        0 => highest + (ulong)random.Next(3 * bits),
        < 500 => highest + (ulong)random.Next(3),
        _ => highest - Math.Min(highest, (ulong)random.Next(bits + 100)),
    };

    private static ReplayWindow Packets() => new(Limits.ReplayWindowBits);
}
