namespace MsgNet.Core;

/// <summary>
/// Halves that this node has ended while their peers may not know it. Two kinds matter. One was delivered a first flight and was not heard
/// under keys since: for all its peer knows nobody has answered yet. The other had keys: an attempt of the peer that began before may still
/// run, and carry what went under those keys as well. What this node remembers of either has gone with the half.
/// </summary>
/// <remarks>
/// An entry counts as long as such an attempt can last. At most <see cref="Limits.FormerHalvesMax"/>, the oldest goes; no timer.
/// </remarks>
internal sealed class FormerHalves
{
    private readonly Dictionary<(PeerId Peer, ulong Incarnation), Former> halves = [];
    private readonly Queue<(PeerId Peer, ulong Incarnation, Instant Until)> order = new();

    /// <summary>How many are remembered.</summary>
    public int Count => halves.Count;

    /// <summary>A half with that peer ends.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="association">The half.</param>
    /// <param name="lastUsedAt">When the peer was last heard, or later.</param>
    public void Add(PeerId peer, Association association, Instant lastUsedAt)
    {
        var hadKeysUntil = association.HadKeys ? lastUsedAt + NodeTimings.AttemptMax : Instant.Zero;
        var until = Instant.Max(association.UnansweredUntil, hadKeysUntil);
        if (until == Instant.Zero)
            return;

        while (order.Count >= Limits.FormerHalvesMax)
            DropOldest();

        // In one piece, at first need: the growth of a large table would be the price of some datagram.
        halves.EnsureCapacity(Limits.FormerHalvesMax);

        // The peer may have met several halves of this side in one life of its own.
        var earlier = halves.GetValueOrDefault((peer, association.RemoteIncarnation));
        var former = new Former(
            Instant.Max(earlier.UnansweredUntil, association.UnansweredUntil), Instant.Max(earlier.HadKeysUntil, hadKeysUntil));
        halves[(peer, association.RemoteIncarnation)] = former;
        order.Enqueue((peer, association.RemoteIncarnation, former.Until));
    }

    /// <summary>True when a first flight of that life of the peer went to a half that is no more, without keys heard since.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="incarnation">What it shows.</param>
    public bool WasUnanswered(Instant now, PeerId peer, ulong incarnation) => now < Find(now, peer, incarnation).UnansweredUntil;

    /// <summary>True when that life of the peer had keys with a half that is no more, and an attempt of that time may still run.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="incarnation">What it shows.</param>
    public bool HadKeys(Instant now, PeerId peer, ulong incarnation) => now < Find(now, peer, incarnation).HadKeysUntil;

    private Former Find(Instant now, PeerId peer, ulong incarnation)
    {
        while (order.TryPeek(out var oldest) && now >= oldest.Until)
            DropOldest();

        return halves.GetValueOrDefault((peer, incarnation));
    }

    private void DropOldest()
    {
        var (peer, incarnation, until) = order.Dequeue();
        if (halves.TryGetValue((peer, incarnation), out var former) && former.Until <= until)
            halves.Remove((peer, incarnation));
    }

    private readonly record struct Former(Instant UnansweredUntil, Instant HadKeysUntil)
    {
        public Instant Until => Instant.Max(UnansweredUntil, HadKeysUntil);
    }
}
