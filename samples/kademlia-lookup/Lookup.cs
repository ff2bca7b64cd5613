using System.Collections.Concurrent;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using MsgNet;

/// <summary>Kademlia's FIND_NODE. A request is a key of 32 bytes, then the asker's addresses, one a line; a reply is addresses.</summary>
internal sealed class Lookup
{
    private const int K = 8, Alpha = 3;
    private static readonly ProtocolId Protocol = "/sample/kad/1.0.0";
    private readonly ConcurrentDictionary<PeerId, int> buckets = new();
    private readonly IMessageHost host;

    public Lookup(IMessageHost host) => (this.host = host).SetMessageHandler(Protocol, (request, token) =>
    {
        var closest = Closest(request.Data[..32].ToArray()).SelectMany(host.Network.Peerstore.Addresses, (peer, at) => at.WithPeerId(peer));
        Learn(request.Data.Span[32..]);
        return request.Reply(Encoding.UTF8.GetBytes(string.Join('\n', closest)), token);
    });

    public static byte[] KeyOf(PeerId peer) => SHA256.HashData(peer.Multihash);
    public static BigInteger Distance(byte[] key, PeerId peer) => new BigInteger(key, true, true) ^ new BigInteger(KeyOf(peer), true, true);

    /// <summary>Remembers the peers that addresses name, each while its bucket has room, and returns them.</summary>
    public HashSet<PeerId> Learn(ReadOnlySpan<byte> addresses)
    {
        var peers = new HashSet<PeerId>();
        foreach (var line in Encoding.UTF8.GetString(addresses).Split('\n'))
        {
            if (!Multiaddress.TryParse(line, out var address) || !address.TryGetPeerId(out var peer) || peer == host.Id)
                continue;
            host.Network.Peerstore.AddAddress(peer, address, TimeSpan.FromHours(1));
            var bucket = (int)Distance(KeyOf(host.Id), peer).GetBitLength();
            if (peers.Add(peer) && buckets.Values.Count(other => other == bucket) < K)
                buckets.TryAdd(peer, bucket);
        }
        return peers;
    }

    /// <summary>Asks the closest peers it knows for closer ones until the K closest have answered; hops are rounds of questions.</summary>
    public async Task<(PeerId[] Closest, int Hops)> Find(byte[] key)
    {
        byte[] request = [.. key, .. Encoding.UTF8.GetBytes(string.Join('\n', host.Addresses))];
        var (known, asked, silent) = (Closest(key).ToHashSet(), new HashSet<PeerId>(), new HashSet<PeerId>());
        for (var hops = 0; ; hops++)
        {
            var closest = known.Except(silent).OrderBy(peer => Distance(key, peer)).Take(K).ToArray();
            var next = closest.Where(asked.Add).Take(Alpha).ToArray();
            if (next.Length == 0)
                return (closest, hops);
            var replies = next.Select(peer => host.Request(peer, Protocol, request).AsTask()).ToArray();
            await Task.WhenAny(Task.WhenAll(replies)); // all have ended; some may have failed
            silent.UnionWith(next.Where((_, i) => !replies[i].IsCompletedSuccessfully));
            known.UnionWith(replies.Where(reply => reply.IsCompletedSuccessfully).SelectMany(reply => Learn(reply.Result.Data.Span)));
        }
    }

    private IEnumerable<PeerId> Closest(byte[] key) => [.. buckets.Keys.OrderBy(peer => Distance(key, peer)).Take(K)];
}
