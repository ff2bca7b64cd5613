using System.Numerics;
using System.Security.Cryptography;
using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>
/// Secrets of one length, many to an allocation of libsodium's guarded heap: locked against swapping as far as the system's limit allows,
/// left out of core dumps, fenced by guard pages, wiped when released. The secrets of all hosts of a process lie together, because an
/// allocation costs the system five mappings, of which it grants a process 65,530.
/// </summary>
/// <remarks>Safe on any thread. A secret released by a finalizer finds its way back as well.</remarks>
internal sealed unsafe class SecureSlab
{
    // With the canary that libsodium puts before it, four pages: one for each kind of secret fits the least limits of locked memory.
    private const int ChunkLength = 15 * 1024;

    private readonly Lock gate = new();
    private readonly List<Chunk> withRoom = [];
    private readonly int slotLength;
    private readonly bool isReadOnly;
    private readonly nuint chunkLength;
    private int used;

    /// <summary>An empty slab; memory comes with the first secret.</summary>
    /// <param name="slotLength">Bytes of a secret.</param>
    /// <param name="isReadOnly">True when a write ends the process at all times but while a secret of the chunk is stored or wiped.</param>
    public SecureSlab(int slotLength, bool isReadOnly)
        : this(slotLength, isReadOnly, (nuint)(ChunkLength / slotLength * slotLength))
    {
    }

    /// <summary>The same with allocations of another length.</summary>
    internal SecureSlab(int slotLength, bool isReadOnly, nuint chunkLength)
    {
        this.slotLength = slotLength;
        this.isReadOnly = isReadOnly;
        this.chunkLength = chunkLength;
    }

    /// <summary>Where the identities of the process lie: an Ed25519 secret key and its X25519 form.</summary>
    public static SecureSlab Identities { get; } = new(SodiumSign.SecretKeyLength + SodiumScalarMult.Length, isReadOnly: true); // ID-025

    /// <summary>Where the keys of all sessions lie.</summary>
    public static SecureSlab SessionKeys { get; } = new(SodiumAeadChaCha20Poly1305.KeyLength, isReadOnly: false);

    /// <summary>Where AES keys lie while they are expanded.</summary>
    public static SecureSlab AesStates { get; } = new(SodiumAeadAes256Gcm.StateLength, isReadOnly: false);

    /// <summary>Secrets in use.</summary>
    public int Used
    {
        get
        {
            lock (gate)
                return used;
        }
    }

    /// <summary>Allocations that have room.</summary>
    internal int ChunksWithRoom
    {
        get
        {
            lock (gate)
                return withRoom.Count;
        }
    }

    /// <summary>Copies <paramref name="secret"/> into a place of its own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has another length than the secrets of this slab.</exception>
    /// <exception cref="InsufficientMemoryException">The system grants no more memory.</exception>
    public SecureMemory Store(ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, slotLength, nameof(secret));
        lock (gate)
        {
            if (withRoom.Count == 0)
                withRoom.Add(Allocate());

            var chunk = withRoom[^1];
            Unprotect(chunk);
            var slot = chunk.Take();
            secret.CopyTo(new Span<byte>((void*)slot, slotLength));
            Protect(chunk);
            used++;
            if (chunk.IsFull)
                withRoom.RemoveAt(withRoom.Count - 1);
            return new SecureMemory(chunk, slot);
        }
    }

    /// <summary>A place of zeros to write to.</summary>
    /// <exception cref="InsufficientMemoryException">The system grants no more memory.</exception>
    public SecureMemory Take()
    {
        Invariant.Check(!isReadOnly);
        Span<byte> zeros = stackalloc byte[slotLength];
        zeros.Clear();
        return Store(zeros);
    }

    private void Release(Chunk chunk, nint slot)
    {
        lock (gate)
        {
            Unprotect(chunk);
            CryptographicOperations.ZeroMemory(new Span<byte>((void*)slot, slotLength));
            Protect(chunk);
            if (chunk.IsFull)
                withRoom.Add(chunk);
            chunk.Return(slot);
            used--;
            FreeIfSpare(chunk);
        }
    }

    // An empty one is kept while it is the only one with room: one secret that comes and goes must not cost an allocation each time.
    private void FreeIfSpare(Chunk chunk)
    {
        if (!chunk.IsEmpty || withRoom.Count == 1)
            return;

        withRoom.Remove(chunk);
        SodiumUtils.Free(chunk.Start);
    }

    private Chunk Allocate()
    {
        SodiumCore.Start();
        var start = SodiumUtils.Malloc(chunkLength);
        if (start == 0)
        {
            throw new InsufficientMemoryException(
                $"The system refused {chunkLength} bytes of guarded memory for keys: raise the limit of memory or of mappings "
                + "(vm.max_map_count) of this process, or let fewer hosts run in it.");
        }

        new Span<byte>((void*)start, (int)chunkLength).Clear();
        return new Chunk(this, start, (int)chunkLength / slotLength);
    }

    // Whole mappings change their rights, which splits none: the system has no reason to refuse.
    private void Unprotect(Chunk chunk) => Invariant.Check(!isReadOnly || SodiumUtils.ProtectReadWrite(chunk.Start) == 0);

    private void Protect(Chunk chunk) => Invariant.Check(!isReadOnly || SodiumUtils.ProtectReadOnly(chunk.Start) == 0);

    /// <summary>One allocation; a bit for each place that is free.</summary>
    internal sealed class Chunk
    {
        private const int WordBits = 64;

        private readonly SecureSlab slab;
        private readonly ulong[] free;
        private readonly int slots;
        private int freeCount;

        public Chunk(SecureSlab slab, nint start, int slots)
        {
            this.slab = slab;
            Start = start;
            this.slots = freeCount = slots;
            free = new ulong[(slots + WordBits - 1) / WordBits];
            for (var i = 0; i < slots; i++)
                free[i / WordBits] |= 1UL << (i % WordBits);
        }

        public nint Start { get; }

        public int SlotLength => slab.slotLength;

        public bool IsFull => freeCount == 0;

        public bool IsEmpty => freeCount == slots;

        /// <summary>Takes back a place, wiped.</summary>
        public void Release(nint slot) => slab.Release(this, slot);

        public nint Take()
        {
            var word = free.AsSpan().IndexOfAnyExcept(0UL);
            var bit = BitOperations.TrailingZeroCount(free[word]);
            free[word] &= free[word] - 1;
            freeCount--;
            return Start + (((word * WordBits) + bit) * SlotLength);
        }

        public void Return(nint slot)
        {
            var i = (int)(slot - Start) / SlotLength;
            free[i / WordBits] |= 1UL << (i % WordBits);
            freeCount++;
        }
    }
}
