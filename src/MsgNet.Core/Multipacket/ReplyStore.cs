using System.Buffers;

namespace MsgNet.Core;

/// <summary>
/// The responder's memory of one peer's requests. The id window makes each run at most once; replies are kept 30 s, at most 1,024 and 64
/// KiB, the oldest goes, so a repeated request gets its reply again. A request whose handler still runs costs nothing here. Not safe for
/// concurrent use.
/// </summary>
/// <param name="ids">The association's window, shared with TAGGED ONCE.</param>
internal sealed class ReplyStore(IncomingIds ids)
{
    private const int CapacityMin = 4;
    private const int CapacityIdle = 64;

    // Replies are numbered as they come; a ring that doubles has each at its number. Most peers ask for nothing.
    private Entry[] entries = [];
    private Dictionary<ulong, int>? numbers;
    private int oldest;

    /// <summary>Replies kept, 0 to 1,024.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of their messages, 0 to 64 KiB.</summary>
    public int Bytes { get; private set; }

    /// <summary>When <see cref="Expire"/> has something to do.</summary>
    public Instant NextTimer => Count == 0 ? Instant.Never : At(oldest).KeptUntil;

    /// <summary>Judges a request that arrived.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="id">Its id.</param>
    /// <param name="reply">The reply to send again; empty unless <see cref="RequestVerdict.Replied"/> is returned.</param>
    public RequestVerdict OnRequest(Instant now, ulong id, out StoredReply reply)
    {
        reply = default;
        Expire(now);
        if (ids.TryAccept(id))
            return RequestVerdict.New;

        if (numbers is null || !numbers.TryGetValue(id, out var number)) // REQ-024
            return RequestVerdict.Seen;

        ref readonly var entry = ref At(number);
        reply = new StoredReply(entry.Status, entry.Message.AsSpan(0, entry.Length));
        return RequestVerdict.Replied;
    }

    /// <summary>
    /// Keeps the reply of a request. False when it is not kept, because the request has one already or the message is larger than the whole
    /// store; a repeated request then meets silence, or the first reply.
    /// </summary>
    public bool Complete(Instant now, ulong id, ReplyStatus status, ReadOnlySpan<byte> message)
    {
        Expire(now);
        numbers ??= [];
        if (message.Length > Limits.StoredReplyBytesMax || !numbers.TryAdd(id, oldest + Count))
            return false;

        // REQ-023
        while (Count == Limits.StoredRepliesMax || Bytes + message.Length > Limits.StoredReplyBytesMax)
            DropOldest();
        byte[]? copy = null;
        if (!message.IsEmpty)
        {
            copy = ArrayPool<byte>.Shared.Rent(message.Length);
            message.CopyTo(copy);
        }

        if (Count == entries.Length)
            Grow();
        At(oldest + Count) = new Entry(id, status, copy, message.Length, now + Limits.StoredReplyLifetime);
        Count++;
        Bytes += message.Length;
        return true;
    }

    /// <summary>Forgets the replies that were kept 30 s.</summary>
    public void Expire(Instant now)
    {
        while (Count > 0 && now >= NextTimer)
            DropOldest();
        if (Count == 0 && entries.Length > CapacityIdle)
            (entries, numbers) = ([], null); // a burst is long over
    }

    // Lengths are powers of two, so that numbers may run over.
    private ref Entry At(int number) => ref entries[number & (entries.Length - 1)];

    private void Grow()
    {
        var kept = entries;
        entries = new Entry[Math.Max(2 * Count, CapacityMin)];
        for (var number = oldest; number != oldest + Count; number++)
            At(number) = kept[number & (kept.Length - 1)];
    }

    private void DropOldest()
    {
        ref var entry = ref At(oldest);
        numbers!.Remove(entry.Id);
        if (entry.Message is not null)
            ArrayPool<byte>.Shared.Return(entry.Message);
        Bytes -= entry.Length;
        Count--;
        entry = default;
        oldest++;
    }

    private readonly record struct Entry(ulong Id, ReplyStatus Status, byte[]? Message, int Length, Instant KeptUntil);
}
