using System.Diagnostics.CodeAnalysis;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// The network of one host: <see cref="NetworkMachine"/> chooses, carriers carry, and what stands here joins them. Safe on any thread; its
/// state is guarded by the host's gate.
/// </summary>
internal sealed partial class MessageNetwork : IMessageNetwork
{
    private readonly TransportContext context;
    private readonly HandlerTable handlers;
    private readonly PeerEventHub events;
    private readonly IReadOnlyList<ICarrierTransport> transports;
    private readonly ICarrier[] carriers;
    private readonly IReadOnlyList<IDisposable> owned;
    private readonly NetworkMachine machine;
    private readonly SessionTable<ICarrierSession> sessions = new(Limits.NetworkSessionsMax);
    private Task? closing;
    private volatile bool closed;

    /// <param name="context">What transports were made with.</param>
    /// <param name="handlers">Takes what arrives.</param>
    /// <param name="events">Hears of peers.</param>
    /// <param name="transports">In the order of preference among equals.</param>
    /// <param name="owned">Disposed when all is closed.</param>
    public MessageNetwork(
        TransportContext context,
        HandlerTable handlers,
        PeerEventHub events,
        IReadOnlyList<ICarrierTransport> transports,
        IReadOnlyList<IDisposable> owned)
    {
        this.context = context;
        this.handlers = handlers;
        this.events = events;
        this.transports = transports;
        this.owned = owned;
        machine = new NetworkMachine(transports);
        carriers = [.. transports.Select(transport => transport.OpenCarrier())];
    }

    /// <inheritdoc/>
    public PeerId LocalPeer => context.LocalPeer;

    /// <inheritdoc/>
    public IPeerstore Peerstore => context.Peerstore;

    /// <summary>Addresses of every carrier, as bound.</summary>
    public IReadOnlyList<Multiaddress> BoundAddresses => [.. carriers.SelectMany(carrier => carrier.Addresses).Distinct()];

    /// <summary>What the transports were made with.</summary>
    public TransportContext Context => context;

    /// <summary>True once closing has begun.</summary>
    public bool IsClosed => closed;

    /// <summary>Sessions that are open; a recent value.</summary>
    public int SessionCount => sessions.Count;

    private IScheduler Scheduler => context.Platform.Scheduler;

    private string Registered => $"registered transports: {string.Join(", ", transports.Select(transport => transport.Name))}";

    /// <inheritdoc/>
    public void SetMessageHandler(ProtocolId protocol, MessageHandler handler, HandlerOptions options) =>
        handlers.SetMessageHandler(protocol, handler, options);

    /// <inheritdoc/>
    public bool RemoveMessageHandler(ProtocolId protocol) => handlers.RemoveMessageHandler(protocol);

    /// <inheritdoc/>
    public ValueTask Listen(Multiaddress address, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        ThrowIfClosed();
        if (address.TryGetPeerId(out var named) && named != LocalPeer)
            throw new ArgumentException($"{address} is an address of another peer: this host is {LocalPeer}.", nameof(address));
        if (address.TryGet(MultiaddressProtocols.Plain, out _))
        {
            throw new ArgumentException(
                $"{address} is not sealed, and a network listens for proven peers only: leave out /plain, or open a socket for it.",
                nameof(address));
        }

        var bare = address.WithoutPeerId();
        for (var index = 0; index < carriers.Length; index++)
        {
            if (bare is not null && transports[index].CanListen(bare))
                return carriers[index].Listen(bare, cancellationToken);
        }

        throw new ArgumentException(
            $"{address} is no address to listen on: write an IP address and a port, such as /ip4/0.0.0.0/udp/4001 ({Registered}).",
            nameof(address));
    }

    /// <inheritdoc/>
    public ValueTask<PeerId> Resolve(Multiaddress address, CancellationToken cancellationToken = default) // API-096
    {
        ArgumentNullException.ThrowIfNull(address);
        ThrowIfClosed();
        if (address.TryGetPeerId(out var named))
            throw new ArgumentException($"{address} names its peer already: it is {named}.", nameof(address));
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<PeerId>(cancellationToken);

        for (var index = 0; index < carriers.Length; index++)
        {
            if (transports[index].CanDial(address))
                return carriers[index].Resolve(address, cancellationToken);
        }

        throw new ArgumentException(
            $"{address} is no address to ask who is there: write a host and a port, such as /ip4/192.0.2.1/udp/4001 ({Registered}).",
            nameof(address));
    }

    /// <inheritdoc/>
    public ValueTask ClosePeer(PeerId peer, CancellationToken cancellationToken = default) // API-092
    {
        if (peer.IsEmpty)
            throw new ArgumentException("The empty peer id names nobody: pass the id of a peer.", nameof(peer));
        ThrowIfClosed();
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        // Transports may share a channel; the second close would meet whoever has been dialled anew since the first.
        foreach (var (_, carrier) in transports.Zip(carriers).DistinctBy(pair => pair.First.Channels))
            carrier.ClosePeer(peer);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public bool HasSession(PeerId peer) => Array.Exists(carriers, carrier => carrier.HasChannel(peer));

    /// <inheritdoc/>
    public IReadOnlyList<PeerId> Peers() => [.. carriers.SelectMany(carrier => carrier.ConnectedPeers).Distinct()]; // API-091

    /// <inheritdoc/>
    public IReadOnlyList<ISessionedSocket> Sockets()
    {
        using (context.Gate.Enter())
            return closed ? [] : [.. carriers.Union(context.Sockets.ToArray())];
    }

    /// <inheritdoc/>
    public IReadOnlyList<ISocketSession> Sessions(PeerId peer)
    {
        using (context.Gate.Enter())
            return sessions.OfPeer(peer);
    }

    /// <inheritdoc/>
    public IReadOnlyList<IMessageTransport> Transports() => transports;

    /// <inheritdoc/>
    public IAsyncEnumerable<PeerEvent> PeerEvents(CancellationToken cancellationToken = default) => events.Subscribe(cancellationToken);

    /// <inheritdoc/>
    public ValueTask Close(CancellationToken cancellationToken = default) => Close(TimeSpan.Zero, cancellationToken);

    /// <summary>
    /// Stops accepting at once, lets queued messages leave for up to <paramref name="drain"/>, then closes every socket. Whoever calls
    /// again waits for the first call's end. Cancelling ends the draining early, not the closing.
    /// </summary>
    public ValueTask Close(TimeSpan drain, CancellationToken cancellationToken)
    {
        using (context.Gate.Enter())
        {
            if (closing is null) // API-019
            {
                closed = true;
                closing = new NetworkClosing(context, carriers, handlers.Drain, Freed).Start(drain, cancellationToken);
            }

            return new ValueTask(closing);
        }
    }

    private void CheckTarget(PeerId peer, ProtocolId protocol) // API-005
    {
        ThrowIfClosed();
        if (peer.IsEmpty)
            throw new ArgumentException("The empty peer id names nobody: pass the id of a peer.", nameof(peer));
        if (peer == LocalPeer) // API-006
            throw new ArgumentException("This is the host's own id: a host sends messages to other peers only.", nameof(peer));
        if (protocol.IsEmpty)
            throw new ArgumentException("The default ProtocolId names no protocol: pass a name such as \"/kad/1.0\".", nameof(protocol));
    }

    private bool TryOpen(
        PeerId peer,
        ProtocolId protocol,
        SendOptions options,
        [NotNullWhen(true)] out ICarrierSession? session,
        out int transport,
        [NotNullWhen(false)] out Exception? error)
    {
        (session, transport) = (null, -1);
        if (!TryRoute(peer, options.Delivery, out var route, out error))
            return false;

        transport = route.Transport;
        session = carriers[transport].OpenSession(protocol, new PeerInfo(peer, route.Addresses), options);
        return true;
    }

    private bool TryRoute(PeerId peer, Delivery wanted, out Route route, [NotNullWhen(false)] out Exception? error)
    {
        ThrowIfClosed();
        Span<bool> channels = stackalloc bool[carriers.Length];
        for (var index = 0; index < carriers.Length; index++)
            channels[index] = carriers[index].CanAnswer(peer);

        var choice = machine.Choose(context.Platform.Now, peer, wanted, context.Peerstore.Addresses(peer), channels);
        error = choice.Failure switch
        {
            RouteFailure.NoAddress => new PeerUnreachableException(peer, choice.Attempts), // API-083
            RouteFailure.NoDelivery => new DeliveryNotAvailableException(wanted, choice.Attempts), // API-082
            _ => null,
        };
        route = error is null ? choice.Routes[0] : default;
        return error is null;
    }

    private void Keep(in SessionKey key, ICarrierSession session, int transport)
    {
        var evicted = sessions.Keep(key, session);
        Watch(session, key, transport);
        if (evicted is not null)
            _ = evicted.DisposeAsync().AsTask();
    }

    private void Watch(ICarrierSession session, SessionKey key, int transport) => session.Completion.ContinueWith(
        ended => OnEnded(ended, session, key, transport),
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    private void OnEnded(Task ended, ICarrierSession session, SessionKey key, int transport)
    {
        using (context.Gate.Enter())
        {
            sessions.Remove(key, session);
            if (ended.Exception?.InnerException is PeerUnreachableException
                or SessionLostException { Reason: PeerLoss.TimedOut or PeerLoss.Unreachable })
            {
                OnFailed(key.Peer, transports[transport].Channels);
            }
        }
    }

    // Other transports over the same channel would fail in the same way: none of them is the better choice now.
    private void OnFailed(PeerId peer, object channels) // API-088
    {
        for (var index = 0; index < transports.Count; index++)
        {
            if (transports[index].Channels == channels)
                machine.OnFailed(context.Platform.Now, peer, index);
        }
    }

    private void Freed()
    {
        handlers.Close();
        events.Close();
        foreach (var disposable in owned)
            disposable.Dispose();
        context.Diagnostics.OnClosed();
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(closed, typeof(IMessageHost));
}
