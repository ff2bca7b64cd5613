using System.Net;

namespace MsgNet.NetworkTests;

/// <summary>A router that hides hosts behind one address. Translates UDP over IPv4, drops everything else.</summary>
internal sealed class Nat(string externalAddress, NatOptions options, Random random)
{
    private const int MappingsMax = 1024;
    private const int FirstRandomPort = 10_000;
    private const int LastPort = 65_535;

    private readonly Dictionary<(Endpoint Local, Endpoint Remote), Mapping> byFlow = [];
    private readonly Dictionary<ushort, Mapping> byPort = [];
    private bool preservesPorts = options.PreservesPorts;

    public UInt128 Address { get; } = Endpoint.AddressOf(IPAddress.Parse(externalAddress));

    /// <summary>External ports in use.</summary>
    public IReadOnlyList<ushort> Ports => [.. byPort.Keys];

    /// <summary>Packets from outside that nobody may send here.</summary>
    public long Refused { get; private set; }

    /// <summary>Forgets every mapping and takes other ports from now on, as a router does that restarts.</summary>
    public void Rebind()
    {
        byFlow.Clear();
        byPort.Clear();
        preservesPorts = false;
    }

    /// <summary>A packet leaves: its source becomes the mapping's. False when it cannot be translated.</summary>
    public bool TryGoOut(TimeSpan now, IpPacket packet)
    {
        if (!packet.IsIPv4 || !packet.IsUdp)
            return false;

        Expire(now);
        var (local, remote) = (packet.Source, packet.Destination);
        var flow = (local, Scope(options.Mapping, remote));
        if (!byFlow.TryGetValue(flow, out var mapping))
        {
            if (byPort.Count == MappingsMax)
                return false;

            mapping = new Mapping(local, FreePort(local.Port));
            byFlow.Add(flow, mapping);
            byPort.Add(mapping.Port, mapping);
        }

        mapping.UsedAt = now;
        mapping.Allowed.Add(Scope(options.Filtering, remote));
        packet.Source = new Endpoint(Address, mapping.Port);
        packet.FixChecksums();
        return true;
    }

    /// <summary>A packet arrives: its destination becomes the inner one. False when it is refused.</summary>
    public bool TryComeIn(TimeSpan now, IpPacket packet)
    {
        Expire(now);
        if (!packet.IsIPv4
            || !packet.IsUdp
            || !byPort.TryGetValue(packet.Destination.Port, out var mapping)
            || !mapping.Allowed.Contains(Scope(options.Filtering, packet.Source)))
        {
            Refused++;
            return false;
        }

        packet.Destination = mapping.Local;
        packet.FixChecksums();
        return true;
    }

    private static Endpoint Scope(NatScope scope, Endpoint remote) => scope switch
    {
        NatScope.Anyone => default,
        NatScope.Address => remote with { Port = 0 },
        _ => remote,
    };

    private ushort FreePort(ushort wanted)
    {
        var port = preservesPorts ? wanted : RandomPort();
        while (byPort.ContainsKey(port) || (!preservesPorts && port == wanted))
            port = RandomPort();
        return port;
    }

    private ushort RandomPort() => (ushort)random.Next(FirstRandomPort, LastPort + 1);

    private void Expire(TimeSpan now)
    {
        foreach (var (flow, mapping) in byFlow.Where(entry => now - entry.Value.UsedAt >= options.Timeout).ToArray())
        {
            byFlow.Remove(flow);
            byPort.Remove(mapping.Port);
        }
    }

    private sealed class Mapping(Endpoint local, ushort port)
    {
        public Endpoint Local => local;

        public ushort Port => port;

        public TimeSpan UsedAt { get; set; }

        public HashSet<Endpoint> Allowed { get; } = [];
    }
}
