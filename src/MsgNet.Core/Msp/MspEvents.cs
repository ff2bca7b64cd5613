using System.Runtime.InteropServices;

namespace MsgNet.Core;

/// <summary>What happened in an <see cref="MspEndpoint"/>, in order. Its driver handles and clears them before the next input.</summary>
/// <remarks>Reused: holds its memory between calls, so that a call allocates nothing. Walk it by index: handling one may add
/// others.</remarks>
public sealed class MspEvents
{
    private readonly List<MspEvent> events = [];

    /// <summary>Number of events.</summary>
    public int Count => events.Count;

    /// <summary>The event at <paramref name="index"/>.</summary>
    public ref readonly MspEvent this[int index] => ref CollectionsMarshal.AsSpan(events)[index];

    /// <summary>Forgets all events.</summary>
    public void Clear() => events.Clear();

    /// <summary>Adds an event.</summary>
    internal void Add(MspEventKind kind, MspConnection connection, MspListener? listener) =>
        events.Add(new MspEvent(kind, connection, listener));

    /// <summary>Throws when the driver has not handled what came before.</summary>
    internal void CheckEmpty() => Invariant.Check(events.Count == 0);
}
