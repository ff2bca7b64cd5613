namespace MsgNet.Core;

/// <summary>
/// Frames that wait for a datagram, first in, first out, within bounds (REC-064). They stand one behind the other as a datagram holds
/// them, so that it is filled by copying runs of them. The ring of runs grows to its bound and is reused; the bytes are given back when
/// none wait.
/// </summary>
internal struct FrameQueue(BufferPool pool, int messagesMax, int bytesMax)
{
    private FrameStore store = new(pool);
    private QueuedRun[] ring = [];
    private int head;

    /// <summary>Messages that wait.</summary>
    public int Count { readonly get; private set; }

    /// <summary>Runs of messages alike.</summary>
    public int RunCount { readonly get; private set; }

    /// <summary>Bytes that wait, frames with their heads; of requests the messages.</summary>
    public int Bytes { readonly get; private set; }

    /// <summary>The oldest run; there is one while <see cref="Count"/> is above 0.</summary>
    public readonly ref QueuedRun Head => ref ring[head];

    /// <summary>The frames of the oldest run, each with its length before it; empty for a request.</summary>
    public readonly ReadOnlySpan<byte> HeadFrames => Head.RequestId == 0 ? store.First(Head.Bytes) : default;

    /// <summary>True when no more than half of any bound is used.</summary>
    public readonly bool IsHalfEmpty => Count <= messagesMax / 2 && RunCount <= Limits.QueueRunsMax / 2 && Bytes <= bytesMax / 2;

    /// <summary>True when a message of that length may enter; a single message larger than the bound enters an empty queue.</summary>
    public readonly bool HasRoom(int length) => HasRoomFor(FrameSize.Listed(FrameSize.Continuation(length)));

    /// <summary>Queues a message as the CONTINUATION that it is once its name is known; false when there is no room.</summary>
    public bool TryEnqueue(Instant now, OutgoingName name, ReadOnlySpan<byte> data, bool allowEarly, bool alone)
    {
        var size = FrameSize.Continuation(data.Length);
        if (!HasRoomFor(FrameSize.Listed(size)))
            return false;

        var run = new QueuedRun { Name = name, AllowEarly = allowEarly, Alone = alone, QueuedAt = now };
        var writer = Append(run, size);
        BareFrameWriter.TryWriteContinuation(ref writer, name.ProtocolInt, data); // API-034, API-038
        return true;
    }

    /// <summary>Queues a reply; false when there is no room.</summary>
    public bool TryEnqueueReply(ulong id, ReplyStatus status, ReadOnlySpan<byte> data)
    {
        var size = FrameSize.Reply(id, data.Length);
        if (!HasRoomFor(FrameSize.Listed(size)))
            return false;

        var writer = Append(default, size);
        BareFrameWriter.TryWriteReply(ref writer, id, status, data);
        return true;
    }

    /// <summary>Queues a request whose message has that length; false when there is no room.</summary>
    public bool TryEnqueueRequest(Instant now, OutgoingName name, ulong id, int length)
    {
        if (!HasRoom(length))
            return false;

        AddRun(new QueuedRun { Name = name, RequestId = id, Count = 1, Bytes = length, AllowEarly = true, QueuedAt = now });
        Count++;
        Bytes += length;
        return true;
    }

    /// <summary>Takes the first frames of the oldest run out, or the request that it is.</summary>
    public void Remove(int count, int bytes)
    {
        ref var run = ref Head;
        if (run.RequestId == 0)
            store.Remove(bytes);
        Count -= count;
        Bytes -= bytes;
        run.Count -= count;
        run.Bytes -= bytes;
        if (run.Count > 0)
            return;

        run = default;
        head = (head + 1) & (ring.Length - 1);
        RunCount--;
    }

    /// <summary>Drops everything and the ring; returns how many messages were dropped.</summary>
    public int Clear()
    {
        var dropped = Count;
        store.Clear();
        ring = [];
        head = RunCount = Count = Bytes = 0;
        return dropped;
    }

    private readonly bool HasRoomFor(int bytes) =>
        Count == 0 || (Count < messagesMax && RunCount < Limits.QueueRunsMax && Bytes + bytes <= bytesMax);

    /// <summary>Room for one more frame at the end of the store, behind its length; the last run takes it, if it is alike.</summary>
    private WireWriter Append(in QueuedRun like, int size)
    {
        if (RunCount == 0 || !Last.Takes(like))
            AddRun(like);

        var listed = FrameSize.Listed(size);
        ref var run = ref Last;
        run.Count++;
        run.Bytes += listed;
        Count++;
        Bytes += listed;
        var writer = new WireWriter(store.Append(listed));
        writer.WriteUvarint((ulong)size);
        return writer;
    }

    private readonly ref QueuedRun Last => ref ring[(head + RunCount - 1) & (ring.Length - 1)];

    private void AddRun(in QueuedRun run)
    {
        if (RunCount == ring.Length)
            Grow();
        RunCount++;
        Last = run;
    }

    private void Grow()
    {
        var larger = new QueuedRun[Math.Max(4, ring.Length * 2)];
        for (var i = 0; i < RunCount; i++)
            larger[i] = ring[(head + i) & (ring.Length - 1)];

        ring = larger;
        head = 0;
    }
}
