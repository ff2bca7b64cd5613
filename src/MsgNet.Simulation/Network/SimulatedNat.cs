using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>
/// What the rest of the network sees of a host's addresses. At first, themselves; after <see cref="Rebind"/>, other ones: each local port
/// gets a new visible port when it next sends, and what was visible before leads nowhere. Mapping and filtering depend on the local end
/// only (RFC 4787).
/// </summary>
internal sealed class SimulatedNat
{
    private const ushort VisiblePortFirst = 20_000;
    private readonly Dictionary<Key, ushort> visibleOfLocal = [];
    private readonly Dictionary<Key, ushort> localOfVisible = [];
    private ushort nextPort = VisiblePortFirst;
    private bool translates;

    public SimulatedNat(NetAddress ipv4, NetAddress ipv6)
    {
        VisibleIPv4 = ipv4;
        VisibleIPv6 = ipv6;
    }

    /// <summary>The host's IPv4 address as others see it; port 0.</summary>
    public NetAddress VisibleIPv4 { get; private set; }

    /// <summary>The host's IPv6 address as others see it; port 0.</summary>
    public NetAddress VisibleIPv6 { get; private set; }

    /// <summary>Ends every mapping and takes these addresses for the new ones.</summary>
    public void Rebind(NetAddress ipv4, NetAddress ipv6)
    {
        VisibleIPv4 = ipv4;
        VisibleIPv6 = ipv6;
        translates = true;
        visibleOfLocal.Clear();
        localOfVisible.Clear();
    }

    /// <summary>The source that others see of a datagram from <paramref name="localPort"/>.</summary>
    public NetAddress Outgoing(bool isIPv4, ushort localPort)
    {
        var address = isIPv4 ? VisibleIPv4 : VisibleIPv6;
        return address with { Port = translates ? VisiblePort(new Key(isIPv4, localPort)) : localPort };
    }

    /// <summary>The local port behind a visible address and port; false when there is none, or not any more.</summary>
    public bool TryIncoming(in NetAddress visible, out ushort localPort)
    {
        localPort = visible.Port;
        var own = visible.IsIPv4 ? VisibleIPv4 : VisibleIPv6;
        if (visible.Low != own.Low || visible.High != own.High)
            return false;

        return !translates || localOfVisible.TryGetValue(new Key(visible.IsIPv4, visible.Port), out localPort);
    }

    private ushort VisiblePort(Key local)
    {
        if (visibleOfLocal.TryGetValue(local, out var visible))
            return visible;

        visible = nextPort++;
        if (nextPort == 0)
            nextPort = VisiblePortFirst;
        visibleOfLocal[local] = visible;
        localOfVisible[local with { Port = visible }] = local.Port;
        return visible;
    }

    private readonly record struct Key(bool IsIPv4, ushort Port);
}
