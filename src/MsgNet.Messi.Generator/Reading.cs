using MsgNet.Messi.Emitter;

namespace MsgNet.Messi.Generator;

/// <summary>
/// What one attribute says. It holds values only, so that two readings of unchanged source are equal and nothing of a compilation stays
/// in memory.
/// </summary>
/// <param name="Protocol">The protocol; null when no code can be generated.</param>
/// <param name="Complaints">What is wrong, with the place of the attribute.</param>
internal sealed record Reading(MessiProtocol? Protocol, EquatableArray<Complaint> Complaints);
