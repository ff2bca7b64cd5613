namespace MsgNet.Core;

/// <summary>
/// What a node spends on handshakes with one class of addresses: so many a second, and for a while after that only on those who hold a
/// cookie. A value; starts full and calm.
/// </summary>
internal struct HandshakeBudget
{
    private TokenBucket tokens;
    private Instant loadedUntil;

    /// <summary>True while a HELLO without cookie is not to be opened.</summary>
    public readonly bool IsLoaded(Instant now) => now < loadedUntil;

    /// <summary>There is more to do than is good: ask for cookies for a second.</summary>
    public void OnLoad(Instant now) => loadedUntil = now + NodeTimings.UnderLoad;

    /// <summary>
    /// Takes a token. A HELLO without cookie may come from anywhere, so it leaves the last half to those who have one: a dialler that took
    /// the trouble gets through a flood with made-up sources. When there is no token, the budget is under load.
    /// </summary>
    public bool TryTake(Instant now, bool hasCookie) // SEC-053
    {
        var reserve = hasCookie ? 0 : Limits.HandshakesBurst / 2;
        if (tokens.TryTake(now, Limits.HandshakesPerSecond, Limits.HandshakesBurst, reserve))
            return true;

        OnLoad(now);
        return false;
    }
}
