using System.Runtime.InteropServices;

namespace MsgNet.LoadBench.Relay;

/// <summary>Memory for datagrams under way, handed out in pieces of one size. One thread.</summary>
internal sealed unsafe class Slots : IDisposable
{
    /// <summary>Bytes of one: a datagram of Ethernet and some more, so that larger ones show.</summary>
    public const int Size = 2_048;

    private readonly byte* memory;
    private readonly Stack<int> free;

    public Slots(int count)
    {
        memory = (byte*)NativeMemory.Alloc((nuint)count, Size);
        free = new Stack<int>(count);
        for (var slot = count - 1; slot >= 0; slot--)
            free.Push(slot);
    }

    public int FreeCount => free.Count;

    public byte* this[int slot] => memory + ((nint)slot * Size);

    public int Take() => free.Pop();

    public void Return(int slot) => free.Push(slot);

    public void Dispose() => NativeMemory.Free(memory);
}
