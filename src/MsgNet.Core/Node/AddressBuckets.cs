namespace MsgNet.Core;

/// <summary>
/// A token bucket for each of many remote addresses, in a table of fixed size: whoever can make up source addresses cannot make it grow.
/// An address is an IPv4 address or an IPv6 /64; whether the port counts too is the caller's choice.
/// </summary>
/// <remarks>
/// Four places for each hash; an address that finds them taken pushes out the one that is nearest to being full again, which loses that
/// address at most its own debt. The hash is keyed, so that nobody outside can aim at another's place. The table is made
/// when the first address comes, since most nodes never need it; nothing is allocated after that.
/// </remarks>
internal sealed class AddressBuckets
{
    private const int Ways = 4;
    private readonly IRandom random;
    private readonly int perSecond;
    private readonly int burst;
    private readonly bool countsPorts;
    private Entry[]? entries;
    private ulong keyHigh;
    private ulong keyLow;

    /// <summary>A table in which every address has its whole burst.</summary>
    /// <param name="random">Draws the key of the hash, when the first address comes.</param>
    /// <param name="perSecond">Steady rate of one address, at least 1.</param>
    /// <param name="burst">What one address may take at once, at least 1.</param>
    /// <param name="countsPorts">Whether two ports of one address are two addresses.</param>
    public AddressBuckets(IRandom random, int perSecond, int burst, bool countsPorts)
    {
        this.perSecond = perSecond;
        this.burst = burst;
        this.countsPorts = countsPorts;
        this.random = random;
    }

    /// <summary>Takes one token of an address; false when it has none.</summary>
    public bool TryTake(Instant now, in NetAddress address)
    {
        var (high, low) = address.Prefix;
        var port = countsPorts ? address.Port + 1 : 0;
        var set = EntriesFor(high, low, port);
        var at = -1;
        var fullest = 0;
        var most = -1;
        for (var i = 0; i < Ways; i++)
        {
            ref var entry = ref set[i];
            if (entry.IsUsed && entry.High == high && entry.Low == low && entry.Port == port)
                at = i;

            var left = entry.IsUsed ? entry.Bucket.Available(now, perSecond, burst) : int.MaxValue;
            if (left > most)
                (fullest, most) = (i, left);
        }

        if (at < 0)
        {
            at = fullest;
            set[at] = new Entry { High = high, Low = low, Port = port, IsUsed = true };
        }

        return set[at].Bucket.TryTake(now, perSecond, burst, reserve: 0);
    }

    // Multiply-shift hashing with a secret odd key: https://en.wikipedia.org/wiki/Universal_hashing
    private Span<Entry> EntriesFor(ulong high, ulong low, int port)
    {
        if (entries is null)
        {
            entries = new Entry[Limits.AddressBucketsMax];
            keyHigh = random.NextUInt64() | 1;
            keyLow = random.NextUInt64() | 1;
        }

        var hash = (high * keyHigh) + ((low + ((ulong)port << 32)) * keyLow);
        hash ^= hash >> 32;
        hash *= keyHigh;
        var set = (int)(hash >> 40) % (entries.Length / Ways);
        return entries.AsSpan(set * Ways, Ways);
    }

    private struct Entry
    {
        public ulong High;
        public ulong Low;
        public int Port;
        public bool IsUsed;
        public TokenBucket Bucket;
    }
}
