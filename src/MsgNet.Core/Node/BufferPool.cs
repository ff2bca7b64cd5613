namespace MsgNet.Core;

/// <summary>
/// Buffers of one machine, handed out and taken back by its single driver, so that the steady state allocates nothing. Bounded: what would
/// exceed the bound goes to the garbage collector.
/// </summary>
internal sealed class BufferPool
{
    private const int SizeMin = 256;

    // What is under way on a fast and long path: every segment there has a buffer.
    private const int KeptBytesMax = 32 << 20;
    private readonly Stack<byte[]>[] shelves = [.. Enumerable.Range(0, 10).Select(_ => new Stack<byte[]>())];
    private readonly bool poison;
    private int kept;

    /// <param name="poison">Overwrite buffers on return, so that code which kept a borrowed span is caught.</param>
    public BufferPool(bool poison) => this.poison = poison;

    /// <summary>Buffers handed out and not taken back.</summary>
    public int Outstanding { get; private set; }

    /// <summary>A buffer of at least <paramref name="length"/> bytes; its content is undefined.</summary>
    public byte[] Rent(int length)
    {
        Outstanding++;
        var shelf = ShelfOf(length);
        if (shelf >= shelves.Length)
            return new byte[length];

        if (!shelves[shelf].TryPop(out var buffer))
            return new byte[SizeMin << shelf];

        kept -= buffer.Length;
        return buffer;
    }

    /// <summary>Takes back a buffer that <see cref="Rent"/> gave; its content is gone.</summary>
    public void Return(byte[] buffer)
    {
        Outstanding--;
        if (poison)
            buffer.AsSpan().Fill(0xDD);

        var shelf = ShelfOf(buffer.Length);
        if (shelf >= shelves.Length || buffer.Length != SizeMin << shelf || kept + buffer.Length > KeptBytesMax)
            return;

        kept += buffer.Length;
        shelves[shelf].Push(buffer);
    }

    private static int ShelfOf(int length) =>
        length <= SizeMin ? 0 : 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)(length - 1)) - 8;
}
