using System.Runtime.InteropServices;

namespace MsgNet.Core;

/// <summary>
/// The ephemeral keys of HELLOs answered lately (SEC-061), so that a repeated HELLO is answered from store and never read twice. Two
/// generations of <see cref="GenerationLifetime"/>: a key is remembered for one to two of them, and one covers every HELLO's timestamp
/// window.
/// </summary>
/// <remarks>Not thread-safe. Grows with use, up to its bound; its memory is kept.</remarks>
internal sealed class EphemeralCache
{
    /// <summary>How long one generation takes new keys: twice the timestamp window of 30 s (SEC-057).</summary>
    public static readonly TimeSpan GenerationLifetime = TimeSpan.FromSeconds(60);

    private readonly int capacity;
    private Dictionary<Key, uint> current = [];
    private Dictionary<Key, uint> previous = [];
    private Instant start;

    /// <summary>An empty cache of <see cref="Limits.EphemeralCacheMax"/> keys per generation.</summary>
    public EphemeralCache()
        : this(Limits.EphemeralCacheMax)
    {
    }

    /// <summary>An empty cache.</summary>
    /// <param name="capacity">Keys per generation, 1 to <see cref="Limits.EphemeralCacheMax"/>.</param>
    public EphemeralCache(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, Limits.EphemeralCacheMax);
        this.capacity = capacity;
    }

    /// <summary>Keys remembered.</summary>
    public int Count => current.Count + previous.Count;

    /// <summary>The handle stored with <paramref name="ephemeral"/> (32 bytes), if it is remembered at <paramref name="now"/>.</summary>
    public bool TryGet(Instant now, ReadOnlySpan<byte> ephemeral, out uint handle)
    {
        Rotate(now);
        var key = Key.From(ephemeral);
        return current.TryGetValue(key, out handle) || previous.TryGetValue(key, out handle);
    }

    /// <summary>
    /// Remembers <paramref name="ephemeral"/> (32 bytes). False when it is remembered already, or the generation is full: forgetting
    /// another instead would let that one be replayed, so the HELLO must be refused.
    /// </summary>
    /// <param name="now">The moment; never earlier than in the call before.</param>
    /// <param name="ephemeral">E_i of a HELLO that proved authentic.</param>
    /// <param name="handle">What the caller finds its answer by.</param>
    public bool TryAdd(Instant now, ReadOnlySpan<byte> ephemeral, uint handle)
    {
        Rotate(now);
        var key = Key.From(ephemeral);
        return current.Count < capacity && !previous.ContainsKey(key) && current.TryAdd(key, handle);
    }

    private void Rotate(Instant now)
    {
        var age = now - start;
        if (age < GenerationLifetime)
            return;

        (current, previous) = (previous, current);
        current.Clear();
        if (age >= GenerationLifetime * 2)
            previous.Clear();

        // On a fixed grid, so that how long a key is remembered does not depend on when this happens to be called.
        start = now - new TimeSpan(age.Ticks % GenerationLifetime.Ticks);
    }

    /// <summary>32 bytes as a value; hashed with the runtime's random seed, since a peer chooses them.</summary>
    private readonly record struct Key(ulong A, ulong B, ulong C, ulong D)
    {
        public static Key From(ReadOnlySpan<byte> ephemeral)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(ephemeral.Length, 32, nameof(ephemeral));
            return MemoryMarshal.Read<Key>(ephemeral);
        }

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            hash.AddBytes(MemoryMarshal.AsBytes(new ReadOnlySpan<Key>(in this)));
            return hash.ToHashCode();
        }
    }
}
