namespace MsgNet.Core;

/// <summary>
/// Randomness for machines, injected by their driver: the operating system's generator in production, a seeded one in simulation.
/// Implementations are called by one thread at a time.
/// </summary>
public interface IRandom
{
    /// <summary>Fills <paramref name="destination"/> with random bytes; in production of cryptographic quality.</summary>
    void Fill(Span<byte> destination);
}

/// <summary>Numbers drawn from an <see cref="IRandom"/>.</summary>
public static class RandomExtensions
{
    /// <summary>64 uniformly random bits.</summary>
    public static ulong NextUInt64(this IRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Span<byte> bytes = stackalloc byte[8];
        random.Fill(bytes);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>A number in [<paramref name="low"/>, <paramref name="high"/>), for timers and sampling; its bias is below 2⁻³².</summary>
    public static int NextInt32(this IRandom random, int low, int high)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(low, high);
        return (int)(low + (long)(random.NextUInt64() % (ulong)((long)high - low)));
    }
}
