namespace MsgNet.Core;

/// <summary>
/// The sender's half of Multipacket on one carrier in one direction: which number each protocol goes by, and whether the peer knows it.
/// <code>
///            Open              OnAck
///   (none) ───────&gt; announced ───────&gt; acknowledged        announced: messages go as INIT;  acknowledged: as CONTINUATION
///      ^                │    &lt;───────       │              NewPath takes acknowledged names back to announced
///      └──── OnReset ───┴───────────────────┘              after a reset: a new number, one INIT a second
/// </code>
/// At most 256 names are ever open, because the peer keeps no more and forgets none; numbers are never used twice.
/// Holds at most 256 small objects; allocates only when a name opens. Not safe for concurrent use.
/// </summary>
internal struct OutgoingNames()
{
    private static readonly TimeSpan RefusedRetryMin = TimeSpan.FromSeconds(1);

    // Most peers are answered and never sent to by themselves: until the first name all of them have these, in which nothing ever is.
    private static readonly Dictionary<ProtocolId, Slot> NoSlots = [];
    private static readonly Dictionary<ushort, Slot> NoNumbers = [];

    private Dictionary<ProtocolId, Slot> slots = NoSlots;
    private Dictionary<ushort, Slot> byProtocolInt = NoNumbers;
    private Dictionary<ushort, Slot> byTransportId = NoNumbers;
    private OutgoingName? lastReady;
    private int lastProtocolInt;
    private ushort lastTransportId;

    /// <summary>
    /// Finds or opens the name of <paramref name="protocol"/>. Call it once for each message, since it also counts the INITs of a refused
    /// name.
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="name">The name; null unless <see cref="NameStatus.Ready"/> is returned.</param>
    /// <exception cref="ArgumentException"><paramref name="protocol"/> names nothing.</exception>
    public NameStatus Open(Instant now, ProtocolId protocol, out OutgoingName? name)
    {
        if (protocol.IsEmpty)
            throw new ArgumentException("The default ProtocolId names no protocol: give it a name.", nameof(protocol));

        // Messages of one protocol go in rows.
        name = lastReady;
        if (name is { IsAcknowledged: true, IsReset: false } && name.Protocol == protocol)
            return NameStatus.Ready;

        name = null;
        var known = slots.TryGetValue(protocol, out var slot);
        if (known && slot!.Current.IsAcknowledged && !slot.Current.IsReset)
        {
            name = lastReady = slot.Current;
            return NameStatus.Ready;
        }

        // MP-041
        if (known && slot!.WasRefused && now - slot.LastInit < RefusedRetryMin)
            return NameStatus.RefusedRecently;
        if (!known || slot!.Current.IsReset)
        {
            // MP-034, MP-031
            if ((!known && slots.Count == Limits.NamesMax) || lastProtocolInt == ushort.MaxValue)
                return NameStatus.Exhausted;
            slot = Announce(protocol, slot);
        }

        slot.LastInit = now;
        name = slot.Current;
        return NameStatus.Ready;
    }

    /// <summary>The peer acknowledged a mapping; returns the name, or null when that transport id is none of this path's.</summary>
    public OutgoingName? OnAck(ushort transportId)
    {
        // MP-038
        if (!byTransportId.TryGetValue(transportId, out var slot))
            return null;

        slot.Current.IsAcknowledged = true;
        slot.WasRefused = false;
        return slot.Current;
    }

    /// <summary>The peer refused a number; returns the name whose session ends, or null when no open name has that number.</summary>
    public OutgoingName? OnReset(ushort protocolInt)
    {
        // MP-040
        if (!byProtocolInt.Remove(protocolInt, out var slot))
            return null;

        byTransportId.Remove(slot.Current.TransportId);
        slot.Current.IsReset = true;
        slot.WasRefused = true;
        return slot.Current;
    }

    /// <summary>The carrier moved to another path: every open name is announced anew there, with a new transport id.</summary>
    public void NewPath()
    {
        byTransportId.Clear();
        foreach (var slot in byProtocolInt.Values)
        {
            slot.Current.IsAcknowledged = false;
            slot.Current.TransportId = NextTransportId();
            byTransportId.Add(slot.Current.TransportId, slot);
        }
    }

    private Slot Announce(ProtocolId protocol, Slot? slot)
    {
        if (slots == NoSlots)
            (slots, byProtocolInt, byTransportId) = ([], [], []);

        var asciiName = slot?.AsciiName ?? System.Text.Encoding.ASCII.GetBytes(protocol.Name);
        var name = new OutgoingName(protocol, asciiName, (ushort)++lastProtocolInt, NextTransportId());
        slot ??= slots[protocol] = new Slot(name, asciiName);
        slot.Current = name;
        byProtocolInt.Add(name.ProtocolInt, slot);
        byTransportId.Add(name.TransportId, slot);
        return slot;
    }

    // MP-036: 0 wants no ACK. After 65,535 of them the counter starts over, past those in use.
    private ushort NextTransportId()
    {
        do
            lastTransportId++;
        while (lastTransportId == 0 || byTransportId.ContainsKey(lastTransportId));
        return lastTransportId;
    }

    private sealed class Slot(OutgoingName current, byte[] asciiName)
    {
        public OutgoingName Current { get; set; } = current;

        public byte[] AsciiName { get; } = asciiName;

        public Instant LastInit { get; set; }

        public bool WasRefused { get; set; }
    }
}
