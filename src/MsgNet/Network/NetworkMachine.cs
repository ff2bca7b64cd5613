using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Chooses how to reach peers. Pure: what it is given decides what it answers; no I/O, tasks, locks or clocks. One driver at a time.
/// </summary>
/// <remarks>
/// The rule: the transport's delivery is at least the one wanted, then the least that satisfies,
/// then packets before streams; among those with a live channel to the peer or an address they dial. A way that failed lately stands
/// behind.
/// </remarks>
internal sealed class NetworkMachine(IReadOnlyList<IMessageTransport> transports)
{
    private readonly IReadOnlyList<IMessageTransport> transports = transports;
    private readonly Dictionary<(PeerId Peer, int Transport), Instant> failures = [];
    private readonly Queue<(PeerId Peer, int Transport)> failuresByAge = [];

    /// <summary>The ways to a peer, best first.</summary>
    /// <param name="now">The time, to forget old failures.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="wanted">The least delivery that will do.</param>
    /// <param name="addresses">Addresses of the peer.</param>
    /// <param name="channels">For each transport, whether a live channel to the peer stands.</param>
    public RouteChoice Choose(
        Instant now, PeerId peer, Delivery wanted, IReadOnlyList<Multiaddress> addresses, ReadOnlySpan<bool> channels)
    {
        Invariant.Check(channels.Length == transports.Count);
        var refused = new List<DialAttempt>();
        var usable = Usable(peer, addresses, refused);
        var lacking = new List<DialAttempt>();
        var routes = new List<Route>();
        var satisfies = false;
        for (var index = 0; index < transports.Count; index++)
        {
            var transport = transports[index];
            if (!Satisfies(transport, wanted, lacking))
                continue;

            satisfies = true;
            var dialable = usable.Where(transport.CanDial).ToArray();
            if (channels[index] || dialable.Length > 0)
                routes.Add(new Route(index, dialable, channels[index]));
            else
                lacking.Add(new DialAttempt(transport.Name, "it dials no known address of the peer"));
        }

        if (routes.Count > 0)
            // API-081
            return new RouteChoice(Sorted(now, peer, routes), RouteFailure.None, refused);

        var reachable = usable.Count > 0 || channels.Contains(true);
        return satisfies && !reachable
            ? new RouteChoice([], RouteFailure.NoAddress, refused)
            : new RouteChoice([], RouteFailure.NoDelivery, [.. refused, .. lacking]);
    }

    /// <summary>Remembers that a way to a peer failed.</summary>
    public void OnFailed(Instant now, PeerId peer, int transport)
    {
        if (failures.TryAdd((peer, transport), now))
            failuresByAge.Enqueue((peer, transport));
        failures[(peer, transport)] = now;

        // Bounded: a host that dials into the void must not remember all of it.
        if (failures.Count > Limits.RouteFailuresMax)
            failures.Remove(failuresByAge.Dequeue());
    }

    private static bool Satisfies(IMessageTransport transport, Delivery wanted, List<DialAttempt> lacking)
    {
        var guarantees = transport.Guarantees;
        if (!guarantees.Authenticated)
        {
            lacking.Add(new DialAttempt(transport.Name, "it does not prove who the peer is"));
            return false;
        }

        if (guarantees.Delivery >= wanted)
            return true;

        lacking.Add(new DialAttempt(transport.Name, $"it gives {guarantees.Delivery}, not {wanted}"));
        return false;
    }

    private List<Multiaddress> Usable(PeerId peer, IReadOnlyList<Multiaddress> addresses, List<DialAttempt> refused)
    {
        var usable = new List<Multiaddress>(addresses.Count);
        foreach (var address in addresses)
        {
            if (WhyNot(peer, address) is { } reason)
                refused.Add(new DialAttempt(address.ToString(), reason));
            else if (address.WithoutPeerId() is { } bare && !usable.Contains(bare))
                usable.Add(bare);
        }

        return usable;
    }

    private string? WhyNot(PeerId peer, Multiaddress address)
    {
        // …/plain is for tests and benchmarks at socket level; a network whose peers are proven has no use for it.
        if (address.TryGet(MultiaddressProtocols.Plain, out _))
            return "it is not sealed, and a network sends to proven peers only; use a socket for plain datagrams";
        if (!peer.IsEd25519 && address.TryGet(MultiaddressProtocols.Udp, out _))
            return "the sealed channel needs the Ed25519 key that an id of the form 12D3Koo… holds, and this id holds none";
        if (address.TryGetPeerId(out var named) && named != peer)
            return $"it is an address of {named}";
        if (address.WithoutPeerId() is not { } bare || !transports.Any(transport => transport.CanDial(bare)))
        {
            return "no registered transport dials it; write it like /ip4/192.0.2.1/udp/4001 "
                + $"(registered: {string.Join(", ", transports.Select(transport => transport.Name))})";
        }

        return null;
    }

    private Route[] Sorted(Instant now, PeerId peer, List<Route> routes) =>
    [
        .. routes
            .OrderBy(route => FailedLately(now, peer, route.Transport))
            .ThenBy(route => transports[route.Transport].Guarantees.Delivery)
            .ThenBy(route => transports[route.Transport].Guarantees.DatagramSizeMax == 0)
            .ThenBy(route => !route.HasChannel)
            .ThenBy(route => route.Transport),
    ];

    private bool FailedLately(Instant now, PeerId peer, int transport) =>
        failures.TryGetValue((peer, transport), out var when) && now - when < Limits.RouteFailureLifetime;
}
