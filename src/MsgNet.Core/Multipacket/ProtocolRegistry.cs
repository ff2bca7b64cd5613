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

    /// <summary>Marks <paramref name="protocol"/> as handled; returns the entry it has had since it was registered first.</summary>
    /// <exception cref="ArgumentException"><paramref name="protocol"/> names nothing, or is registered.</exception>
    public ProtocolEntry Register(ProtocolId protocol)
    {
        if (protocol.IsEmpty)
            throw new ArgumentException("The default ProtocolId names no protocol: give it a name.", nameof(protocol));
        if (!entries.TryGetValue(protocol.Name, out var entry))
        {
            entry = new ProtocolEntry(protocol);
            entries = new Dictionary<string, ProtocolEntry>(entries, StringComparer.Ordinal) { [protocol.Name] = entry };
        }

        if (entry.IsRegistered)
            throw new ArgumentException($"'{protocol}' has a handler already: unregister it first.", nameof(protocol));

        entry.SetRegistered(true);
        return entry;
    }

    /// <summary>
    /// Marks <paramref name="protocol"/> as no longer handled; false when it was not. Numbers that peers mapped to it are RESET from now
    /// on.
    /// </summary>
    public bool Unregister(ProtocolId protocol)
    {
        if (!entries.TryGetValue(protocol.Name, out var entry) || !entry.IsRegistered)
            return false;

        entry.SetRegistered(false);
        return true;
    }

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
}
