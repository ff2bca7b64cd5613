namespace MsgNet.Core;

/// <summary>
/// Which lanes of one kind the peer has opened, so that a number opens once (LANE-003), and why those that ended did. Not thread-safe.
/// </summary>
internal sealed class LaneNumbers
{
    private ReplayWindow seen = new(Limits.LaneNumberWindow);
    private readonly LaneEnd[] ends = new LaneEnd[Limits.LaneNumberWindow];

    /// <summary>True when that number may still open.</summary>
    public bool CanOpen(ulong number) => seen.CanAccept(number);

    /// <summary>Notes that it opened.</summary>
    public void Open(ulong number)
    {
        Invariant.Check(seen.TryAccept(number));
        ends[IndexOf(number)] = LaneEnd.UnknownLane;
    }

    /// <summary>Notes that it was given up before it opened.</summary>
    public void Close(ulong number)
    {
        if (!CanOpen(number))
            return;

        Open(number);
        End(number, LaneEnd.Aborted);
    }

    /// <summary>Notes what STOP says to further packets of a lane that is over.</summary>
    public void End(ulong number, LaneEnd reason) => ends[IndexOf(number)] = reason;

    /// <summary>What STOP says to a packet of a lane that cannot open.</summary>
    public LaneEnd ReasonOf(ulong number) =>
        seen.Highest - number <= (ulong)seen.Usable ? ends[IndexOf(number)] : LaneEnd.UnknownLane;

    private static int IndexOf(ulong number) => (int)(number % Limits.LaneNumberWindow);
}
