using System.Diagnostics.CodeAnalysis;

namespace MsgNet.Core;

/// <summary>
/// The receiver's half of Multipacket on one carrier in one direction: which protocol each of the peer's numbers means, and the ACKs and RESETs
/// that are due for it. Keeps only names with a registered handler, at most 256, and evicts none; a peer that sends a million names makes nothing grow.
/// Allocates only when it meets a name for the first time. Not safe for concurrent use.
/// </summary>
/// <param name="resets">The peer's budget, shared by its carriers.</param>
public sealed class IncomingNames(ResetBudget resets)
{
    private readonly Dictionary<ProtocolEntry, Slot> byEntry = [];
    private readonly Dictionary<ushort, Slot> byProtocolInt = [];
    private readonly Queue<Slot> acksDue = new();
    private readonly List<ushort> resetsDue = new(Limits.ResetsPerSecondMax);

    /// <summary>Names kept, 0 to 256.</summary>
    public int Count => byEntry.Count;

    /// <summary>True when <see cref="TryWriteControl"/> has something to write, given room.</summary>
    public bool HasControl(Instant now) => acksDue.Count > 0 || (resetsDue.Count > 0 && resets.Available(now) > 0);

    /// <summary>
    /// Takes the mapping of an INIT. False when its message is not taken, because nobody handles the protocol or 256 others are kept already:
    /// nothing is remembered then, and a RESET is due.
    /// </summary>
    public bool OnInit(Instant now, in InitFrame init, ProtocolRegistry registry, [NotNullWhen(true)] out ProtocolEntry? entry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        if (!registry.TryFind(init.Name, out entry) || !TryMap(entry, init.ProtocolInt, out var slot))
        {
            entry = null;
            RequestReset(now, init.ProtocolInt);
            return false;
        }

        resetsDue.Remove(init.ProtocolInt);
        RequestAck(now, slot, init.TransportId);
        return true;
    }

    /// <summary>Finds the protocol of a CONTINUATION. False when the number is unknown or its protocol no longer handled: a RESET is due then.</summary>
    public bool TryResolve(Instant now, ushort protocolInt, [NotNullWhen(true)] out ProtocolEntry? entry)
    {
        if (byProtocolInt.TryGetValue(protocolInt, out var slot) && slot.Entry.IsRegistered)
        {
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
        while (acksDue.TryPeek(out var slot) && FrameWriter.TryWriteAck(ref writer, slot.TransportId))
        {
            acksDue.Dequeue();
            slot.IsAckDue = false;
        }

        var written = 0;
        while (written < resetsDue.Count && resets.Available(now) > 0 && FrameWriter.TryWriteReset(ref writer, resetsDue[written]))
        {
            resets.TryTake(now);
            written++;
        }

        resetsDue.RemoveRange(0, written);
        return writer.Position > start;
    }

    // A known name takes the new number; a number the peer used for another name before, which it must not, leaves that name without one.
    private bool TryMap(ProtocolEntry entry, ushort protocolInt, [NotNullWhen(true)] out Slot? slot)
    {
        if (byEntry.TryGetValue(entry, out slot) && slot.ProtocolInt == protocolInt)
            return true;
        if (slot is null)
        {
            if (byEntry.Count == Limits.NamesMax)
                return false;
            slot = new Slot(entry);
            byEntry.Add(entry, slot);
        }

        if (byProtocolInt.Remove(protocolInt, out var former))
            former.ProtocolInt = 0;
        byProtocolInt.Remove(slot.ProtocolInt);
        slot.ProtocolInt = protocolInt;
        byProtocolInt.Add(protocolInt, slot);
        return true;
    }

    private void RequestAck(Instant now, Slot slot, ushort transportId)
    {
        if (transportId == 0 || (transportId == slot.TransportId && now - slot.LastAck < Limits.AckRepeatMin))
            return;

        slot.TransportId = transportId;
        slot.LastAck = now;
        if (slot.IsAckDue)
            return;

        slot.IsAckDue = true;
        acksDue.Enqueue(slot);
    }

    // More than the budget is never queued: the peer's next message asks again.
    private void RequestReset(Instant now, ushort protocolInt)
    {
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
    }
}
