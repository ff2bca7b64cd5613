using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace MsgNet.Core;

/// <summary>
/// The peers of a node by id, in the order in which they give way when the table is full, and how many of them are known to be at each
/// address. Every operation takes a constant time but <see cref="TryFindSilent"/>, which looks at all peers of one address.
/// </summary>
/// <remarks>
/// Peers give way that have no confirmed keys: first those for which nothing waits here, then the others; of each kind the one not used for
/// longest. <see cref="Note"/> tells the table that a peer may have changed its kind; one that was not noted is put right when its turn
/// comes.
/// </remarks>
internal sealed class PeerTable
{
    private readonly Dictionary<PeerId, PeerChannel> peers = [];
    private readonly Dictionary<(ulong High, ulong Low), List<PeerChannel>> addresses = [];
    private readonly PeerList idle = new();
    private readonly PeerList waiting = new();

    public int Count => peers.Count;

    public IEnumerable<PeerChannel> All => peers.Values;

    public bool TryFind(PeerId id, [NotNullWhen(true)] out PeerChannel? peer) => peers.TryGetValue(id, out peer);

    /// <summary>Peers with confirmed keys at an address: an IPv4 address or an IPv6 /64, with any port.</summary>
    public int CountAt(in NetAddress address) => addresses.TryGetValue(address.Prefix, out var here) ? here.Count : 0;

    public void Add(PeerChannel peer)
    {
        peers.Add(peer.Id, peer);
        Note(peer);
    }

    public void Remove(PeerChannel peer)
    {
        peers.Remove(peer.Id);
        peer.Place.List?.Remove(peer);
        CountAs(peer, null);
    }

    /// <summary>Puts a peer where it belongs now.</summary>
    public void Note(PeerChannel peer)
    {
        if (peer.IsRemoved)
            return;

        CountAs(peer, peer.Sessions.Current?.Path.Address.Prefix);
        var list = ListOf(peer);
        if (peer.Place.List == list && (list is null || peer.Place.Since == peer.LastUsedAt))
            return;

        peer.Place.List?.Remove(peer);
        list?.Append(peer);
    }

    /// <summary>Who gives way to a new peer; false when every peer has confirmed keys.</summary>
    public bool TryFindWeakest([NotNullWhen(true)] out PeerChannel? peer) => // API-097
        TryFindOldest(idle, out peer) || TryFindOldest(waiting, out peer);

    /// <summary>
    /// Who gives way to a new peer at an address: of those that came from there themselves the one silent longest; false when none was
    /// silent for <see cref="NodeTimings.GivesWayAfter"/> with nothing waiting.
    /// </summary>
    public bool TryFindSilent(Instant now, in NetAddress address, [NotNullWhen(true)] out PeerChannel? silent) // API-097
    {
        silent = null;
        if (!addresses.TryGetValue(address.Prefix, out var here))
            return false;

        foreach (var peer in here)
        {
            if (peer.GivesWay(now) && (silent is null || peer.LastUsedAt < silent.LastUsedAt))
                silent = peer;
        }

        return silent is not null;
    }

    private bool TryFindOldest(PeerList list, [NotNullWhen(true)] out PeerChannel? peer)
    {
        while ((peer = list.First) is not null)
        {
            if (ListOf(peer) == list && peer.Place.Since == peer.LastUsedAt)
                return true;

            Note(peer);
        }

        return false;
    }

    private PeerList? ListOf(PeerChannel peer)
    {
        if (peer.IsReady)
            return null;

        return peer.IsConnecting || peer.Packer.Messages.Count > 0 || peer.Association is { HasRequests: true } ? waiting : idle;
    }

    private void CountAs(PeerChannel peer, (ulong High, ulong Low)? address)
    {
        if (peer.CountedAt == address)
            return;

        if (peer.CountedAt is { } before)
            TakeFrom(before, peer);
        if (address is { } at)
        {
            ref var here = ref CollectionsMarshal.GetValueRefOrAddDefault(addresses, at, out _);
            here ??= new List<PeerChannel>(1);
            peer.PlaceAtAddress = here.Count;
            here.Add(peer);
        }

        peer.CountedAt = address;
    }

    private void TakeFrom((ulong High, ulong Low) address, PeerChannel peer)
    {
        var there = addresses[address];
        var last = there[^1];
        there[peer.PlaceAtAddress] = last;
        last.PlaceAtAddress = peer.PlaceAtAddress;
        there.RemoveAt(there.Count - 1);
        if (there.Count == 0)
            addresses.Remove(address);
    }
}
