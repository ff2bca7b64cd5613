using System.Runtime.InteropServices;

namespace MsgNet.Core;

/// <summary>
/// The keys of one peer, at most four: the current one sends and receives, the previous one only receives, two are answered but not yet
/// confirmed handshakes (SEC-076, SEC-077).
/// </summary>
internal struct SessionSlots(UdpNode node)
{
    private const int UnconfirmedMax = 2;
    private static readonly TimeSpan SimultaneousOpen = TimeSpan.FromSeconds(5);
    private List<ChannelSession>? unconfirmed; // null while there are none

    /// <summary>What this side sends on; null when nothing is confirmed.</summary>
    public ChannelSession? Current
    {
        readonly get;
        private set
        {
            node.Hints.OnCurrentChanged(field, value);
            field = value;
        }
    }

    /// <summary>Superseded, receives until dropped.</summary>
    public ChannelSession? Previous { readonly get; private set; }

    /// <summary>Answered handshakes, the newest last.</summary>
    public readonly ReadOnlySpan<ChannelSession> Unconfirmed => CollectionsMarshal.AsSpan(unconfirmed);

    /// <summary>
    /// What to send on: the current keys, else those of the newest answered handshake, within its ledger; never those of a life that is not
    /// proven, to which the association's names mean nothing, nor of a peer that is not accepted.
    /// </summary>
    public readonly ChannelSession? Sending =>
        Current ?? unconfirmed?.FindLast(static session => session is { Held: null, Withheld: null });

    public readonly bool IsEmpty => Current is null && Previous is null && unconfirmed is null;

    /// <summary>
    /// True when a session with this peer uses that index of the peer's already: a second one would mix up their REPORTs.
    /// </summary>
    public readonly bool HasRemoteIndex(uint index) => FindByRemoteIndex(index) is not null;

    /// <summary>The session that uses that index of the peer's.</summary>
    public readonly ChannelSession? FindByRemoteIndex(uint index)
    {
        foreach (var session in Unconfirmed)
        {
            if (session.RemoteIndex == index)
                return session;
        }

        return Current?.RemoteIndex == index ? Current : Previous?.RemoteIndex == index ? Previous : null;
    }

    /// <summary>
    /// Makes an index of the peer's free for a newer image of an attempt: the image that answers a RETRY has the index of the one before
    /// (SEC-041), which may have been answered in vain. False when a session has it that does not give way.
    /// </summary>
    public bool TryFreeRemoteIndex(uint index, ulong timestamp)
    {
        for (var i = Unconfirmed.Length - 1; i >= 0; i--)
        {
            if (Unconfirmed[i].RemoteIndex == index && Unconfirmed[i].AttemptTimestamp == timestamp)
                DropUnconfirmedAt(i);
        }

        return !HasRemoteIndex(index);
    }

    /// <summary>Adds the session of a handshake this side answered.</summary>
    public void AddUnconfirmed(ChannelSession session)
    {
        if (Unconfirmed.Length == UnconfirmedMax)
            DropUnconfirmedAt(0);

        (unconfirmed ??= []).Add(session);
    }

    /// <summary>A session is proven on both ends: the initiator got the ACK, or the responder the first DATA. It becomes current, unless
    /// both ends opened at once and the other session is to be preferred.</summary>
    public void Establish(Instant now, ChannelSession session)
    {
        TakeUnconfirmed(session);
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
    }

    /// <summary>From when on this side may make new keys: not while the peer's own handshake to that end is under way.</summary>
    public readonly Instant RekeyNotBefore
    {
        get
        {
            var moment = Instant.Zero;
            foreach (var session in Unconfirmed)
            {
                if (session.Held is null)
                    moment = Instant.Max(moment, session.CreatedAt + NodeTimings.KeysRenewPatience);
            }

            return moment;
        }
    }

    /// <summary>
    /// A packet of a session opened. Once the current session's window has left its first packets behind, nothing that the previous one
    /// could still bring is near enough to them (SEC-078).
    /// </summary>
    public void OnOpened(ChannelSession session)
    {
        if (session == Current && Previous is not null && session.Replay.Highest > (ulong)session.Replay.Usable)
            DropPrevious();
    }

    /// <summary>Drops what has outlived its time; returns true when the current session is gone, and the previous one with it.</summary>
    public bool Expire(Instant now)
    {
        for (var i = Unconfirmed.Length - 1; i >= 0; i--)
        {
            if (now >= Unconfirmed[i].CreatedAt + NodeTimings.HalfOpenLifetime)
                DropUnconfirmedAt(i);
        }

        ForgetEarly(now);
        if (Previous is not null && now >= Previous.CreatedAt + NodeTimings.KeysReject) // SEC-078
            DropPrevious();

        if (Current is null || now < node.RejectAt(Current)) // SEC-079
            return false;

        DropConfirmed();
        return true;
    }

    /// <summary>True when one of the sessions goes over <paramref name="path"/>.</summary>
    public readonly bool Uses(PeerPath path)
    {
        foreach (var session in Unconfirmed)
        {
            if (session.Path == path)
                return true;
        }

        return Current?.Path == path || Previous?.Path == path;
    }

    /// <summary>When <see cref="Expire"/> is due next.</summary>
    public readonly Instant NextExpiry
    {
        get
        {
            var next = Instant.Never;
            foreach (var session in Unconfirmed)
                next = Instant.Min(next, Instant.Min(session.CreatedAt + NodeTimings.HalfOpenLifetime, session.EarlyUntil));
            if (Previous is not null)
                next = Instant.Min(next, Instant.Min(Previous.CreatedAt + NodeTimings.KeysReject, Previous.EarlyUntil));
            if (Current is not null)
                next = Instant.Min(next, Instant.Min(node.RejectAt(Current), Current.EarlyUntil));
            return next;
        }
    }

    /// <summary>Drops one session that is not the current one.</summary>
    public void Drop(ChannelSession session)
    {
        if (session == Previous)
            DropPrevious();
        else if (RemoveUnconfirmed(session))
            node.Release(session);
    }

    /// <summary>Gives a session away with its keys intact.</summary>
    public void Detach(ChannelSession session)
    {
        RemoveUnconfirmed(session);
        if (session == Current)
            Current = null;
        if (session == Previous)
            Previous = null;
    }

    /// <summary>Drops all keys.</summary>
    public void Clear()
    {
        while (unconfirmed is not null)
            DropUnconfirmedAt(0);

        DropConfirmed();
    }

    /// <summary>Drops all keys but those of handshakes in which the peer showed <paramref name="incarnation"/>.</summary>
    public void KeepOnly(ulong incarnation)
    {
        for (var i = Unconfirmed.Length - 1; i >= 0; i--)
        {
            if (Unconfirmed[i].Held?.Incarnation != incarnation)
                DropUnconfirmedAt(i);
        }

        DropConfirmed();
    }

    // An initiator goes on with one image: what was answered before that one is of no more use.
    private void TakeUnconfirmed(ChannelSession session)
    {
        if (unconfirmed is null || !unconfirmed.Contains(session))
            return;

        while (unconfirmed[0] != session)
            DropUnconfirmedAt(0);

        RemoveUnconfirmed(session);
    }

    private bool RemoveUnconfirmed(ChannelSession session)
    {
        var removed = unconfirmed is not null && unconfirmed.Remove(session);
        if (unconfirmed is { Count: 0 })
            unconfirmed = null;
        return removed;
    }

    private void DropConfirmed()
    {
        DropPrevious();
        if (Current is not null)
            node.Release(Current);

        Current = null;
    }

    private void DropPrevious()
    {
        if (Previous is not null)
            node.Release(Previous);

        Previous = null;
    }

    // SEC-076: of two sessions opened at once, both ends prefer the one whose initiator has the smaller key.
    private readonly bool PrefersCurrent(Instant now, ChannelSession session) =>
        session.IsInitiator != Current!.IsInitiator
        && session.RemoteIncarnation == Current.RemoteIncarnation
        && now - Current.CreatedAt < SimultaneousOpen
        && Current.IsInitiator == node.HasSmallerKeyThan(session.Peer);

    private readonly void ForgetEarly(Instant now)
    {
        foreach (var session in Unconfirmed)
        {
            if (now >= session.EarlyUntil)
                node.EarlyPackets.Forget(session);
        }

        if (Previous is not null && now >= Previous.EarlyUntil)
            node.EarlyPackets.Forget(Previous);
        if (Current is not null && now >= Current.EarlyUntil)
            node.EarlyPackets.Forget(Current);
    }

    private void Replace(ChannelSession superseded)
    {
        DropPrevious();
        Previous = superseded;
    }

    private void DropUnconfirmedAt(int index)
    {
        var dropped = Unconfirmed[index];
        node.Release(dropped);
        RemoveUnconfirmed(dropped);
    }
}
