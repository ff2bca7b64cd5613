using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>The peerstore of one host, under the host's lock.</summary>
/// <remarks>
/// A peer's addresses stand in the order of use, the most recently useful first, then those that were never of use in the order they were
/// added. When room is needed, what was never of use goes before what was, and the older before the newer, so that a flood of hearsay
/// does not push out the peers this host talks to.
/// </remarks>
internal sealed class Peerstore(IHostPlatform platform, Gate gate) : IPeerstore
{
    private const int SweepMin = 256;

    private readonly Dictionary<PeerId, PeerRecord> records = [];
    private readonly LinkedList<PeerId> heardOf = new();
    private readonly LinkedList<PeerId> useful = new();
    private int sweepAt = SweepMin;

    /// <summary>Peers held in memory, those included whose addresses have expired since somebody looked.</summary>
    internal int RecordCount => records.Count;

    /// <inheritdoc/>
    public void AddAddress(PeerId peer, Multiaddress address) => Add(peer, address, Instant.Never);

    /// <inheritdoc/>
    public void AddAddress(PeerId peer, Multiaddress address, TimeSpan lifetime)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lifetime, TimeSpan.Zero);
        var now = platform.Now;
        Add(peer, address, lifetime < Instant.Never - now ? now + lifetime : Instant.Never);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Multiaddress> Addresses(PeerId peer)
    {
        using (gate.Enter())
        {
            return TryGetLive(peer, out var record) ? [.. record.Entries.Select(entry => entry.Address)] : [];
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<PeerId> Peers()
    {
        using (gate.Enter())
        {
            var known = records.Keys.ToArray();
            return Array.FindAll(known, peer => TryGetLive(peer, out _));
        }
    }

    /// <inheritdoc/>
    public bool Remove(PeerId peer)
    {
        using (gate.Enter())
        {
            var known = TryGetLive(peer, out var record);
            if (known)
                Forget(peer, record);
            return known;
        }
    }

    /// <summary>
    /// Notes that the peer answered at an address; one that is not known changes nothing. Takes the host's lock, which may be held.
    /// </summary>
    internal void MarkUseful(PeerId peer, Multiaddress address)
    {
        using (gate.Enter())
        {
            if (!TryGetLive(peer, out var record))
                return;

            var bare = address.WithoutPeerId();
            var index = record.Entries.FindIndex(entry => entry.Address == bare);
            if (index < 0)
                return;

            var entry = record.Entries[index];
            record.Entries.RemoveAt(index);
            record.Entries.Insert(0, entry);
            record.UsefulCount += index >= record.UsefulCount ? 1 : 0;
            record.Place.List!.Remove(record.Place);
            useful.AddLast(record.Place);
        }
    }

    private static Multiaddress WithoutPeer(PeerId peer, Multiaddress address)
    {
        if (peer.IsEmpty)
            throw new ArgumentException("The empty peer id names nobody: pass the id of a peer.", nameof(peer));
        ArgumentNullException.ThrowIfNull(address);
        if (address.TryGetPeerId(out var named) && named != peer)
            throw new ArgumentException($"{address} is an address of another peer than {peer}: add it to that peer.", nameof(address));

        return address.WithoutPeerId()
            ?? throw new ArgumentException(
                $"{address} names a peer and no place: add an address such as /ip4/192.0.2.1/udp/4001.", nameof(address));
    }

    private void Add(PeerId peer, Multiaddress address, Instant expiry)
    {
        var bare = WithoutPeer(peer, address);
        using (gate.Enter())
        {
            if (!TryGetLive(peer, out var record))
                record = AddRecord(peer);

            var index = record.Entries.FindIndex(entry => entry.Address == bare);
            if (index >= 0)
            {
                record.Entries[index] = new Entry(bare, Instant.Max(expiry, record.Entries[index].Expiry));
                return;
            }

            if (record.Entries.Count == Limits.AddressesPerPeerMax) // API-094
                record.RemoveLeastUseful();
            record.Entries.Add(new Entry(bare, expiry));
        }
    }

    private PeerRecord AddRecord(PeerId peer)
    {
        if (records.Count >= sweepAt)
            Sweep();
        if (records.Count == Limits.PeerstorePeersMax) // API-094
        {
            var oldest = (heardOf.First ?? useful.First)!.Value;
            Forget(oldest, records[oldest]);
        }

        var record = new PeerRecord(heardOf.AddLast(peer));
        records.Add(peer, record);
        return record;
    }

    // Peers nobody asks for again must not stay for ever. At twice what lived the last time: little work for each peer added.
    private void Sweep()
    {
        foreach (var peer in records.Keys.ToArray())
            _ = TryGetLive(peer, out _);
        sweepAt = Math.Max(SweepMin, 2 * records.Count);
    }

    // What has expired is forgotten when somebody looks.
    private bool TryGetLive(PeerId peer, out PeerRecord record)
    {
        if (!records.TryGetValue(peer, out record!))
            return false;

        record.RemoveExpired(platform.Now);
        if (record.Entries.Count > 0)
            return true;

        Forget(peer, record);
        return false;
    }

    private void Forget(PeerId peer, PeerRecord record)
    {
        records.Remove(peer);
        record.Place.List!.Remove(record.Place);
    }

    private readonly record struct Entry(Multiaddress Address, Instant Expiry);

    private sealed class PeerRecord(LinkedListNode<PeerId> place)
    {
        /// <summary>Its place in the order of forgetting.</summary>
        public LinkedListNode<PeerId> Place { get; } = place;

        public List<Entry> Entries { get; } = [];

        /// <summary>So many of the first entries were of use.</summary>
        public int UsefulCount { get; set; }

        public void RemoveLeastUseful()
        {
            var index = UsefulCount < Entries.Count ? UsefulCount : Entries.Count - 1;
            RemoveAt(index);
        }

        public void RemoveExpired(Instant now)
        {
            for (var i = Entries.Count - 1; i >= 0; i--)
            {
                if (Entries[i].Expiry <= now && !Entries[i].Expiry.IsNever)
                    RemoveAt(i);
            }
        }

        private void RemoveAt(int index)
        {
            Entries.RemoveAt(index);
            UsefulCount -= index < UsefulCount ? 1 : 0;
        }
    }
}
