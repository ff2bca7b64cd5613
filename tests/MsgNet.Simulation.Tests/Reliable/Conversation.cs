using System.Buffers.Binary;

namespace MsgNet.Simulation.Tests.Reliable;

/// <summary>
/// One session that somebody opened, and what became of every message offered to it: accepted or not, delivered how often, reported as
/// lost or not. A message names its conversation and its number, except an empty one, which can only be counted.
/// </summary>
internal sealed class Conversation(int id, SimulatedHost from, int life, SimulatedHost to, SendOptions options, ISocketSession session)
{
    private const int HeaderLength = 8;
    private readonly List<Entry> entries = [];
    private readonly Dictionary<int, int> nextOfLife = [];
    private int nextOfAll;
    private bool isClosed;

    public SimulatedHost From => from;

    /// <summary>The life of <see cref="From"/> in which the session was opened.</summary>
    public int Life => life;

    public SimulatedHost To => to;

    /// <summary>No more is offered: it ended, or a message failed.</summary>
    public bool IsOver => isClosed || session.Completion.IsCompleted || entries.Exists(entry => entry.Fate == Fate.Failed);

    /// <summary>A message was neither delivered nor reported as lost yet, or its sender still waits.</summary>
    public bool Owes => entries.Exists(IsOwed);

    /// <summary>
    /// As <see cref="Owes"/>, but for senders that wait for a handler which ran, if it did, in a life of the receiver that has ended.
    /// </summary>
    public bool OwesWhile(int receiverLife) => entries.Exists(entry => IsOwed(entry) && !IsUnanswerable(entry, receiverLife));

    /// <summary>Empty messages that must have arrived; a conversation that was closed has none any more.</summary>
    public int EmptyOwed => IsReported || isClosed ? 0 : entries.Count(entry => entry is { Length: 0, Fate: not Fate.Failed });

    /// <summary>Empty messages offered.</summary>
    public int EmptyOffered => entries.Count(entry => entry.Length == 0);

    /// <summary>Messages whose sender was told that they may be lost.</summary>
    public int Reported => entries.Count(entry => entry.Fate == Fate.Failed || (IsReported && !entry.IsDelivered));

    private bool IsReported => session.Completion.IsFaulted;

    /// <summary>The conversation and the number that a message names.</summary>
    public static (int Id, int Number) Read(ReadOnlySpan<byte> data) => data.Length < HeaderLength
        ? (-1, -1)
        : (BinaryPrimitives.ReadInt32BigEndian(data), BinaryPrimitives.ReadInt32BigEndian(data[4..]));

    /// <summary>Offers a message of that length, 0 or at least 8, and notes what comes of it.</summary>
    public async Task Offer(int length, int receiverLife, List<string> violations)
    {
        var number = entries.Count;
        var entry = new Entry(length, receiverLife);
        entries.Add(entry);
        try
        {
            await session.SendMessage(Payload(number, length));
            entry.Fate = Fate.Accepted;
            if (options.WaitForDelivery && length > 0 && !entry.IsHandled)
                violations.Add($"{this}: message {number} was said to be delivered, and its handler was not done");
        }
        catch (Exception error) when (error is MsgNetException or ObjectDisposedException)
        {
            entry.Fate = Fate.Failed;
            entry.IsHopeless = error is SessionLostException { MaybeDelivered: false };
            if (entry is { IsHopeless: true, IsDelivered: true })
                violations.Add($"{this}: message {number} was delivered, and failed as if certainly not: {error.Message}");
        }
    }

    /// <summary>A handler got a message in a life of the receiver; returns what is wrong with that, or null.</summary>
    public string? Deliver(int number, ReadOnlySpan<byte> data, int receiverLife, Delivery delivery)
    {
        if ((uint)number >= (uint)entries.Count || !data.SequenceEqual(Payload(number, entries[number].Length)))
            return $"{this}: message {number} arrived changed";
        if (delivery < options.Delivery)
            return $"{this}: message {number} arrived as {delivery}";

        var entry = entries[number];
        if (!entry.Lives.Add(receiverLife))
            return $"{this}: message {number} arrived twice in life {receiverLife}";
        if (entry.IsHopeless)
            return $"{this}: message {number} had failed as certainly not delivered, and arrived";
        if (options.Delivery != Delivery.ReliableOrdered)
            return null;

        // A receiver that starts anew gets what follows what its lives before it got; or a first flight, which starts from 0, once more.
        var isNext = IsDue(number, nextOfAll) || IsDue(number, nextOfLife.GetValueOrDefault(receiverLife));
        nextOfLife[receiverLife] = number + 1;
        nextOfAll = Math.Max(nextOfAll, number + 1);
        return isNext ? null : $"{this}: message {number} arrived in life {receiverLife} out of its turn";
    }

    /// <summary>The handler is done with a message.</summary>
    public void OnHandled(int number) => entries[number].IsHandled = true;

    /// <summary>Closes the session; what it owed must have arrived.</summary>
    public ValueTask Close()
    {
        isClosed = true;
        return session.DisposeAsync();
    }

    public override string ToString() =>
        $"conversation {id} ({options.Delivery}{(options.WaitForDelivery ? ", waiting" : "")}) from {from} in life {life} to {to}";

    /// <summary>What is owed, for a failure's message.</summary>
    public string Describe()
    {
        var owed = entries.Index().Where(entry => IsOwed(entry.Item))
            .Select(entry => $"{entry.Index} ({entry.Item.Length} B, {entry.Item.Fate}{(entry.Item.IsDelivered ? ", delivered" : "")})");
        return $"{this} owes {string.Join(", ", owed.Take(5))} of {entries.Count}; its completion is {session.Completion.Status}";
    }

    // Empty messages do not say which they are.
    private bool IsDue(int number, int next)
    {
        while (next < number && entries[next].Length == 0)
            next++;
        return next == number;
    }

    private static bool IsUnanswerable(Entry entry, int receiverLife) => entry.Fate == Fate.Offered
        && (entry.Length == 0 ? entry.ReceiverLife != receiverLife : entry.IsDelivered && !entry.Lives.Contains(receiverLife));

    private bool IsOwed(Entry entry) => entry.Fate switch
    {
        Fate.Failed => false,
        Fate.Offered => true,
        _ => entry.Length > 0 && !entry.IsDelivered && !IsReported,
    };

    private byte[] Payload(int number, int length)
    {
        var data = new byte[length];
        if (length == 0)
            return data;

        BinaryPrimitives.WriteInt32BigEndian(data, id);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(4), number);
        data.AsSpan(HeaderLength).Fill((byte)number);
        if (length >= 256)
            BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(length / 2), length);
        return data;
    }

    private enum Fate
    {
        Offered,
        Accepted,
        Failed,
    }

    private sealed class Entry(int length, int receiverLife)
    {
        public int Length => length;

        /// <summary>The life of the receiver in which it was offered.</summary>
        public int ReceiverLife => receiverLife;

        public Fate Fate { get; set; }

        /// <summary>It failed, and the failure said that no handler has seen it or will.</summary>
        public bool IsHopeless { get; set; }

        public bool IsHandled { get; set; }

        /// <summary>Lives of the receiver in which it arrived.</summary>
        public HashSet<int> Lives { get; } = [];

        public bool IsDelivered => Lives.Count > 0;
    }
}
