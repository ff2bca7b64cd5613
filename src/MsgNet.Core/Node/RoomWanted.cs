namespace MsgNet.Core;

/// <summary>What a send was refused for want of.</summary>
/// <param name="Length">Bytes of the message that found no room in the queue.</param>
/// <param name="NeedsId">It is a request that found no free id.</param>
internal readonly record struct RoomWanted(int Length, bool NeedsId);
