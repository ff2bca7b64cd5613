namespace MsgNet.Core;

/// <summary>
/// Bytes first in, first out, in one piece, in a buffer of the pool that grows by doubling and goes back when it is empty.
/// </summary>
internal struct FrameStore(BufferPool pool)
{
    private byte[] buffer = [];
    private int start;
    private int end;

    /// <summary>The oldest bytes; there must be as many.</summary>
    public readonly ReadOnlySpan<byte> First(int count) => buffer.AsSpan(start, count);

    /// <summary>Adds bytes, for the caller to fill.</summary>
    public Span<byte> Append(int count)
    {
        if (buffer.Length - end < count)
            MakeRoom(count);

        end += count;
        return buffer.AsSpan(end - count, count);
    }

    /// <summary>Drops the oldest bytes.</summary>
    public void Remove(int count)
    {
        start += count;
        Invariant.Check(start <= end);
        if (start == end)
            Clear();
    }

    /// <summary>Drops all.</summary>
    public void Clear()
    {
        if (buffer.Length > 0)
            pool.Return(buffer);

        buffer = [];
        start = end = 0;
    }

    // Moves at most half a buffer's bytes, and only after as many were taken: a constant cost for each byte.
    private void MakeRoom(int count)
    {
        var live = buffer.AsSpan(start..end);
        if (live.Length + count <= buffer.Length / 2)
        {
            live.CopyTo(buffer);
        }
        else
        {
            var larger = pool.Rent(Math.Max(live.Length + count, 2 * buffer.Length));
            live.CopyTo(larger);
            if (buffer.Length > 0)
                pool.Return(buffer);
            buffer = larger;
        }

        end -= start;
        start = 0;
    }
}
