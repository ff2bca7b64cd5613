namespace MsgNet;

/// <summary>One way to a peer.</summary>
/// <param name="Transport">Index of the transport.</param>
/// <param name="Addresses">Addresses of the peer that it dials, without <c>/p2p</c>; may be empty when <paramref
/// name="HasChannel"/>.</param>
/// <param name="HasChannel">A live channel stands already.</param>
internal readonly record struct Route(int Transport, IReadOnlyList<Multiaddress> Addresses, bool HasChannel);

/// <summary>Why there is no way to a peer.</summary>
internal enum RouteFailure
{
    /// <summary>There is one.</summary>
    None,

    /// <summary>No address that any transport may dial.</summary>
    NoAddress,

    /// <summary>The peer can be reached, but not with the delivery asked for.</summary>
    NoDelivery,
}

/// <summary>The ways to a peer, best first, or why there is none.</summary>
/// <param name="Routes">Best first.</param>
/// <param name="Failure">Why <paramref name="Routes"/> is empty.</param>
/// <param name="Attempts">What was considered and why it did not do.</param>
internal readonly record struct RouteChoice(IReadOnlyList<Route> Routes, RouteFailure Failure, IReadOnlyList<DialAttempt> Attempts);
