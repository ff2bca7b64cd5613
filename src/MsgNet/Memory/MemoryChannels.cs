namespace MsgNet;

/// <summary>The channels of one socket, by peer. Every member is called under the gate.</summary>
internal sealed class MemoryChannels
{
    private readonly Dictionary<PeerId, List<MemoryChannel>> byPeer = [];

    public int PeerCount => byPeer.Count;

    /// <summary>Adds a channel; true when it is the peer's first.</summary>
    public bool Add(MemoryChannel channel)
    {
        if (byPeer.TryGetValue(channel.Peer, out var channels))
        {
            channels.Add(channel);
            return false;
        }

        byPeer.Add(channel.Peer, [channel]);
        return true;
    }

    /// <summary>Removes a channel.</summary>
    public void Remove(MemoryChannel channel)
    {
        if (!byPeer.TryGetValue(channel.Peer, out var channels))
            return;

        channels.Remove(channel);
        if (channels.Count == 0)
            byPeer.Remove(channel.Peer);
    }

    /// <summary>True when a channel to the peer stands.</summary>
    public bool IsOpen(PeerId peer) => byPeer.TryGetValue(peer, out var channels) && channels.Exists(channel => channel.IsOpen);

    /// <summary>A channel to the peer, also one that does not stand yet.</summary>
    public MemoryChannel? Find(PeerId peer) => byPeer.GetValueOrDefault(peer)?[0];

    public PeerId[] OpenPeers() => [.. byPeer.Keys.Where(IsOpen)];

    public MemoryChannel[] Of(PeerId peer) => byPeer.TryGetValue(peer, out var channels) ? [.. channels] : [];

    public MemoryChannel[] All() => [.. byPeer.Values.SelectMany(channels => channels)];
}
