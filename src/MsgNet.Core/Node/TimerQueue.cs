namespace MsgNet.Core;

/// <summary>Something with one timer, that a <see cref="TimerQueue{T}"/> orders.</summary>
public interface ITimed
{
    /// <summary>When it wants to be called; <see cref="Instant.Never"/> when it does not.</summary>
    Instant NextTimer { get; }

    /// <summary>Its place in the queue; only the queue writes it. −1 when it is not in.</summary>
    int QueueIndex { get; set; }
}

/// <summary>
/// A binary heap of timers that knows where each owner stands, so that moving one costs O(log n) and nothing is allocated. Moving one
/// touches no other owner: of ten thousand, few are in any cache.
/// </summary>
/// <typeparam name="T">The owners of the timers.</typeparam>
internal sealed class TimerQueue<T>
    where T : class, ITimed
{
    private readonly List<Entry> heap = [];

    // An owner keeps one index here as long as it is in: its own, and where it stands in the heap.
    private readonly List<T?> owners = [];
    private readonly List<int> positions = [];
    private readonly Stack<int> free = [];

    /// <summary>The earliest timer; <see cref="Instant.Never"/> when there is none.</summary>
    public Instant Next => heap.Count == 0 ? Instant.Never : heap[0].When;

    /// <summary>Owners with an armed timer.</summary>
    public int Count => heap.Count;

    /// <summary>The owner of the earliest timer, when it is due at <paramref name="now"/>.</summary>
    public bool TryPeekDue(Instant now, out T owner)
    {
        var due = heap.Count > 0 && heap[0].When <= now;
        owner = due ? owners[heap[0].Owner]! : null!;
        return due;
    }

    /// <summary>Puts <paramref name="owner"/> where its timer now belongs.</summary>
    public void Update(T owner)
    {
        var when = owner.NextTimer;
        if (when.IsNever)
        {
            Remove(owner);
            return;
        }

        if (owner.QueueIndex < 0)
            Add(owner);
        else if (heap[positions[owner.QueueIndex]].When == when)
            return;

        Sift(positions[owner.QueueIndex], new Entry(when, owner.QueueIndex));
    }

    /// <summary>Takes <paramref name="owner"/> out.</summary>
    public void Remove(T owner)
    {
        if (owner.QueueIndex < 0)
            return;

        var at = positions[owner.QueueIndex];
        var last = heap[^1];
        heap.RemoveAt(heap.Count - 1);
        owners[owner.QueueIndex] = null;
        free.Push(owner.QueueIndex);
        owner.QueueIndex = -1;
        if (at < heap.Count)
            Sift(at, last);
    }

    private void Add(T owner)
    {
        if (!free.TryPop(out var index))
        {
            index = owners.Count;
            owners.Add(null);
            positions.Add(0);
        }

        owners[index] = owner;
        owner.QueueIndex = index;
        positions[index] = heap.Count;
        heap.Add(default);
    }

    // What stands at that place is overwritten.
    private void Sift(int at, Entry entry)
    {
        while (at > 0 && entry.When < heap[(at - 1) / 2].When)
        {
            Put(at, heap[(at - 1) / 2]);
            at = (at - 1) / 2;
        }

        for (var child = (2 * at) + 1; child < heap.Count; child = (2 * at) + 1)
        {
            if (child + 1 < heap.Count && heap[child + 1].When < heap[child].When)
                child++;
            if (entry.When <= heap[child].When)
                break;

            Put(at, heap[child]);
            at = child;
        }

        Put(at, entry);
    }

    private void Put(int at, Entry entry)
    {
        heap[at] = entry;
        positions[entry.Owner] = at;
    }

    private readonly record struct Entry(Instant When, int Owner);
}
