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
    public ProtocolEntry Register(ProtocolId protocol)
    {
        if (protocol.IsEmpty)
            throw new ArgumentException("The default ProtocolId names no protocol: give it a name.", nameof(protocol));
        if (!entries.TryGetValue(protocol.Name, out var entry))
        {
            entry = new ProtocolEntry(protocol);
            entries = new Dictionary<string, ProtocolEntry>(entries, StringComparer.Ordinal) { [protocol.Name] = entry };
        }

        entry.IsStream = false;
        entry.AddTaker();
        return entry;
    }

    /// <summary>As <see cref="Register"/>, for somebody who takes streams of <paramref name="protocol"/> and no messages.</summary>
    /// <exception cref="ArgumentException"><paramref name="protocol"/> names nothing.</exception>
    public ProtocolEntry RegisterStream(ProtocolId protocol)
    {
        var entry = Register(protocol);
        entry.IsStream = true;
        return entry;
    }

    /// <summary>
    /// Takes one of them away; false when there was none. Once none is left, numbers that peers mapped to the protocol are RESET.
    /// </summary>
    public bool Unregister(ProtocolId protocol)
    {
        if (!entries.TryGetValue(protocol.Name, out var entry) || !entry.IsRegistered)
            return false;

        entry.RemoveTaker();
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
