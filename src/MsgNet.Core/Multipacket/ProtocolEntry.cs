namespace MsgNet.Core;

/// <summary>
/// A protocol that this host has, or once had, a handler for. One object per name for the life of its registry, so it is compared by
/// reference.
/// </summary>
public sealed class ProtocolEntry
{
    private volatile int takers;

    internal ProtocolEntry(ProtocolId id) => Id = id;

    /// <summary>The protocol.</summary>
    public ProtocolId Id { get; }

    /// <summary>True while a handler is registered. Any thread may read it.</summary>
    public bool IsRegistered => takers > 0;

    /// <summary>It is taken as streams, by lanes that carry bytes both ways, and not as messages. Any thread may read it.</summary>
    public bool IsStream { get; internal set; }

    internal bool IsNamed(ReadOnlySpan<byte> asciiName) => System.Text.Ascii.Equals(asciiName, Id.Name);

    internal void AddTaker() => takers++;

    internal void RemoveTaker() => takers--;
}
