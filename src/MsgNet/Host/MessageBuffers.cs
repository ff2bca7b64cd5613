using System.Numerics;
using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Buffers of one handler's queue. Holds at most <see cref="Limits.HandlerQueueBytesMax"/> that are not in use; the rest goes to the
/// garbage collector. Its owner locks.
/// </summary>
internal sealed class MessageBuffers
{
    private const int SizeMin = 256;
    private const byte Poison = 0xDD;
    private static readonly int ShelfCount = ShelfOf(Limits.HandlerQueueBytesMax) + 1;
    private readonly Stack<byte[]>[] shelves = [.. Enumerable.Range(0, ShelfCount).Select(_ => new Stack<byte[]>())];
    private readonly bool poison;
    private int heldBytes;

    /// <param name="poison">Overwrite buffers on return, so that code which kept borrowed bytes is caught.</param>
    public MessageBuffers(bool poison) => this.poison = poison;

    /// <summary>A buffer of at least <paramref name="length"/> bytes; its content is undefined.</summary>
    public byte[] Rent(int length)
    {
        if (length == 0)
            return [];

        var shelf = ShelfOf(length);
        if (shelf >= shelves.Length)
            return new byte[length];
        if (!shelves[shelf].TryPop(out var buffer))
            return new byte[SizeMin << shelf];

        heldBytes -= buffer.Length;
        return buffer;
    }

    /// <summary>Takes back a buffer that <see cref="Rent"/> gave.</summary>
    public void Return(byte[] buffer)
    {
        if (poison)
            buffer.AsSpan().Fill(Poison); // API-062
        if (buffer.Length == 0 || heldBytes + buffer.Length > Limits.HandlerQueueBytesMax)
            return;

        heldBytes += buffer.Length;
        shelves[ShelfOf(buffer.Length)].Push(buffer);
    }

    private static int ShelfOf(int length) =>
        length <= SizeMin ? 0 : BitOperations.Log2((uint)(length - 1)) + 1 - BitOperations.Log2(SizeMin);
}
