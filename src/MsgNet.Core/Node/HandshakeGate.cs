namespace MsgNet.Core;

/// <summary>
/// What stands before the handshakes of a node (<c>specs/secure-datagrams.md</c> section 6): tells by ever costlier means which HELLOs are
/// worth an answer, and sends cookies to those that have to ask again.
/// </summary>
/// <remarks>
/// Nothing here costs a public-key operation or, after the first RETRY, memory. Its tables are made when they are first needed: most nodes
/// are never under load.
/// </remarks>
internal sealed class HandshakeGate(UdpNode node) : IDisposable
{
    private readonly HelloMac ownMac = new(node.Crypto, node.Crypto.PublicKey);
    private CookieSecrets? cookies;
    private readonly TimestampFloors floors = new(node.Random);
    private readonly AddressBuckets hellosByAddress = new(
        node.Random, Limits.HellosPerAddressPerSecond, Limits.HellosPerAddressBurst, countsPorts: false);

    private readonly AddressBuckets retriesByAddress = new(
        node.Random, Limits.RetriesPerAddressPerSecond, Limits.RetriesPerAddressPerSecond, countsPorts: false);

    private TokenBucket retries;
    private HandshakeBudget strangers;
    private HandshakeBudget acquaintances;

    private static ulong Window => (ulong)(NodeTimings.TimestampWindow.Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>The second step: the sender knows whom it addresses.</summary>
    public bool IsForThisNode(HelloMessage hello) => ownMac.Check(hello); // SEC-024

    /// <summary>
    /// The fourth and the fifth step: the cookie, if there is one, and the budget. When false the HELLO has been counted and, at most, been
    /// answered by a RETRY.
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="from">Where the HELLO came from.</param>
    /// <param name="hello">The HELLO.</param>
    /// <param name="halfOpen">Handshakes answered and not confirmed.</param>
    /// <param name="cookie">Receives 16 bytes: the cookie that keys mac2, or zeros when mac2 is zeros.</param>
    public bool TryAdmit(Instant now, in NetAddress from, HelloMessage hello, int halfOpen, Span<byte> cookie)
    {
        if (hello.HasMac2 && !TryFindCookie(now, from, hello, cookie)) // SEC-025, SEC-052
            return Refuse(now, from, hello, DropReason.BadCookie);

        if (!hello.HasMac2 && node.Settings.EarlyNeedsCookie) // SEC-050
            return Refuse(now, from, hello, DropReason.NoCookie);

        // Whoever can make up sources must not take from those whose address has shown that somebody we know is there.
        ref var budget = ref node.HasPeerAt(from) ? ref acquaintances : ref strangers;
        if (halfOpen > Limits.HalfOpenCalm)
            budget.OnLoad(now);
        if (!hello.HasMac2 && budget.IsLoaded(now)) // SEC-052
            return Refuse(now, from, hello, DropReason.UnderLoad);

        return budget.TryTake(now, hello.HasMac2) || Refuse(now, from, hello, DropReason.NoBudget); // SEC-053
    }

    /// <summary>
    /// The sixth step: a source that has shown that it receives what goes there is held to a rate of its own. Without a cookie anybody
    /// could use up the rate of anybody else.
    /// </summary>
    public bool IsWithinRate(Instant now, in NetAddress from, HelloMessage hello) // SEC-055
    {
        if (!hello.HasMac2)
            return true;

        return hellosByAddress.TryTake(now, from);
    }

    /// <summary>
    /// The eighth step: without a cookie, only the clock tells a HELLO that was sent just now from one that was recorded. When false it has
    /// been counted and, at most, been answered by a RETRY.
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="from">Where the HELLO came from.</param>
    /// <param name="hello">The HELLO.</param>
    /// <param name="key">S_i, 32 bytes, proven.</param>
    /// <param name="timestamp">The attempt's.</param>
    public bool IsTimely(Instant now, in NetAddress from, HelloMessage hello, ReadOnlySpan<byte> key, ulong timestamp)
    {
        if (hello.HasMac2)
            return true;
        if (IsInWindow(now, timestamp) && floors.IsAbove(key, timestamp)) // SEC-057, SEC-069
            return true;

        return Refuse(now, from, hello, DropReason.OutsideWindow);
    }

    /// <summary>Frames of an attempt are delivered; if it is dated in the future it has left an image that is timely later.</summary>
    public void OnDelivered(Instant now, ReadOnlySpan<byte> key, ulong timestamp) // SEC-069
    {
        if (timestamp > node.UnixMicroseconds(now) + Window)
            floors.Raise(key, timestamp);
    }

    /// <inheritdoc/>
    public void Dispose() => cookies?.Dispose();

    // SEC-064: the clock is the wall clock as it was when the process began and the time since: setting the wall clock reopens nothing.
    private bool IsInWindow(Instant now, ulong timestamp)
    {
        var clock = node.UnixMicroseconds(now);
        var distance = timestamp > clock ? timestamp - clock : clock - timestamp;
        return distance <= Window
            && (node.Settings.IdentityIsFresh || timestamp >= node.UnixMicroseconds(node.Settings.StartedAt) + Window); // SEC-058
    }

    private bool TryFindCookie(Instant now, in NetAddress from, HelloMessage hello, Span<byte> cookie)
    {
        Span<byte> address = stackalloc byte[NetAddress.WireLength];
        from.WriteTo(address);
        return Cookies(now).TryFindCookie(now, hello, address, cookie);
    }

    // SEC-065: a RETRY is less than half of what it answers, but nobody asked the address it goes to.
    private bool Refuse(Instant now, in NetAddress from, HelloMessage hello, DropReason reason)
    {
        node.Counters.CountDropped(reason);
        if (retriesByAddress.TryTake(now, from)
            && retries.TryTake(now, Limits.RetriesPerSecond, Limits.RetriesBurst, reserve: 0)
            && node.Loose.TryAdd(from, RetryMessage.Length) is { IsEmpty: false } datagram)
        {
            WriteRetry(now, from, hello, datagram);
            node.Counters.RetriesSent++;
        }
        else
        {
            node.Counters.RetriesWithheld++;
        }

        return false;
    }

    private void WriteRetry(Instant now, in NetAddress from, HelloMessage hello, Span<byte> datagram)
    {
        Span<byte> address = stackalloc byte[NetAddress.WireLength];
        Span<byte> cookie = stackalloc byte[RetryMessage.CookieLength];
        Span<byte> nonce = stackalloc byte[24];
        from.WriteTo(address);
        node.Random.Fill(nonce);
        Cookies(now).MakeCookie(now, address, cookie);
        RetryMessage.Write(datagram, node.Crypto, hello, nonce, cookie); // SEC-015
    }

    private CookieSecrets Cookies(Instant now) => cookies ??= new CookieSecrets(now, node.Crypto, node.Random);
}
