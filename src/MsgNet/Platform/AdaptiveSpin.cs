namespace MsgNet.Platform;

/// <summary>
/// How long a thread looks for a datagram before it sleeps: as long as was chosen, while datagrams come that often, and not at all when
/// they do not. What it looks for beyond that it pays from a credit: a twentieth of the time it waits, and what its short waits saved.
/// </summary>
/// <param name="spin">The time chosen; more than zero.</param>
internal struct AdaptiveSpin(TimeSpan spin)
{
    private const int LongWaitsMax = 2; // one may be chance
    private const int StretchMax = 4; // in this time a peer that sleeps is woken and answers
    private const int CreditMax = 20; // that of two waits, each for a peer that sleeps and with a thread that does
    private const int CreditShare = 20;
    private const int SavedShare = 8; // of what sleeping and waking would have taken; all of it would have bursts pay for looks behind them

    private int longWaits; // in a row
    private TimeSpan lastWait;
    private TimeSpan credit;

    /// <summary>A wait begins; returns how long to look for its end.</summary>
    public TimeSpan Begin() // API-230
    {
        if (longWaits == LongWaitsMax)
        {
            if (credit < 2 * lastWait)
                return TimeSpan.Zero;

            // When both ends of a round trip sleep, every wait is long, and nobody would look again.
            longWaits = 0;
        }

        return TimeSpan.FromTicks(Math.Clamp(credit.Ticks, spin.Ticks, StretchMax * spin.Ticks));
    }

    /// <summary>It is over.</summary>
    /// <param name="looked">How much of it the thread looked.</param>
    /// <param name="waited">How long it was.</param>
    public void End(TimeSpan looked, TimeSpan waited)
    {
        lastWait = waited;
        var isShort = waited < spin;
        Earn((waited.Ticks / CreditShare) + (isShort ? spin.Ticks / SavedShare : 0));
        if (isShort)
        {
            longWaits = 0;
            return;
        }

        longWaits = Math.Min(longWaits + 1, LongWaitsMax);
        credit = TimeSpan.FromTicks(Math.Max(credit.Ticks - looked.Ticks, 0));
    }

    private void Earn(long ticks) => credit = TimeSpan.FromTicks(Math.Min(credit.Ticks + ticks, CreditMax * spin.Ticks));
}
