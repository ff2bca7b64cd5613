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
/// A binary heap of timers that knows where each owner stands, so that moving one costs O(log n) and nothing is allocated.
/// </summary>
/// <typeparam name="T">The owners of the timers.</typeparam>
internal sealed class TimerQueue<T>
    where T : class, ITimed
{
    private readonly List<T> heap = [];
    private readonly List<Instant> keys = [];

    /// <summary>The earliest timer; <see cref="Instant.Never"/> when there is none.</summary>
    public Instant Next => heap.Count == 0 ? Instant.Never : keys[0];

    /// <summary>Owners with an armed timer.</summary>
    public int Count => heap.Count;

    /// <summary>The owner of the earliest timer, when it is due at <paramref name="now"/>.</summary>
    public bool TryPeekDue(Instant now, out T owner)
    {
        var due = heap.Count > 0 && keys[0] <= now;
        owner = due ? heap[0] : null!;
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
        {
            owner.QueueIndex = heap.Count;
            heap.Add(owner);
            keys.Add(when);
        }
        else if (keys[owner.QueueIndex] == when)
        {
            return;
        }

        keys[owner.QueueIndex] = when;
        SiftUp(owner.QueueIndex);
        SiftDown(owner.QueueIndex);
    }

    /// <summary>Takes <paramref name="owner"/> out.</summary>
    public void Remove(T owner)
    {
        var index = owner.QueueIndex;
        if (index < 0)
            return;

        Swap(index, heap.Count - 1);
        heap.RemoveAt(heap.Count - 1);
        keys.RemoveAt(keys.Count - 1);
        owner.QueueIndex = -1;
        if (index >= heap.Count)
            return;

        SiftUp(index);
        SiftDown(index);
    }

    private void SiftUp(int index)
    {
        while (index > 0 && keys[index] < keys[(index - 1) / 2])
        {
            Swap(index, (index - 1) / 2);
            index = (index - 1) / 2;
        }
    }

    private void SiftDown(int index)
    {
        while (true)
        {
            var child = (2 * index) + 1;
            if (child >= heap.Count)
                return;
            if (child + 1 < heap.Count && keys[child + 1] < keys[child])
                child++;
            if (keys[index] <= keys[child])
                return;

            Swap(index, child);
            index = child;
        }
    }

    private void Swap(int a, int b)
    {
        (heap[a], heap[b]) = (heap[b], heap[a]);
        (keys[a], keys[b]) = (keys[b], keys[a]);
        heap[a].QueueIndex = a;
        heap[b].QueueIndex = b;
    }
}
