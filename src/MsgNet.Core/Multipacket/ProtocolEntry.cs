namespace MsgNet.Core;

/// <summary>
/// A protocol that this host has, or once had, a handler for. One object per name for the life of its registry, so it is compared by
/// reference.
/// </summary>
public sealed class ProtocolEntry
{
    private volatile int messageTakers;
    private volatile int streamTakers;

    internal ProtocolEntry(ProtocolId id) => Id = id;

    /// <summary>The protocol.</summary>
    public ProtocolId Id { get; }

    /// <summary>True while a handler is registered. Any thread may read it.</summary>
    public bool IsRegistered => TakesMessages || TakesStreams;

    /// <summary>Somebody takes its messages. Any thread may read it.</summary>
    public bool TakesMessages => messageTakers > 0;

    /// <summary>Somebody takes its streams, which are lanes that carry bytes both ways. Any thread may read it.</summary>
    public bool TakesStreams => streamTakers > 0;

    internal bool IsNamed(ReadOnlySpan<byte> asciiName) => System.Text.Ascii.Equals(asciiName, Id.Name);

    internal void AddTaker(bool ofStreams)
    {
        if (ofStreams)
            streamTakers++;
        else
            messageTakers++;
    }

    internal void RemoveTaker(bool ofStreams)
    {
        if (ofStreams)
            streamTakers--;
        else
            messageTakers--;
    }
}
