using MsgNet.Core;

namespace MsgNet.Platform;

/// <summary>Something that stands in a <see cref="TimerHeap{T}"/>, in one at most.</summary>
internal interface IHeapEntry
{
    /// <summary>Its place in the heap; only the heap writes it. Starts at −1, which means not in.</summary>
    int HeapIndex { get; set; }
}

/// <summary>
/// What is to happen, by time; what is due at the same moment comes in the order it was set, which is what makes a simulation repeatable.
/// A binary heap that knows where each entry stands: setting and removing cost O(log n), and nothing is allocated in the steady state.
/// </summary>
/// <remarks>Not safe on several threads; its owner locks.</remarks>
/// <typeparam name="T">The entries.</typeparam>
internal sealed class TimerHeap<T>
    where T : class, IHeapEntry
{
    private Slot[] slots = new Slot[16];
    private long sequence;

    /// <summary>Entries in the heap.</summary>
    public int Count { get; private set; }

    /// <summary>When the first entry is due; <see cref="Instant.Never"/> when there is none.</summary>
    public Instant Next => Count == 0 ? Instant.Never : slots[0].When;

    /// <summary>Sets when <paramref name="entry"/> is due, in place of what was set; <see cref="Instant.Never"/> takes it out.</summary>
    public void Set(T entry, Instant when)
    {
        if (when.IsNever)
        {
            Remove(entry);
            return;
        }

        if (entry.HeapIndex < 0)
        {
            if (Count == slots.Length)
                Array.Resize(ref slots, Count * 2);
            entry.HeapIndex = Count++;
        }

        var slot = new Slot(when, sequence++, entry);
        SiftDown(SiftUp(entry.HeapIndex, slot), slot);
    }

    /// <summary>Takes <paramref name="entry"/> out; does nothing when it is not in.</summary>
    public void Remove(T entry)
    {
        var index = entry.HeapIndex;
        if (index < 0)
            return;

        entry.HeapIndex = -1;
        var last = slots[--Count];
        slots[Count] = default;
        if (index < Count)
            SiftDown(SiftUp(index, last), last);
    }

    /// <summary>Takes out the first entry when it is due at <paramref name="now"/>.</summary>
    public bool TryPop(Instant now, out T entry)
    {
        if (Next > now || Count == 0)
        {
            entry = null!;
            return false;
        }

        entry = slots[0].Entry;
        Remove(entry);
        return true;
    }

    private int SiftUp(int index, in Slot slot)
    {
        while (index > 0)
        {
            var parent = (index - 1) / 2;
            if (!slot.IsBefore(slots[parent]))
                break;
            Place(index, slots[parent]);
            index = parent;
        }

        return index;
    }

    private void SiftDown(int index, in Slot slot)
    {
        while (true)
        {
            var child = (2 * index) + 1;
            if (child >= Count)
                break;
            if (child + 1 < Count && slots[child + 1].IsBefore(slots[child]))
                child++;
            if (!slots[child].IsBefore(slot))
                break;
            Place(index, slots[child]);
            index = child;
        }

        Place(index, slot);
    }

    private void Place(int index, in Slot slot)
    {
        slots[index] = slot;
        slot.Entry.HeapIndex = index;
    }

    private readonly record struct Slot(Instant When, long Sequence, T Entry)
    {
        public bool IsBefore(in Slot other) => When.Ticks != other.When.Ticks ? When < other.When : Sequence < other.Sequence;
    }
}
