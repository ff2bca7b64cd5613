namespace MsgNet.Core;

/// <summary>
/// First in, first out, within bounds: 256 messages and 64 KiB per peer, each at most 500 ms once the path is open (REC-064). A ring that
/// grows to its bound and is reused.
/// </summary>
internal sealed class MessageQueue(BufferPool pool, int messagesMax, int bytesMax)
{
    private QueuedMessage[] ring = [];
    private int head;

    /// <summary>Messages that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that wait.</summary>
    public int Bytes { get; private set; }

    /// <summary>The oldest message.</summary>
    public ref QueuedMessage Head => ref ring[head];

    /// <summary>True when a message of that length may enter; a single message larger than the bound enters an empty queue.</summary>
    public bool HasRoom(int length) => Count < messagesMax && (Count == 0 || Bytes + length <= bytesMax);

    /// <summary>True when no more than half of either bound is used.</summary>
    public bool IsHalfEmpty => Count <= messagesMax / 2 && Bytes <= bytesMax / 2;

    /// <summary>Queues a message with a copy of its bytes; false when there is no room.</summary>
    public bool TryEnqueue(in QueuedMessage message, ReadOnlySpan<byte> data)
    {
        if (!HasRoom(message.Length))
            return false;

        if (Count == ring.Length)
            Grow();

        ref var slot = ref ring[(head + Count) & (ring.Length - 1)];
        slot = message;
        if (message.Kind != MessageKind.Request)
        {
            slot.Buffer = pool.Rent(data.Length);
            data.CopyTo(slot.Buffer); // API-034, API-038
        }

        Count++;
        Bytes += message.Length;
        return true;
    }

    /// <summary>Drops the oldest message and gives its buffer back.</summary>
    public void Dequeue()
    {
        ref var slot = ref ring[head];
        if (slot.Buffer is not null)
            pool.Return(slot.Buffer);

        Bytes -= slot.Length;
        Count--;
        slot = default;
        head = (head + 1) & (ring.Length - 1);
    }

    /// <summary>Drops everything and the ring; returns how many messages were dropped.</summary>
    public int Clear()
    {
        var dropped = Count;
        while (Count > 0)
            Dequeue();

        ring = [];
        head = 0;
        return dropped;
    }

    private void Grow()
    {
        var larger = new QueuedMessage[Math.Max(4, ring.Length * 2)];
        for (var i = 0; i < Count; i++)
            larger[i] = ring[(head + i) & (ring.Length - 1)];

        ring = larger;
        head = 0;
    }
}
