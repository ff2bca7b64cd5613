using System.Buffers;
using System.Numerics;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>
/// The buffers of all connections of the process, in sizes that double. The shared pool of .NET keeps some dozens of each size for each
/// processor: where a thousand connections want one in the same moment, as those of a broadcast do, it makes the rest anew each time. This
/// one keeps some MiB of each, and drops what nobody wanted for a while. Safe on any thread.
/// </summary>
internal sealed class MessiBuffers(TimeProvider time)
{
    private readonly Shelf[] shelves = MakeShelves();
    private long lastTrim = time.GetTimestamp();

    public static MessiBuffers Shared { get; } = new(TimeProvider.System);

    /// <summary>Bytes of buffers that nobody uses.</summary>
    public long Unused => shelves.Sum(shelf => shelf.Unused);

    /// <summary>A buffer of at least that many bytes, holding anything; <see cref="Return"/> it once.</summary>
    public byte[] Rent(int length)
    {
        var index = IndexOf(length);
        return index < shelves.Length ? shelves[index].Take() : ArrayPool<byte>.Shared.Rent(length);
    }

    public void Return(byte[] buffer)
    {
        TrimNowAndThen();
        var index = IndexOf(buffer.Length);
        if (index < shelves.Length)
            shelves[index].Put(buffer);
        else
            ArrayPool<byte>.Shared.Return(buffer);
    }

    // Connections that rest still answer pings, so that this goes on while there are any.
    private void TrimNowAndThen()
    {
        var last = Volatile.Read(ref lastTrim);
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(last, now) < Limits.MessiBufferPeriod || Interlocked.CompareExchange(ref lastTrim, now, last) != last)
            return;

        foreach (var shelf in shelves)
            shelf.Trim();
    }

    private static int IndexOf(int length) => length <= Limits.MessiBufferMin
        ? 0
        : BitOperations.Log2((uint)length - 1) - BitOperations.Log2(Limits.MessiBufferMin) + 1;

    private static Shelf[] MakeShelves()
    {
        var shelves = new Shelf[IndexOf(Limits.MessiReadBufferMax) + 1];
        for (var i = 0; i < shelves.Length; i++)
            shelves[i] = new Shelf(Limits.MessiBufferMin << i);
        return shelves;
    }

    /// <summary>Buffers of one size that nobody uses.</summary>
    private sealed class Shelf(int length)
    {
        private readonly Lock gate = new();
        private readonly Stack<byte[]> buffers = new();
        private int least; // there at once since the last trim

        public long Unused
        {
            get
            {
                lock (gate)
                    return buffers.Count * (long)length;
            }
        }

        public byte[] Take()
        {
            lock (gate)
            {
                if (buffers.TryPop(out var buffer))
                {
                    least = Math.Min(least, buffers.Count);
                    return buffer;
                }
            }

            return GC.AllocateUninitializedArray<byte>(length);
        }

        public void Put(byte[] buffer)
        {
            lock (gate)
            {
                if (buffers.Count < Limits.MessiPooledMax / length)
                    buffers.Push(buffer);
            }
        }

        public void Trim()
        {
            lock (gate)
            {
                for (; least > 0; least--)
                    buffers.Pop();
                least = buffers.Count;
            }
        }
    }
}
