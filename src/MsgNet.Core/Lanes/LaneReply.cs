namespace MsgNet.Core;

/// <summary>A REPLY that came by a lane; the node knows whether anybody waits for it.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="Id">The id of the request.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Data">The answer; the receiver's own.</param>
internal readonly record struct LaneReply(Lane Lane, ulong Id, ReplyStatus Status, byte[] Data);
