namespace MsgNet.Core;

/// <summary>Bytes that wait in order, in blocks of a pool: written at one end, read at the other. Not thread-safe.</summary>
internal sealed class ByteQueue(BufferPool pool) : IDisposable
{
    private const int BlockMin = 2_048;
    private const int BlockMax = 65_536;

    private readonly Queue<Block> blocks = new();
    private byte[]? tail;
    private int readFrom;
    private int tailEnd;

    /// <summary>Bytes that wait.</summary>
    public long Length { get; private set; }

    /// <summary>Appends bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (tail is null || tailEnd == tail.Length)
                Extend(bytes.Length);
            var count = Math.Min(bytes.Length, tail!.Length - tailEnd);
            bytes[..count].CopyTo(tail.AsSpan(tailEnd));
            tailEnd += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>Takes the first bytes; there must be as many.</summary>
    public void Read(Span<byte> destination)
    {
        Invariant.Check(destination.Length <= Length);
        Length -= destination.Length;
        while (!destination.IsEmpty)
        {
            var block = blocks.Count > 0 ? blocks.Peek() : new Block(tail!, tailEnd);
            var count = Math.Min(destination.Length, block.End - readFrom);
            block.Bytes.AsSpan(readFrom, count).CopyTo(destination);
            destination = destination[count..];
            readFrom += count;
            if (readFrom == block.End)
                Drop();
        }
    }

    public void Dispose()
    {
        while (blocks.TryDequeue(out var block))
            pool.Return(block.Bytes);
        if (tail is not null)
            pool.Return(tail);
        tail = null;
        readFrom = tailEnd = 0;
        Length = 0;
    }

    private void Extend(int wanted)
    {
        if (tail is not null)
            blocks.Enqueue(new Block(tail, tailEnd));
        tail = pool.Rent(Math.Clamp(wanted, BlockMin, BlockMax));
        tailEnd = 0;
    }

    // The first block was read to its end; reading goes on at the start of the next.
    private void Drop()
    {
        readFrom = 0;
        if (blocks.TryDequeue(out var block))
        {
            pool.Return(block.Bytes);
            return;
        }

        pool.Return(tail!);
        tail = null;
        tailEnd = 0;
    }

    private readonly record struct Block(byte[] Bytes, int End);
}
