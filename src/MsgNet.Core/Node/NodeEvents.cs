using System.Runtime.InteropServices;

namespace MsgNet.Core;

/// <summary>The events of one call into a machine, in order. The driver handles and clears them before the next call.</summary>
/// <remarks>Reused: holds its memory between calls, so that a call allocates nothing.</remarks>
public sealed class NodeEvents
{
    private readonly List<NodeEvent> events = [];

    /// <summary>Number of events.</summary>
    public int Count => events.Count;

    /// <summary>The event at <paramref name="index"/>.</summary>
    public ref readonly NodeEvent this[int index] => ref CollectionsMarshal.AsSpan(events)[index];

    /// <summary>The events; valid until one is added or all are cleared.</summary>
    public ReadOnlySpan<NodeEvent> All => CollectionsMarshal.AsSpan(events);

    /// <summary>Forgets all events.</summary>
    public void Clear() => events.Clear();

    /// <summary>Adds an event.</summary>
    public void Add(in NodeEvent happened) => events.Add(happened);

    /// <summary>Adds messages to the event of the one that they follow, the last.</summary>
    internal void AddFollowing(int count)
    {
        ref var last = ref CollectionsMarshal.AsSpan(events)[^1];
        last = last with { FollowingCount = count };
    }

    /// <summary>Throws when the driver has not handled what came before: a machine's outputs are drained before its next input.</summary>
    public void CheckEmpty() => Invariant.Check(events.Count == 0);
}
