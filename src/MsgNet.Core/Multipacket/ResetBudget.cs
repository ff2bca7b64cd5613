namespace MsgNet.Core;

/// <summary>
/// How many RESETs one peer may still be sent: at most 10 in any second, over all its carriers. Not safe for concurrent use.
/// </summary>
internal sealed class ResetBudget
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private Instant[] sent = []; // of the full length since the first RESET
    private int count;
    private int oldest;

    /// <summary>How many may be sent now.</summary>
    public int Available(Instant now)
    {
        while (count > 0 && now - sent[oldest] >= Window)
        {
            oldest = (oldest + 1) % sent.Length;
            count--;
        }

        return Limits.ResetsPerSecondMax - count;
    }

    /// <summary>Takes one; false when none is left in this second.</summary>
    public bool TryTake(Instant now)
    {
        if (Available(now) == 0)
            return false;

        if (sent.Length == 0)
            sent = new Instant[Limits.ResetsPerSecondMax];
        sent[(oldest + count) % sent.Length] = now;
        count++;
        return true;
    }
}
