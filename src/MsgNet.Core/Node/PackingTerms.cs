namespace MsgNet.Core;

/// <summary>What <see cref="FramePacker"/> must know of the datagram it fills.</summary>
/// <param name="Room">Room of an empty datagram of that kind: what does not fit it is fragmented.</param>
/// <param name="ProbeTimeout">The path's PTO: when an unanswered request is sent again.</param>
/// <param name="Early">First flight: names go as INIT, since the peer may remember nothing, and messages that may not be early wait.</param>
internal readonly record struct PackingTerms(int Room, TimeSpan ProbeTimeout, bool Early);
