namespace MsgNet.Core;

/// <summary>A request that has ended and left its <see cref="PendingRequests"/>.</summary>
/// <param name="Id">Its id, now to be released.</param>
/// <param name="Protocol">Its protocol.</param>
/// <param name="State">What its owner gave.</param>
internal readonly record struct TakenRequest(ulong Id, ProtocolId Protocol, object? State);
