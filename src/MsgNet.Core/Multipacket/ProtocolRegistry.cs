using System.Diagnostics.CodeAnalysis;

namespace MsgNet.Core;

/// <summary>
/// The protocols this host handles; one registry per host. Names that arrive from the network are only looked up here, never interned.
/// </summary>
/// <remarks>
/// Any thread may look up. Registering and unregistering is for one thread at a time: the table is replaced, never changed, so readers
/// need no lock.
/// </remarks>
public sealed class ProtocolRegistry
{
    private volatile Dictionary<string, ProtocolEntry> entries = new(StringComparer.Ordinal);

    /// <summary>
    /// Adds somebody who takes messages of <paramref name="protocol"/>: the host's handler, or the handler of one session. Returns the
    /// entry it has had since it was registered first.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="protocol"/> names nothing.</exception>
    public ProtocolEntry Register(ProtocolId protocol) => Add(protocol, ofStreams: false);

    /// <summary>As <see cref="Register"/>, for somebody who takes streams of <paramref name="protocol"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="protocol"/> names nothing.</exception>
    public ProtocolEntry RegisterStream(ProtocolId protocol) => Add(protocol, ofStreams: true);

    /// <summary>
    /// Takes one of those away who take messages; false when there was none. Once nobody is left, numbers that peers mapped to the
    /// protocol are RESET.
    /// </summary>
    public bool Unregister(ProtocolId protocol) => Remove(protocol, ofStreams: false);

    /// <summary>As <see cref="Unregister"/>, of those who take streams.</summary>
    public bool UnregisterStream(ProtocolId protocol) => Remove(protocol, ofStreams: true);

    /// <summary>Finds the handled protocol of that name without allocating; <paramref name="asciiName"/> may be anything.</summary>
    public bool TryFind(ReadOnlySpan<byte> asciiName, [NotNullWhen(true)] out ProtocolEntry? entry)
    {
        entry = null;
        if (!InitFrame.IsName(asciiName))
            return false;

        Span<char> name = stackalloc char[Limits.ProtocolNameMax];
        for (var i = 0; i < asciiName.Length; i++)
            name[i] = (char)asciiName[i];
        return entries.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name[..asciiName.Length], out entry) && entry.IsRegistered;
    }

    private ProtocolEntry Add(ProtocolId protocol, bool ofStreams)
    {
        if (protocol.IsEmpty)
            throw new ArgumentException("The default ProtocolId names no protocol: give it a name.", nameof(protocol));
        if (!entries.TryGetValue(protocol.Name, out var entry))
        {
            entry = new ProtocolEntry(protocol);
            entries = new Dictionary<string, ProtocolEntry>(entries, StringComparer.Ordinal) { [protocol.Name] = entry };
        }

        entry.AddTaker(ofStreams);
        return entry;
    }

    private bool Remove(ProtocolId protocol, bool ofStreams)
    {
        if (!entries.TryGetValue(protocol.Name, out var entry) || !(ofStreams ? entry.TakesStreams : entry.TakesMessages))
            return false;

        entry.RemoveTaker(ofStreams);
        return true;
    }
}
