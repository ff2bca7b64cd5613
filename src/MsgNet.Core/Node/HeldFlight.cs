namespace MsgNet.Core;

/// <summary>
/// The first flight of a HELLO that shows another incarnation than the known one. It waits until a packet under the session's keys,
/// or an ACK, proves that this life of the peer is the present one: a recorded HELLO of a former life must change nothing (SEC-104). Or
/// the first flight of a peer that waits to be accepted (SEC-067).
/// </summary>
/// <param name="Incarnation">What the HELLO showed.</param>
/// <param name="Timestamp">Its attempt.</param>
/// <param name="Frames">Its frames, copied.</param>
internal sealed record HeldFlight(ulong Incarnation, ulong Timestamp, byte[] Frames);
