namespace MsgNet.Core;

/// <summary>
/// The receiver's window over the ids of TAGGED frames, one per association and direction, shared by its carriers: each id is taken once.
/// Not safe for concurrent use.
/// </summary>
internal sealed class IncomingIds
{
    // An RFC 6479 window uses one word less than its bits, and a sender may have ids open 16,383 apart: 16,384 bits would refuse some.
    private const int WindowBits = 2 * Limits.IdWindow;

    private ReplayWindow window = new(WindowBits);

    /// <summary>True the first time <paramref name="id"/> is seen; false when it was seen before, or is too old to say.</summary>
    public bool TryAccept(ulong id)
    {
        // REQ-003: exactly 16,384 wide.
        var isBelow = id < window.Highest && window.Highest - id >= Limits.IdWindow;
        return !isBelow && window.TryAccept(id); // REQ-004
    }
}
