namespace MsgNet.Core;

/// <summary>
/// Peers whose first flight was delivered to a half of theirs that this node has ended since, before they were heard under keys. For all
/// they know nobody has answered yet: they go on with what they sent, and what this node remembers of it has gone with that half.
/// </summary>
/// <remarks>
/// An entry counts as long as the peer's attempt can last. At most <see cref="Limits.FormerHalvesMax"/>, the oldest goes; no timer.
/// </remarks>
internal sealed class FormerHalves
{
    private readonly Dictionary<PeerId, Former> byPeer = [];
    private readonly Queue<(PeerId Peer, Instant Until)> order = new();

    /// <summary>How many are remembered.</summary>
    public int Count => byPeer.Count;

    /// <summary>A half with that peer ends.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="association">The half.</param>
    public void Add(PeerId peer, Association association)
    {
        if (association.UnansweredUntil == Instant.Zero)
            return;

        while (order.Count >= Limits.FormerHalvesMax)
            DropOldest();
        byPeer[peer] = new Former(association.RemoteIncarnation, association.UnansweredUntil);
        order.Enqueue((peer, association.UnansweredUntil));
    }

    /// <summary>True when the peer shows the incarnation whose first flight went to a half that is no more.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="incarnation">What it shows.</param>
    public bool Contains(Instant now, PeerId peer, ulong incarnation)
    {
        while (order.TryPeek(out var oldest) && now >= oldest.Until)
            DropOldest();

        return byPeer.TryGetValue(peer, out var former) && former.Incarnation == incarnation && now < former.Until;
    }

    private void DropOldest()
    {
        var (peer, until) = order.Dequeue();
        if (byPeer.TryGetValue(peer, out var former) && former.Until == until)
            byPeer.Remove(peer);
    }

    private readonly record struct Former(ulong Incarnation, Instant Until);
}
