using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace MsgNet;

/// <summary>What makes two sends share a session.</summary>
internal readonly record struct SessionKey(
    PeerId Peer, ProtocolId Protocol, Delivery Delivery, bool AllowEarly, bool Coalesce)
{
    /// <summary>What decides it of the options of a send.</summary>
    public static SessionKey Of(PeerId peer, ProtocolId protocol, SendOptions options) => new(
        peer, protocol, options.Delivery, options.AllowEarly, options.Coalesce || options.Delivery != Delivery.Unreliable);
}

/// <summary>
/// The sessions of a network: those it keeps for its own sends, found by <see cref="SessionKey"/> and bounded, and all of a peer. Pure; one
/// driver at a time, beside whom any thread may look for a session to send on.
/// </summary>
/// <typeparam name="TSession">The sessions; only compared.</typeparam>
internal sealed class SessionTable<TSession>(int keptMax)
    where TSession : class
{
    // One lock of its own is enough where one thread at a time changes it; who reads takes none.
    private readonly ConcurrentDictionary<SessionKey, Kept> kept = new(concurrencyLevel: 1, capacity: 0);
    private readonly LinkedList<Kept> order = [];
    private readonly Dictionary<PeerId, List<TSession>> byPeer = [];

    /// <summary>Sessions kept for sends.</summary>
    public int KeptCount => kept.Count;

    /// <summary>All sessions there are.</summary>
    public int Count { get; private set; }

    /// <summary>Finds the session that sends of <paramref name="key"/> share; on any thread, at any time.</summary>
    public bool TryGet(in SessionKey key, [NotNullWhen(true)] out TSession? session)
    {
        session = null;
        if (!kept.TryGetValue(key, out var entry))
            return false;

        // Written seldom, since all who send read what stands beside it. Of one that goes at this moment nobody asks it any more.
        if (!entry.Used)
            entry.Used = true;
        session = entry.Session;
        return true;
    }

    /// <summary>Keeps a session for sends of <paramref name="key"/>; returns the one that had to go for it, if any.</summary>
    public TSession? Keep(in SessionKey key, TSession session)
    {
        if (kept.TryGetValue(key, out var replaced))
            order.Remove(replaced.Place);

        var entry = new Kept(key, session) { Used = true };
        kept[key] = entry;
        order.AddLast(entry.Place);
        Add(key.Peer, session);
        return kept.Count > keptMax ? Evict() : null;
    }

    /// <summary>Notes a session that is not kept for sends.</summary>
    public void Add(PeerId peer, TSession session)
    {
        ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(byPeer, peer, out _);
        (list ??= []).Add(session);
        Count++;
    }

    /// <summary>Forgets a session that is not kept for sends.</summary>
    public void Remove(PeerId peer, TSession session)
    {
        if (!byPeer.TryGetValue(peer, out var list))
            return;

        if (list.Remove(session))
            Count--;
        if (list.Count == 0)
            byPeer.Remove(peer);
    }

    /// <summary>Forgets a kept session, unless another has taken its place.</summary>
    public void Remove(in SessionKey key, TSession session)
    {
        if (kept.TryGetValue(key, out var entry) && entry.Session == session)
        {
            kept.TryRemove(key, out _);
            order.Remove(entry.Place);
        }

        Remove(key.Peer, session);
    }

    /// <summary>Sessions of a peer.</summary>
    public TSession[] OfPeer(PeerId peer) => byPeer.TryGetValue(peer, out var list) ? [.. list] : [];

    /// <summary>All sessions.</summary>
    public TSession[] All() => [.. byPeer.Values.SelectMany(list => list)];

    // Second chance: a session used since it was last looked at goes to the back once. One full turn ends the search, whoever uses them
    // meanwhile.
    private TSession Evict()
    {
        for (var left = order.Count; ; left--)
        {
            var place = order.First!;
            var entry = place.Value;
            order.Remove(place);
            if (!entry.Used || left == 0)
            {
                kept.TryRemove(entry.Key, out _);
                return entry.Session;
            }

            entry.Used = false;
            order.AddLast(place);
        }
    }

    private sealed class Kept
    {
        public Kept(SessionKey key, TSession session)
        {
            Key = key;
            Session = session;
            Place = new LinkedListNode<Kept>(this);
        }

        public SessionKey Key { get; }

        public TSession Session { get; }

        /// <summary>In the order in which they are looked at when one has to go.</summary>
        public LinkedListNode<Kept> Place { get; }

        public bool Used { get; set; }
    }
}
