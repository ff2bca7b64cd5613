namespace MsgNet.Core;

/// <summary>
/// Which packet a frame came in. The default says nothing of when it was written: it came in a first flight or in pieces.
/// </summary>
/// <param name="Keys">The keys it was sealed with.</param>
/// <param name="Counter">Its counter under them.</param>
internal readonly record struct PacketOrigin(object? Keys, ulong Counter);
