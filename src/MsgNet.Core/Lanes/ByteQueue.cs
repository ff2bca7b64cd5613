namespace MsgNet.Core;

/// <summary>Bytes that wait in order, in blocks of a pool: written at one end, read at the other. Not thread-safe.</summary>
internal sealed class ByteQueue(BufferPool pool) : IDisposable
{
    /// <summary>Most bytes that can be made to stand in one piece.</summary>
    public const int RunMax = 2_048;

    private const int BlockMax = 65_536;

    // All blocks but the newest, which is written to.
    private readonly Queue<Block> blocks = new();
    private byte[]? newest;
    private int readFrom;
    private int writtenTo;

    /// <summary>Bytes that wait.</summary>
    public long Length { get; private set; }

    /// <summary>The first of them, as far as they stand in one piece; empty only when none wait.</summary>
    public ReadOnlySpan<byte> First
    {
        get
        {
            var block = FirstBlock;
            return block.Bytes.AsSpan(readFrom, block.End - readFrom);
        }
    }

    private Block FirstBlock => blocks.Count > 0 ? blocks.Peek() : new Block(newest, writtenTo);

    /// <summary>Appends bytes in one piece, for the caller to fill; at most <see cref="RunMax"/>.</summary>
    public Span<byte> Append(int count)
    {
        if (newest is null || newest.Length - writtenTo < count)
            Extend();
        var run = newest.AsSpan(writtenTo, count);
        writtenTo += count;
        Length += count;
        return run;
    }

    /// <summary>Appends bytes, in as many pieces as that takes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (newest is null || writtenTo == newest.Length)
                Extend();
            var count = Math.Min(bytes.Length, newest!.Length - writtenTo);
            bytes[..count].CopyTo(newest.AsSpan(writtenTo));
            writtenTo += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>Takes the first bytes; there must be as many.</summary>
    public void Read(Span<byte> destination)
    {
        Invariant.Check(destination.Length <= Length);
        while (!destination.IsEmpty)
        {
            var first = First;
            var count = Math.Min(destination.Length, first.Length);
            first[..count].CopyTo(destination);
            destination = destination[count..];
            Skip(count);
        }
    }

    /// <summary>Leaves bytes out that were seen as <see cref="First"/>; at most as many.</summary>
    public void Skip(int count)
    {
        Length -= count;
        readFrom += count;
        var end = FirstBlock.End;
        Invariant.Check(readFrom <= end);
        if (readFrom == end)
            Drop();
    }

    public void Dispose()
    {
        while (blocks.TryDequeue(out var block))
            pool.Return(block.Bytes!);
        if (newest is not null)
            pool.Return(newest);
        newest = null;
        readFrom = writtenTo = 0;
        Length = 0;
    }

    // Each block is twice as long as the one before: who has little to say holds little.
    private void Extend()
    {
        var length = newest is null ? RunMax : Math.Min(2 * newest.Length, BlockMax);
        if (newest is not null)
            blocks.Enqueue(new Block(newest, writtenTo));
        newest = pool.Rent(length);
        writtenTo = 0;
    }

    // The first block was read to its end; reading goes on at the start of the next.
    private void Drop()
    {
        readFrom = 0;
        if (blocks.TryDequeue(out var block))
        {
            pool.Return(block.Bytes!);
            return;
        }

        pool.Return(newest!);
        newest = null;
        writtenTo = 0;
    }

    private readonly record struct Block(byte[]? Bytes, int End);
}
