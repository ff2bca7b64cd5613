using System.Security.Cryptography;

namespace MsgNet.Sodium;

/// <summary>
/// Session keys side by side on pages of their own: pinned, so the collector leaves no copies; locked against swapping as far as the
/// system's limit allows; wiped when released. Grows a page at a time and keeps its pages.
/// </summary>
/// <remarks>Safe on any thread. A key released by a finalizer finds its way back as well.</remarks>
internal sealed unsafe class SessionKeySlab : IDisposable
{
    public const int KeyLength = 32;

    private readonly Lock gate = new();
    private readonly List<byte[]> arrays = [];
    private readonly Stack<nint> free = [];
    private int used;
    private bool disposed;

    /// <summary>An empty slab; pages come with the first key.</summary>
    public SessionKeySlab() => SodiumCore.Start();

    /// <summary>Keys in use.</summary>
    public int Used
    {
        get
        {
            lock (gate)
                return used;
        }
    }

    /// <summary>Copies <paramref name="key"/> into a slot of its own.</summary>
    public SessionKeyHandle Store(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyLength, nameof(key));
        nint slot;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (free.Count == 0)
                Grow();

            slot = free.Pop();
            used++;
        }

        key.CopyTo(new Span<byte>((void*)slot, KeyLength));
        return new SessionKeyHandle(this, slot);
    }

    /// <summary>Takes back a slot, wiped.</summary>
    public void Release(nint slot)
    {
        CryptographicOperations.ZeroMemory(new Span<byte>((void*)slot, KeyLength));
        lock (gate)
        {
            free.Push(slot);
            used--;
            UnlockWhenUnused();
        }
    }

    /// <summary>Gives up the locked pages as soon as the last key is released. No key can be stored any more.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            UnlockWhenUnused();
        }
    }

    private void Grow()
    {
        // Twice a page, so that one whole page inside is ours alone: locks do not nest, and a neighbour's unlock must not undo ours.
        var pageLength = Environment.SystemPageSize;
        var array = GC.AllocateArray<byte>(2 * pageLength, pinned: true);
        arrays.Add(array);
        var page = PageOf(array);
        _ = SodiumUtils.Lock(page, (nuint)pageLength);
        for (var offset = pageLength - KeyLength; offset >= 0; offset -= KeyLength)
            free.Push((nint)(page + offset));
    }

    private void UnlockWhenUnused()
    {
        if (!disposed || used > 0)
            return;

        foreach (var array in arrays)
            _ = SodiumUtils.Unlock(PageOf(array), (nuint)Environment.SystemPageSize);

        arrays.Clear();
        free.Clear();
    }

    private static byte* PageOf(byte[] pinned)
    {
        var address = (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(
            ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(pinned));
        var pageLength = (nuint)Environment.SystemPageSize;
        return (byte*)((address + pageLength - 1) / pageLength * pageLength);
    }
}
