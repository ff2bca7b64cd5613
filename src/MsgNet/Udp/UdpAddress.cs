using MsgNet.Core;

namespace MsgNet;

/// <summary>The forms of multiaddr that UDP sockets understand.</summary>
internal static class UdpAddress
{
    /// <summary>True for <c>/ip4|ip6|dns…/…/udp/N</c>, with or without <c>/p2p</c>: a sealed endpoint.</summary>
    public static bool IsSealed(Multiaddress address)
    {
        var endpoint = address.WithoutPeerId();
        return endpoint is not null && EndsIn(endpoint, MultiaddressProtocols.Udp) && HasHost(endpoint); // MA-017
    }

    /// <summary>True for <c>…/udp/N/plain</c>: an unsealed socket.</summary>
    public static bool IsPlain(Multiaddress address) =>
        EndsIn(address, MultiaddressProtocols.Plain)
        && address.Decapsulate(MultiaddressProtocols.Plain) is { } endpoint
        && IsSealed(endpoint);

    /// <summary>The multiaddr of a bound or remote UDP address.</summary>
    public static Multiaddress From(in NetAddress address) => Multiaddress.FromUdpEndPoint(address.ToIPAddress(), address.Port);

    private static bool EndsIn(Multiaddress address, MultiaddressProtocol protocol) =>
        address.Components.Count > 0 && address.Components[^1].Protocol == protocol;

    private static bool HasHost(Multiaddress address) => address.TryGetUdpEndPoint(out _, out _) || address.TryGetDns(out _, out _);
}
