namespace MsgNet.Core;

/// <summary>What <see cref="FramePacker"/> must know of the datagram it fills.</summary>
/// <param name="PathRoom">Room for frames in an empty datagram of the path: what does not fit it is fragmented (MP-051).</param>
/// <param name="Room">Room for frames in an empty datagram of this kind; less than the former in a HELLO.</param>
/// <param name="ProbeTimeout">The path's PTO: when an unanswered request is sent again.</param>
/// <param name="Early">First flight: names go as INIT, since the peer may remember nothing, and messages that may not be early
/// wait.</param>
internal readonly record struct PackingTerms(int PathRoom, int Room, TimeSpan ProbeTimeout, bool Early)
{
    /// <summary>Something else than acknowledgements stands in the datagram already.</summary>
    public bool IsShared { get; init; }
}
