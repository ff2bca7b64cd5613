using System.Diagnostics.CodeAnalysis;
using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Messages that wait for one consumer: bounded, in order of arrival, one at a time per peer. Its owner locks. Allocates nothing once it
/// has held as much as it ever will, except the bytes of owned messages.
/// </summary>
/// <remarks>
/// Each peer has a line. A line whose first message may be taken is ready, ordered by the arrival of that message; a line whose peer is
/// being served is not, so messages of one peer are never handled at once or out of order.
/// </remarks>
internal sealed class MessageBacklog
{
    private readonly MessageBuffers? buffers;
    private readonly Dictionary<PeerId, PeerLine> lines = [];
    private readonly PriorityQueue<PeerLine, long> ready = new();
    private readonly Queue<ICarrierInbox> waiters = [];
    private readonly HashSet<ICarrierInbox> waiting = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<PeerLine> spareLines = [];
    private PeerLine? lastLine;
    private QueuedMessage? spareMessages;
    private long arrivals;
    private int bytes;
    private int roomMade;

    // A peer was refused while others held the room: until one below its half gets in, nobody may hold more than half.
    private bool contended;

    /// <param name="buffers">Where copies live; null gives every message bytes of its own, which a user may keep.</param>
    public MessageBacklog(MessageBuffers? buffers) => this.buffers = buffers;

    /// <summary>Messages that wait; those being handled do not count.</summary>
    public int Count { get; private set; }

    /// <summary>Peers that could be served now.</summary>
    public int ReadyCount => ready.Count;

    /// <summary>Carriers wait to be told of room.</summary>
    public bool HasWaiters => waiters.Count > 0;

    /// <summary>There is room for a message; when there is none, something waits that makes room when it is taken.</summary>
    public bool HasRoom(in IncomingMessage message) => HasRoom(Find(message.From), message.Data.Length);

    /// <summary>Copies a message into the queue; false when there is no room for it.</summary>
    public bool TryAdd(in IncomingMessage message)
    {
        var line = Find(message.From);
        if (!HasRoom(line, message.Data.Length))
            return false;

        Add(message, line);
        return true;
    }

    /// <summary>Copies a message into the queue for which there was room when its carrier gave it away.</summary>
    public void Add(in IncomingMessage message) => Add(message, Find(message.From));

    /// <summary>Notes a message that is being handled already, and its peer as being served, until <see cref="Release"/>.</summary>
    /// <param name="message">The message.</param>
    /// <param name="request">What answers it, if it is a request.</param>
    /// <param name="arena">What holds its bytes; released with the message.</param>
    /// <param name="offset">Where they start.</param>
    public QueuedMessage Adopt(in IncomingMessage message, RequestContext? request, MessageArena arena, int offset)
    {
        var line = Find(message.From) ?? AddLine(message.From);
        line.IsServed = true;
        var adopted = NewMessage();
        adopted.Borrow(message, request, arena, offset);
        return adopted;
    }

    /// <summary>
    /// Takes the oldest message of a peer that is not being served, and those of that peer that came before any other that waits; the peer
    /// is being served until <see cref="Release"/>.
    /// </summary>
    /// <param name="max">As many at most.</param>
    /// <param name="row">The first; the others are linked to it.</param>
    public bool TryTake(int max, [NotNullWhen(true)] out QueuedMessage? row)
    {
        row = null;
        if (!ready.TryDequeue(out var line, out _))
            return false;

        var end = ready.TryPeek(out _, out var number) ? number : long.MaxValue;
        var last = row = Take(line);
        for (var taken = 1; taken < max && line.First is { } next && next.Number < end; taken++)
            last = last.Next = Take(line);
        line.IsServed = true;
        return true;
    }

    /// <summary>What follows a message of a row waits again, before all that came later.</summary>
    public void PutBack(QueuedMessage after)
    {
        if (after.Next is not { } first)
            return;

        after.Next = null;
        var line = Find(after.From)!;
        var (countBefore, bytesBefore) = (line.Count, line.Bytes);
        line.Prepend(first);
        Count += line.Count - countBefore;
        bytes += line.Bytes - bytesBefore;
        roomMade = Math.Max(0, roomMade - (line.Count - countBefore));
    }

    /// <summary>Ends the turn of a row's peer, and takes back the messages and their buffers.</summary>
    public void Release(QueuedMessage row)
    {
        var line = Find(row.From)!;
        line.IsServed = false;
        if (line.First is { } waiting)
            ready.Enqueue(line, waiting.Number);
        else
            RemoveLine(row.From, line);

        for (QueuedMessage? message = row; message is not null;)
        {
            var next = message.Next;
            Recycle(message);
            message = next;
        }
    }

    /// <summary>Notes a carrier to be told of room; once, however often it asks.</summary>
    public void AddWaiter(ICarrierInbox inbox)
    {
        if (waiting.Add(inbox))
            waiters.Enqueue(inbox);
    }

    /// <summary>
    /// The next carrier to tell of room: one for each message taken, all when nothing is left. The caller tells it outside the lock.
    /// </summary>
    public bool TryTakeWaiter([NotNullWhen(true)] out ICarrierInbox? inbox)
    {
        inbox = null;
        if (waiters.Count == 0)
            roomMade = 0;
        if ((roomMade == 0 && Count > 0) || !waiters.TryDequeue(out inbox))
            return false;

        roomMade = Math.Max(roomMade - 1, 0);
        waiting.Remove(inbox);
        return true;
    }

    /// <summary>Takes out everything that waits, for a consumer that ends; peers being served stay so.</summary>
    public DroppedMessages TakeAll(HandlerReports reports)
    {
        var dropped = new DroppedMessages(reports, [.. waiters]);
        waiters.Clear();
        waiting.Clear();
        foreach (var (peer, line) in lines)
        {
            while (line.First is not null)
            {
                var message = line.TakeFirst();
                dropped.Add(message);
                Recycle(message);
            }

            if (!line.IsServed)
                RemoveLine(peer, line);
        }

        ready.Clear();
        Count = 0;
        bytes = 0;
        return dropped;
    }

    private static bool IsAboveShare(PeerLine? line, int length) => line is { Count: > 0 }
        // API-057
        && (line.Count >= Limits.HandlerQueueMessagesMax / 2 || line.Bytes + length > Limits.HandlerQueueBytesMax / 2);

    private bool HasRoom(PeerLine? line, int length)
    {
        // A message above the bound of bytes enters an empty queue, or none would ever take it.
        if (Count == 0)
            return true;

        var aboveShare = IsAboveShare(line, length);
        if (Count >= Limits.HandlerQueueMessagesMax || bytes + length > Limits.HandlerQueueBytesMax) // API-056
        {
            contended |= !aboveShare;
            return false;
        }

        var othersWait = contended || Count > (line?.Count ?? 0);
        return !(aboveShare && othersWait);
    }

    private void Add(in IncomingMessage message, PeerLine? line)
    {
        var length = message.Data.Length;
        line ??= AddLine(message.From);
        if (!IsAboveShare(line, length))
            contended = false;

        var added = NewMessage();
        added.Fill(message, buffers is null ? new byte[length] : buffers.Rent(length), ++arrivals);
        line.Append(added);
        Count++;
        bytes += length;
        if (line is { Count: 1, IsServed: false })
            ready.Enqueue(line, added.Number);
    }

    private QueuedMessage Take(PeerLine line)
    {
        var message = line.TakeFirst();
        Count--;
        bytes -= message.Length;
        roomMade++;
        return message;
    }

    private QueuedMessage NewMessage()
    {
        var message = spareMessages ?? new QueuedMessage();
        spareMessages = message.Next;
        message.Next = null;
        return message;
    }

    // Messages of a peer follow each other.
    private PeerLine? Find(PeerId peer)
    {
        if (lastLine is { } last && last.Peer == peer)
            return last;

        if (!lines.TryGetValue(peer, out var line))
            return null;

        return lastLine = line;
    }

    private PeerLine AddLine(PeerId peer)
    {
        var line = spareLines.TryPop(out var spare) ? spare : new PeerLine();
        line.Peer = peer;
        lines.Add(peer, line);
        return line;
    }

    private void RemoveLine(PeerId peer, PeerLine line)
    {
        lines.Remove(peer);
        line.Peer = default;
        spareLines.Push(line);
    }

    private void Recycle(QueuedMessage message)
    {
        if (message.Arena is { } arena)
            EndLoan(arena, message);
        else
            buffers?.Return(message.Buffer);
        message.Clear();
        message.Next = spareMessages;
        spareMessages = message;
    }

    private static void EndLoan(MessageArena arena, QueuedMessage message)
    {
        arena.EndUse(message.Offset, message.Length);
        arena.Release();
    }

    private sealed class PeerLine
    {
        private QueuedMessage? last;

        /// <summary>Whose it is; nobody's while it is spare.</summary>
        public PeerId Peer { get; set; }

        public QueuedMessage? First { get; private set; }

        public int Count { get; private set; }

        public int Bytes { get; private set; }

        public bool IsServed { get; set; }

        public void Append(QueuedMessage message)
        {
            if (last is null)
                First = message;
            else
                last.Next = message;
            last = message;
            Count++;
            Bytes += message.Length;
        }

        public void Prepend(QueuedMessage first)
        {
            var end = first;
            Count++;
            Bytes += end.Length;
            while (end.Next is { } next)
            {
                end = next;
                Count++;
                Bytes += end.Length;
            }

            end.Next = First;
            First = first;
            last ??= end;
        }

        public QueuedMessage TakeFirst()
        {
            var message = First;
            Invariant.Check(message is not null);
            First = message.Next;
            message.Next = null;
            if (First is null)
                last = null;
            Count--;
            Bytes -= message.Length;
            return message;
        }
    }
}
