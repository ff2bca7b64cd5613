using BenchmarkDotNet.Attributes;

namespace MsgNet.Benchmarks;

/// <summary>What happens once per address or peer, not per message: results are objects, so these allocate.</summary>
[MemoryDiagnoser]
public class IdentityBenchmarks
{
    private const string Peer = "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5";
    private const string Address = "/ip4/192.0.2.1/udp/4001/p2p/" + Peer;
    private readonly byte[] multihash = PeerId.Parse(Peer).Multihash.ToArray();
    private readonly byte[] bytes = Multiaddress.Parse(Address).ToBytes();

    [Benchmark]
    public PeerId ParsePeerId() => PeerId.Parse(Peer);

    [Benchmark]
    public PeerId ReadPeerId() => PeerId.TryFromMultihash(multihash, out var peer) ? peer : default;

    [Benchmark]
    public Multiaddress ParseMultiaddress() => Multiaddress.Parse(Address);

    [Benchmark]
    public Multiaddress? ReadMultiaddress() => Multiaddress.TryFromBytes(bytes, out var address) ? address : null;
}
