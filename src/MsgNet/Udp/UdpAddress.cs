using System.Net;
using System.Net.Sockets;
using MsgNet.Core;

namespace MsgNet;

/// <summary>The forms of multiaddr that UDP sockets understand.</summary>
internal static class UdpAddress
{
    /// <summary>True for <c>/ip4|ip6|dns|dns4|dns6/…/udp/N</c>, with or without <c>/p2p</c>: a sealed endpoint.</summary>
    public static bool IsSealed(Multiaddress address)
    {
        var endpoint = address.WithoutPeerId();
        return endpoint is not null && EndsIn(endpoint, MultiaddressProtocols.Udp) && HasHost(endpoint); // MA-017
    }

    /// <summary>True for <c>…/udp/N/msp</c>, with or without <c>/p2p</c>: a sealed endpoint whose peer is sent to by lanes only.</summary>
    public static bool IsPinned(Multiaddress address) // MA-023
    {
        var endpoint = address.WithoutPeerId();
        return endpoint is not null && EndsIn(endpoint, MultiaddressProtocols.Msp) && IsSealed(WithoutPin(endpoint));
    }

    /// <summary>The address with <c>/msp</c> at its end, if that may stand there.</summary>
    public static Multiaddress Pinned(Multiaddress address) => address.Encapsulate("/msp");

    /// <summary>The address without the <c>/msp</c> at its end, if there is one: the port itself.</summary>
    public static Multiaddress WithoutPin(Multiaddress address) =>
        EndsIn(address, MultiaddressProtocols.Msp) && address.Decapsulate(MultiaddressProtocols.Msp) is { } port ? port : address;

    /// <summary>True for <c>…/udp/N/plain</c>: an unsealed socket.</summary>
    public static bool IsPlain(Multiaddress address) =>
        EndsIn(address, MultiaddressProtocols.Plain)
        && address.Decapsulate(MultiaddressProtocols.Plain) is { } endpoint
        && IsSealed(endpoint);

    /// <summary>The multiaddr of a bound or remote UDP address.</summary>
    public static Multiaddress From(in NetAddress address) => Multiaddress.FromUdpEndPoint(address.ToIPAddress(), address.Port);

    /// <summary>
    /// Those of a looked up name's addresses that <paramref name="named"/> asks for; at most <see cref="Limits.AddressesPerPeerMax"/>,
    /// however many the name server sent.
    /// </summary>
    public static IReadOnlyList<IPAddress> Wanted(Multiaddress named, IReadOnlyList<IPAddress> found)
    {
        named.TryGetDns(out _, out var protocol);
        var family = protocol == MultiaddressProtocols.Dns4 ? AddressFamily.InterNetwork // MA-026
            : protocol == MultiaddressProtocols.Dns6 ? AddressFamily.InterNetworkV6
            : AddressFamily.Unspecified;
        return [.. found
            .Where(address => family == AddressFamily.Unspecified || address.AddressFamily == family)
            .Take(Limits.AddressesPerPeerMax)];
    }

    /// <summary>Why a look-up led to no address.</summary>
    public static string NothingFound(IReadOnlyList<IPAddress> found) =>
        found.Count == 0 ? "the name has no address" : "the name has only addresses of the other IP version; /dns takes both";

    private static bool EndsIn(Multiaddress address, MultiaddressProtocol protocol) =>
        address.Components.Count > 0 && address.Components[^1].Protocol == protocol;

    // A /dnsaddr stands for whole multiaddrs in TXT records, which nothing here reads. MA-026
    private static bool HasHost(Multiaddress address) =>
        address.TryGetUdpEndPoint(out _, out _)
        || (address.TryGetDns(out _, out var protocol) && protocol != MultiaddressProtocols.DnsAddr);
}
