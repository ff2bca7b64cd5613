namespace MsgNet.Core;

/// <summary>
/// The keys of one peer, at most three: the current one sends and receives, the previous one only receives, the rest are answered but not yet
/// confirmed handshakes (SEC-076, SEC-077).
/// </summary>
internal sealed class SessionSlots(UdpNode node)
{
    private static readonly TimeSpan SimultaneousOpen = TimeSpan.FromSeconds(5);
    private readonly List<ChannelSession> unconfirmed = [];

    /// <summary>What this side sends on; null when nothing is confirmed.</summary>
    public ChannelSession? Current { get; private set; }

    /// <summary>Superseded, receives until dropped.</summary>
    public ChannelSession? Previous { get; private set; }

    /// <summary>Answered handshakes, the newest last.</summary>
    public IReadOnlyList<ChannelSession> Unconfirmed => unconfirmed;

    /// <summary>What to send on: the current keys, else those of the newest answered handshake, within its ledger.</summary>
    public ChannelSession? Sending => Current ?? (unconfirmed.Count > 0 ? unconfirmed[^1] : null);

    public bool IsEmpty => Current is null && Previous is null && unconfirmed.Count == 0;

    /// <summary>True when a session with this peer uses that index of the peer's already: a second one would mix up their REPORTs.</summary>
    public bool HasRemoteIndex(uint index)
    {
        foreach (var session in unconfirmed)
        {
            if (session.RemoteIndex == index)
                return true;
        }

        return Current?.RemoteIndex == index || Previous?.RemoteIndex == index;
    }

    /// <summary>Adds the session of a handshake this side answered.</summary>
    public void AddUnconfirmed(ChannelSession session)
    {
        while (Count >= 3)
            DropOldest();

        unconfirmed.Add(session);
    }

    /// <summary>A session is proven on both ends: the initiator got the ACK, or the responder the first DATA. It becomes current, unless both ends
    /// opened at once and the other session is to be preferred.</summary>
    public void Establish(Instant now, ChannelSession session)
    {
        unconfirmed.Remove(session);
        if (Current is null)
        {
            Current = session;
        }
        else if (PrefersCurrent(now, session))
        {
            Replace(session);
        }
        else
        {
            Replace(Current);
            Current = session;
        }

        // An initiator confirms one image; what else was answered for it is of no more use.
        if (!session.IsInitiator)
            DropUnconfirmed();
    }

    /// <summary>Drops what has outlived its time; returns true when the current session is gone.</summary>
    public bool Expire(Instant now)
    {
        for (var i = unconfirmed.Count - 1; i >= 0; i--)
        {
            if (now >= unconfirmed[i].CreatedAt + NodeTimings.HalfOpenLifetime)
                DropUnconfirmedAt(i);
        }

        if (Previous is not null && now >= Previous.LastUsedAt + NodeTimings.SessionIdle)
        {
            node.Release(Previous);
            Previous = null;
        }

        if (Current is null || now < Current.LastUsedAt + NodeTimings.SessionIdle)
            return false;

        node.Release(Current);
        Current = null;
        return true;
    }

    /// <summary>When <see cref="Expire"/> is due next.</summary>
    public Instant NextExpiry
    {
        get
        {
            var next = Instant.Never;
            foreach (var session in unconfirmed)
                next = Instant.Min(next, session.CreatedAt + NodeTimings.HalfOpenLifetime);
            if (Previous is not null)
                next = Instant.Min(next, Previous.LastUsedAt + NodeTimings.SessionIdle);
            return Current is null ? next : Instant.Min(next, Current.LastUsedAt + NodeTimings.SessionIdle);
        }
    }

    /// <summary>Drops one unconfirmed session, when a newer one needs its place in the node's table.</summary>
    public void Drop(ChannelSession session)
    {
        if (unconfirmed.Remove(session))
            node.Release(session);
    }

    /// <summary>Drops all keys.</summary>
    public void Clear()
    {
        DropUnconfirmed();
        if (Previous is not null)
            node.Release(Previous);
        if (Current is not null)
            node.Release(Current);

        Previous = null;
        Current = null;
    }

    private int Count => unconfirmed.Count + (Current is null ? 0 : 1) + (Previous is null ? 0 : 1);

    // SEC-076: of two sessions opened at once, both ends prefer the one whose initiator has the smaller key.
    private bool PrefersCurrent(Instant now, ChannelSession session) =>
        session.IsInitiator != Current!.IsInitiator
        && now - Current.CreatedAt < SimultaneousOpen
        && Current.IsInitiator == node.HasSmallerKeyThan(session.Peer);

    private void Replace(ChannelSession superseded)
    {
        if (Previous is not null)
            node.Release(Previous);

        Previous = superseded;
    }

    private void DropOldest()
    {
        if (Previous is not null)
        {
            node.Release(Previous);
            Previous = null;
        }
        else
        {
            DropUnconfirmedAt(0);
        }
    }

    private void DropUnconfirmed()
    {
        for (var i = unconfirmed.Count - 1; i >= 0; i--)
            DropUnconfirmedAt(i);
    }

    private void DropUnconfirmedAt(int index)
    {
        node.Release(unconfirmed[index]);
        unconfirmed.RemoveAt(index);
    }
}
