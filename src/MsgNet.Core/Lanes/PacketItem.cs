namespace MsgNet.Core;

/// <summary>One thing a packet carried that has to be thought of when it is lost.</summary>
/// <param name="Kind">What.</param>
/// <param name="Lane">Of which lane.</param>
/// <param name="Number">A segment's 64-bit sequence number; of an acknowledgement or window, its value.</param>
internal readonly record struct PacketItem(PacketItemKind Kind, ulong Lane, ulong Number);

/// <summary>What became of a <see cref="PacketItem"/>.</summary>
/// <param name="Item">The item.</param>
/// <param name="Arrived">Its packet was reported; otherwise it was lost, or its key was dropped before a report.</param>
internal readonly record struct PacketOutcome(PacketItem Item, bool Arrived);
