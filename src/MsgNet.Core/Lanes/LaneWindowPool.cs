namespace MsgNet.Core;

/// <summary>
/// Segments that the windows of all peers of a node may grow by beyond what each peer's own budget holds. A peer takes at most what it
/// leaves to others, so that nobody can take all: of n peers that want everything, the last still gets a 2⁻ⁿ of it. Not thread-safe.
/// </summary>
internal sealed class LaneWindowPool
{
    private int free = Limits.LaneWindowsShared;

    /// <summary>Takes up to <paramref name="wanted"/> segments for a peer that holds <paramref name="held"/>; returns how many.</summary>
    public int Take(int wanted, int held)
    {
        // LANE-068
        var taken = Math.Clamp((free - held) / 2, 0, wanted);
        free -= taken;
        return taken;
    }

    /// <summary>Gives segments back.</summary>
    public void Return(int segments)
    {
        free += segments;
        Invariant.Check(segments >= 0 && free <= Limits.LaneWindowsShared);
    }
}
