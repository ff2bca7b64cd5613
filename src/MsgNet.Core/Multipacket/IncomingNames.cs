using System.Diagnostics.CodeAnalysis;

namespace MsgNet.Core;

/// <summary>
/// The receiver's half of Multipacket on one carrier in one direction: which protocol each of the peer's numbers means, and the ACKs and
/// RESETs that are due for it. Keeps only names with a registered handler, at most 256, and evicts none; a peer that sends a million
/// names makes nothing grow. Allocates only when it meets a name for the first time. Not safe for concurrent use.
/// </summary>
/// <param name="resets">The peer's budget, shared by its carriers.</param>
internal sealed class IncomingNames(ResetBudget resets)
{
    private readonly Dictionary<ushort, Slot> byProtocolInt = [];
    private Slot? lastResolved;
    private Slot? firstAckDue;
    private Slot? lastAckDue;
    private List<ushort>? resetsDue;

    /// <summary>Names kept, 0 to 256.</summary>
    public int Count => byProtocolInt.Count;

    /// <summary>True when <see cref="TryWriteControl"/> has something to write, given room.</summary>
    public bool HasControl(Instant now) => firstAckDue is not null || (resetsDue is { Count: > 0 } && resets.Available(now) > 0);

    /// <summary>
    /// Takes the mapping of an INIT.
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="init">The frame; nothing of it is kept but its numbers.</param>
    /// <param name="registry">The host's protocols.</param>
    /// <param name="entry">The protocol; null unless <see cref="InitStatus.Taken"/> is returned.</param>
    public InitStatus OnInit(Instant now, in InitFrame init, ProtocolRegistry registry, out ProtocolEntry? entry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        entry = null;
        var handled = registry.TryFind(init.Name, out var found);
        if (byProtocolInt.TryGetValue(init.ProtocolInt, out var slot) && !slot.Entry.IsNamed(init.Name))
            return InitStatus.Bad; // MP-035

        // MP-033: a name nobody handles is not kept. MP-037: it gets RESET instead of ACK.
        if (!handled)
        {
            RequestReset(now, init.ProtocolInt);
            return InitStatus.NotSupported;
        }

        slot ??= Map(found!, init.ProtocolInt);
        if (slot is null)
            return InitStatus.Bad;

        // A RESET of this number that has not left yet would end the session that just began.
        resetsDue?.Remove(init.ProtocolInt);
        RequestAck(now, slot, init.TransportId);
        entry = found;
        return InitStatus.Taken;
    }

    /// <summary>
    /// Finds the protocol of a CONTINUATION. False when the number is unknown or its protocol no longer handled: a RESET is due then.
    /// </summary>
    /// <exception cref="ArgumentException">The number is 0, which no parsed frame carries.</exception>
    public bool TryResolve(Instant now, ushort protocolInt, [NotNullWhen(true)] out ProtocolEntry? entry)
    {
        FrameArguments.CheckProtocolInt(protocolInt);

        // Messages of one protocol come in rows. A slot keeps its number until it gets another, which nobody else has.
        var slot = lastResolved;
        if ((slot?.ProtocolInt == protocolInt || byProtocolInt.TryGetValue(protocolInt, out slot)) && slot!.Entry.IsRegistered)
        {
            // MP-039
            lastResolved = slot;
            entry = slot.Entry;
            return true;
        }

        entry = null;
        RequestReset(now, protocolInt);
        return false;
    }

    /// <summary>Writes the ACKs and RESETs that are due, as many as fit and the budget allows; false when it wrote none.</summary>
    public bool TryWriteControl(Instant now, ref WireWriter writer)
    {
        var start = writer.Position;
        while (firstAckDue is { } slot && FrameWriter.TryWriteAck(ref writer, slot.TransportId))
        {
            (firstAckDue, slot.NextAckDue) = (slot.NextAckDue, null);
            slot.IsAckDue = false;
        }

        if (resetsDue is { Count: > 0 })
            WriteResets(now, ref writer, resetsDue);
        return writer.Position > start;
    }

    private void WriteResets(Instant now, ref WireWriter writer, List<ushort> due)
    {
        var written = 0;
        while (written < due.Count && resets.Available(now) > 0 && FrameWriter.TryWriteReset(ref writer, due[written]))
        {
            resets.TryTake(now);
            written++;
        }

        due.RemoveRange(0, written);
    }

    // The number is free. Null for a 257th name.
    private Slot? Map(ProtocolEntry entry, ushort protocolInt)
    {
        var slot = Find(entry);
        if (slot is null && byProtocolInt.Count == Limits.NamesMax) // MP-034
            return null;

        // MP-035
        if (slot is null)
            slot = new Slot(entry);
        else
            byProtocolInt.Remove(slot.ProtocolInt);
        slot.ProtocolInt = protocolInt;
        byProtocolInt.Add(protocolInt, slot);
        return slot;
    }

    // A name that gets a number, which is rare: there is no second table for that.
    private Slot? Find(ProtocolEntry entry)
    {
        foreach (var (_, slot) in byProtocolInt)
        {
            if (slot.Entry == entry)
                return slot;
        }

        return null;
    }

    private void RequestAck(Instant now, Slot slot, ushort transportId)
    {
        // MP-036, MP-037, REC-037
        if (transportId == 0 || (transportId == slot.TransportId && now - slot.LastAck < Limits.AckRepeatMin))
            return;

        slot.TransportId = transportId;
        slot.LastAck = now;
        if (slot.IsAckDue)
            return;

        slot.IsAckDue = true;
        if (firstAckDue is null)
            firstAckDue = slot;
        else
            lastAckDue!.NextAckDue = slot;
        lastAckDue = slot;
    }

    // MP-043. More than the budget is never queued: the peer's next message asks again.
    private void RequestReset(Instant now, ushort protocolInt)
    {
        resetsDue ??= new List<ushort>(Limits.ResetsPerSecondMax);
        if (resetsDue.Count < resets.Available(now) && !resetsDue.Contains(protocolInt))
            resetsDue.Add(protocolInt);
    }

    private sealed class Slot(ProtocolEntry entry)
    {
        public ProtocolEntry Entry { get; } = entry;

        public ushort ProtocolInt { get; set; }

        public ushort TransportId { get; set; }

        public Instant LastAck { get; set; }

        public bool IsAckDue { get; set; }

        /// <summary>Whose ACK is due after this one's.</summary>
        public Slot? NextAckDue { get; set; }
    }
}
