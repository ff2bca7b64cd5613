namespace MsgNet.Core;

/// <summary>
/// How long a packet may stay behind later ones before it is taken as lost, learnt from how the path reorders (after RFC 8985). While no
/// reordering was seen it is closed, and packets behind count; open, only time does. It opens at a quarter of the least round trip, widens
/// to what a packet wrongly taken as lost had needed, and forgets each after 16 recoveries without another.
/// </summary>
internal struct ReorderWindow
{
    private const int RecoveriesKept = 16;

    // Where packets overtake much, reports measure the fastest: there a round trip says little of how late the others may be.
    private static readonly TimeSpan WaitMaxLeast = TimeSpan.FromMilliseconds(25);

    private TimeSpan widened;
    private int recoveriesOpen;
    private int recoveriesWide;

    /// <summary>Reordering was seen lately.</summary>
    public readonly bool IsOpen => recoveriesOpen > 0;

    /// <summary>The wait beyond a round trip; only while <see cref="IsOpen"/>.</summary>
    public readonly TimeSpan Wait(in RoundTripEstimator roundTrip)
    {
        var wait = Math.Max(roundTrip.Min.Ticks / 4, widened.Ticks);
        var most = Math.Max(roundTrip.Smoothed.Ticks, WaitMaxLeast.Ticks);
        return new TimeSpan(Math.Clamp(wait, TimeSpan.TicksPerMillisecond, most));
    }

    /// <summary>A packet was reported after a later one.</summary>
    public void OnReordered() => recoveriesOpen = RecoveriesKept;

    /// <summary>A packet taken as lost was reported <paramref name="age"/> after it left.</summary>
    public void OnSpurious(TimeSpan age, in RoundTripEstimator roundTrip)
    {
        // An eighth of a round trip to spare: the next one may be later still.
        var needed = age - roundTrip.Smoothed + (roundTrip.Min / 8);
        widened = needed > widened ? needed : widened;
        recoveriesWide = RecoveriesKept;
    }

    /// <summary>A recovery begins: something was lost that had left after the last one began.</summary>
    public void OnRecovery()
    {
        if (recoveriesOpen > 0)
            recoveriesOpen--;
        if (recoveriesWide > 0 && --recoveriesWide == 0)
            widened = default;
    }
}
