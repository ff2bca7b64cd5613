using System.Buffers.Binary;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Channel;

[Covers("SEC-061")]
public class EphemeralCacheTests
{
    [Fact]
    public void A_key_is_found_with_its_handle_and_taken_once()
    {
        var cache = new EphemeralCache();
        Assert.False(cache.TryGet(Instant.Zero, Key(1), out _));
        Assert.True(cache.TryAdd(Instant.Zero, Key(1), 42));
        Assert.False(cache.TryAdd(Instant.Zero, Key(1), 43));
        Assert.True(cache.TryGet(Instant.Zero, Key(1), out var handle));
        Assert.Equal(42u, handle);
        Assert.False(cache.TryGet(Instant.Zero, Key(2), out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(29.5)]
    [InlineData(59.9999999)]
    [InlineData(60)]
    [InlineData(61)]
    [InlineData(119.9)]
    [InlineData(100_000.3)]
    public void A_key_is_remembered_for_at_least_60_and_at_most_120_seconds(double addedAt)
    {
        for (var step = 1; step <= 7; step++)
        {
            var cache = new EphemeralCache();
            var added = At(addedAt);
            Assert.True(cache.TryAdd(added, Key(1), 1));
            for (var age = 0; age <= 60; age += step)
                Assert.True(cache.TryGet(added + TimeSpan.FromSeconds(age), Key(1), out _), $"forgotten after {age} s");

            Assert.True(cache.TryGet(added + TimeSpan.FromSeconds(60), Key(1), out _));
            Assert.False(cache.TryAdd(added + TimeSpan.FromSeconds(60), Key(1), 2));
            Assert.False(cache.TryGet(added + TimeSpan.FromSeconds(120), Key(1), out _));
            Assert.Equal(0, cache.Count);
        }
    }

    [Fact]
    public void A_long_silence_forgets_both_generations()
    {
        var cache = new EphemeralCache();
        cache.TryAdd(At(10), Key(1), 1);
        cache.TryAdd(At(70), Key(2), 2);
        Assert.Equal(2, cache.Count);
        Assert.False(cache.TryGet(At(200), Key(2), out _));
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void A_full_generation_refuses_and_forgets_nothing()
    {
        var cache = new EphemeralCache();
        for (var i = 0; i < Limits.EphemeralCacheMax; i++)
            Assert.True(cache.TryAdd(At(1), Key(i), (uint)i));

        Assert.False(cache.TryAdd(At(1), Key(-1), 0));
        Assert.True(cache.TryGet(At(1), Key(0), out _));
        Assert.True(cache.TryAdd(At(61), Key(-1), 7));
        Assert.True(cache.TryGet(At(61), Key(Limits.EphemeralCacheMax - 1), out var handle));
        Assert.Equal((uint)Limits.EphemeralCacheMax - 1, handle);
    }

    [Fact]
    public void Every_byte_of_a_key_counts()
    {
        var cache = new EphemeralCache();
        cache.TryAdd(Instant.Zero, Key(0), 0);
        for (var i = 0; i < 32; i++)
        {
            var other = Key(0);
            other[i] ^= 0x80;
            Assert.False(cache.TryGet(Instant.Zero, other, out _));
        }
    }

    [Fact]
    public void Bounds_are_checked()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new EphemeralCache(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EphemeralCache(Limits.EphemeralCacheMax + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EphemeralCache().TryGet(Instant.Zero, new byte[31], out _));
    }

    private static Instant At(double seconds) => new((long)(seconds * TimeSpan.TicksPerSecond));

    private static byte[] Key(int number)
    {
        var key = new byte[32];
        BinaryPrimitives.WriteInt32LittleEndian(key, number);
        return key;
    }
}
