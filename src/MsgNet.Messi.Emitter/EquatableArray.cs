using System.Collections;

namespace MsgNet.Messi.Emitter;

/// <summary>
/// A list that equals another one with the same items: what an incremental generator compares to know that nothing changed.
/// </summary>
internal readonly struct EquatableArray<T> : IEquatable<EquatableArray<T>>, IReadOnlyList<T>
    where T : IEquatable<T>
{
    private readonly T[]? items;

    public EquatableArray(IEnumerable<T> items) => this.items = [.. items];

    public int Count => items?.Length ?? 0;

    public T this[int index] => (items ?? [])[index];

    public bool Equals(EquatableArray<T> other) => ((ReadOnlySpan<T>)items).SequenceEqual(other.items);

    public override bool Equals(object? obj) => obj is EquatableArray<T> other && Equals(other);

    public override int GetHashCode()
    {
        var hash = Count;
        foreach (var item in this)
            hash = unchecked((hash * 31) + item.GetHashCode());
        return hash;
    }

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)(items ?? [])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
