namespace MsgNet.Core;

/// <summary>
/// What the packets of one path carried, and what became of it: chains in one slab. A chain belongs to a packet in flight; when its fate
/// is known the same entries become outcomes, in that order, until they are taken. Allocates only while the slab grows.
/// </summary>
internal struct SentItems()
{
    private const int CapacityMin = 16;

    // Links are positions plus one: 0 ends a chain.
    private Entry[] entries = [];
    private int made;
    private int free;
    private int first;
    private int last;

    /// <summary>Entries in use, outcomes that wait to be taken included.</summary>
    public int Count { readonly get; private set; }

    /// <summary>Keeps the items of a packet; returns their chain, 0 when there are none.</summary>
    public int Add(ReadOnlySpan<PacketItem> items)
    {
        var chain = 0;
        for (var i = items.Length - 1; i >= 0; i--)
        {
            var link = Take();
            entries[link - 1] = new Entry { Item = items[i], Next = chain };
            chain = link;
        }

        return chain;
    }

    /// <summary>Makes a packet's chain outcomes.</summary>
    public void Settle(int chain, bool arrived)
    {
        if (chain == 0)
            return;

        if (last == 0)
            first = chain;
        else
            entries[last - 1].Next = chain;
        for (; chain != 0; chain = entries[chain - 1].Next)
        {
            entries[chain - 1].Arrived = arrived;
            last = chain;
        }
    }

    /// <summary>The oldest outcome nobody took yet.</summary>
    public bool TryTake(out PacketOutcome outcome)
    {
        outcome = default;
        if (first == 0)
            return false;

        var link = first;
        ref var entry = ref entries[link - 1];
        outcome = new PacketOutcome(entry.Item, entry.Arrived);
        first = entry.Next;
        if (first == 0)
            last = 0;
        entry.Next = free;
        free = link;
        Count--;
        return true;
    }

    private int Take()
    {
        Count++;
        if (free != 0)
        {
            var link = free;
            free = entries[link - 1].Next;
            return link;
        }

        if (made == entries.Length)
            Array.Resize(ref entries, Math.Max(CapacityMin, made * 2));
        return ++made;
    }

    private struct Entry
    {
        public PacketItem Item;
        public int Next;
        public bool Arrived;
    }
}
