namespace MsgNet.Core;

/// <summary>
/// Finds the largest datagram a path carries (RFC 8899): it tries the usual sizes from the largest down, one probe at a time and only while
/// datagrams are full, and keeps the first that is answered. What carries the largest is asked for jumbo frames.
/// <code>
///   1,200 ──full──> probe Ethernet's ──F2──> that size ──full──> probe jumbo ──F2──> that size
///                     │ 3 without answer → next smaller … none left ──> wait 600 s ──> again, down to the size found
///   3 large datagrams lost in a row ──> 1,200, again once the path speaks; after the second time within 600 s, wait 600 s
/// </code>
/// </summary>
internal struct DatagramSizeSearch(bool isIPv4)
{
    private const int Jumbo = 0;
    private const int Ethernet = 1;

    // Jumbo frames, Ethernet, PPPoE, WireGuard, tunnels in tunnels, the least of IPv6: MTU less 28 or 48 bytes of headers.
    private static readonly int[] SizesIPv4 = [Limits.DatagramSizeMax, Limits.DatagramSizeEthernet, 1464, 1392, 1332, 1252];
    private static readonly int[] SizesIPv6 = [Limits.DatagramSizeMaxIPv6, Limits.DatagramSizeEthernetIPv6, 1444, 1372, 1312, 1232];

    private readonly int[] sizes = isIPv4 ? SizesIPv4 : SizesIPv6;
    private int at = Ethernet;
    private int tries;
    private ulong token;
    private Instant fullAt = Instant.Never;
    private Instant answerDue = Instant.Never;
    private Instant waitUntil = Instant.Zero;

    /// <summary>UDP payload the path is known to carry.</summary>
    public int Size { readonly get; private set; } = Limits.DatagramSizeMin;

    /// <summary>The size the next probe tries.</summary>
    public readonly int ProbeSize => sizes[at];

    /// <summary>When an unanswered probe is given up.</summary>
    public readonly Instant NextTimer => answerDue;

    /// <summary>When large datagrams vanished last; zero before they did.</summary>
    public Instant FellAt { readonly get; private set; } = Instant.Zero;

    /// <summary>A datagram was full: a larger one would be of use.</summary>
    public void OnFull(Instant now) => fullAt = now;

    /// <summary>True when a probe may leave.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="memory">How long a full datagram counts: a probe for what was said long ago would only keep an idle path busy.</param>
    public readonly bool IsDue(Instant now, TimeSpan memory) =>
        !fullAt.IsNever && now - fullAt <= memory && answerDue.IsNever && sizes[at] > Size && now >= waitUntil;

    /// <summary>A probe of <see cref="ProbeSize"/> leaves.</summary>
    /// <param name="random">Draws the token; tries of one size share it, so that a late answer counts.</param>
    /// <param name="due">When its answer is due.</param>
    public ulong OnProbeSent(IRandom random, Instant due)
    {
        if (tries++ == 0)
            token = random.NextUInt64();
        fullAt = Instant.Never;
        answerDue = due;
        return token;
    }

    /// <summary>Takes an F2; true when it proves a larger size.</summary>
    public bool OnResponse(Instant now, ulong response)
    {
        if (tries == 0 || response != token)
            return false;

        Size = sizes[at];
        if (at == Ethernet)
            Restart();
        else
            Pause(now);
        return true;
    }

    /// <summary>Counts a probe whose answer is overdue as lost.</summary>
    public void OnTimer(Instant now)
    {
        if (now < answerDue)
            return;

        answerDue = Instant.Never;
        if (tries < Limits.DatagramSizeTriesMax)
            return;

        tries = 0;
        at++;
        if (at == sizes.Length || sizes[at] <= Size)
            Pause(now);
    }

    /// <summary>
    /// Large datagrams vanish: back to what every path carries. Once it may have been an outage, and the search begins anew.
    /// </summary>
    public void OnBlackHole(Instant now)
    {
        var fellBefore = FellAt > Instant.Zero && now - FellAt < NodeTimings.DatagramSizeRaise;
        (FellAt, Size) = (now, Limits.DatagramSizeMin);
        Pause(now);
        if (!fellBefore)
            waitUntil = now;
    }

    // What a path carries changes rarely.
    private void Pause(Instant now)
    {
        Restart();
        waitUntil = now + NodeTimings.DatagramSizeRaise;
    }

    private void Restart()
    {
        at = Size < sizes[Ethernet] ? Ethernet : Jumbo;
        tries = 0;
        answerDue = Instant.Never;
    }
}
