using System.Buffers.Binary;
using System.Numerics;
using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>
/// Randomness that a seed repeats: xoshiro256** (Blackman and Vigna), its state filled by SplitMix64. Fast and well distributed; whoever
/// sees some of it can foretell the rest, so it is for simulation only. One thread at a time.
/// </summary>
public sealed class SeededRandom : IRandom
{
    private ulong s0;
    private ulong s1;
    private ulong s2;
    private ulong s3;

    /// <summary>The first stream of <paramref name="seed"/>.</summary>
    public SeededRandom(ulong seed)
        : this(seed, 0)
    {
    }

    /// <summary>One of the streams of <paramref name="seed"/>; streams of one seed have nothing to do with each other.</summary>
    public SeededRandom(ulong seed, ulong stream)
    {
        var state = seed;
        state = SplitMix(ref state) ^ stream;
        s0 = SplitMix(ref state);
        s1 = SplitMix(ref state);
        s2 = SplitMix(ref state);
        s3 = SplitMix(ref state);
    }

    /// <summary>64 uniformly random bits.</summary>
    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(s1 * 5, 7) * 9;
        var t = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = BitOperations.RotateLeft(s3, 45);
        return result;
    }

    /// <summary>A number in [0, 1), uniform in steps of 2⁻⁵³.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True with that probability; never for 0 and always for 1.</summary>
    public bool NextBool(double probability) => NextDouble() < probability;

    /// <summary>A span of time in [0, <paramref name="max"/>), uniform in ticks; zero when <paramref name="max"/> is.</summary>
    public TimeSpan NextTime(TimeSpan max) => new((long)(NextDouble() * max.Ticks));

    /// <inheritdoc/>
    public void Fill(Span<byte> destination)
    {
        while (destination.Length >= sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination, NextUInt64());
            destination = destination[sizeof(ulong)..];
        }

        if (destination.IsEmpty)
            return;

        Span<byte> last = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(last, NextUInt64());
        last[..destination.Length].CopyTo(destination);
    }

    private static ulong SplitMix(ref ulong state)
    {
        state += 0x9E37_79B9_7F4A_7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }
}
