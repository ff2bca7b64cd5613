using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// A socket over the host's UDP ports: a share in them, and the sessions opened through it, which send by datagrams or by lanes.
/// </summary>
internal sealed class UdpSocket : IStreamCarrier
{
    /// <summary>What <see cref="WriteMessage"/> sends under, on sealed addresses: messages outside the application's protocols.</summary>
    public static readonly ProtocolId RawProtocol = "/msgnet/raw/1.0.0";

    private readonly UdpEndpoints endpoints;
    private readonly bool byLanes;
    private readonly HashSet<SealedSession> sessions = [];
    private readonly Dictionary<PeerId, SealedSession> rawSessions = [];
    private readonly List<(NetAddress Bound, bool IsPinned)> listening = [];
    private readonly DatagramInbox raw;
    private PlainPort? plain;
    private bool closed;

    /// <param name="endpoints">The host's UDP.</param>
    /// <param name="transport">The transport it belongs to.</param>
    /// <param name="byLanes">Its sessions send by lanes; else by datagrams.</param>
    public UdpSocket(UdpEndpoints endpoints, ICarrierTransport transport, bool byLanes)
    {
        this.endpoints = endpoints;
        this.byLanes = byLanes;
        Transport = transport;
        raw = new DatagramInbox(endpoints.Context.Platform.Scheduler, endpoints.Losses);
        using (Gate.Enter())
        {
            endpoints.Attach(this);
            endpoints.Context.Sockets.Add(this);
        }
    }

    public IMessageTransport Transport { get; }

    public IReadOnlyList<Multiaddress> Addresses
    {
        get
        {
            using (Gate.Enter())
                return [.. listening.Select(AddressOf).Concat(plain?.Addresses ?? []).Distinct()];
        }
    }

    public IReadOnlyList<PeerId> ConnectedPeers
    {
        get
        {
            using (Gate.Enter())
                return [.. endpoints.Node.Peers.Where(peer => peer.IsReady).Select(peer => peer.Id)];
        }
    }

    /// <summary>Somebody reads messages outside protocols here. Under the gate.</summary>
    public bool Reads { get; private set; }

    private Gate Gate => endpoints.Context.Gate;

    private SendOptions OptionsMeant => byLanes ? SendOptions.Ordered : SendOptions.Unreliable;

    public ValueTask Listen(Multiaddress address, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        var isPlain = !byLanes && UdpAddress.IsPlain(address);
        if ((!isPlain && !Transport.CanListen(address)) || !address.TryGetUdpEndPoint(out var ip, out var port))
            throw new ArgumentException(
                $"{address} is no address UDP can listen on: use /ip4/0.0.0.0/udp/4001 or /ip6/::/udp/4001.", nameof(address));
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        try
        {
            using (Gate.Enter())
            {
                ThrowIfClosed();
                if (isPlain)
                    RequirePlain().Bind(ip, port);
                else
                    listening.Add((endpoints.Listen(ip, port), UdpAddress.IsPinned(address)));
            }

            return ValueTask.CompletedTask;
        }
        catch (MsgNetException error)
        {
            return ValueTask.FromException(error);
        }
    }

    public ICarrierSession OpenSession(ProtocolId protocol, PeerInfo peer, SendOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Check(protocol, peer);
        using (Gate.Enter())
            return Open(protocol, peer, options, consumer: null);
    }

    public LaneStream OpenStream(ProtocolId protocol, PeerInfo peer)
    {
        Check(protocol, peer);
        ThrowIfClosed();
        var opened = new UdpStreamLane(endpoints, protocol, peer);
        var now = endpoints.Now;
        opened.Open(now);
        endpoints.Flush();
        return opened.Stream;
    }

    public ISocketSession NewSession(ProtocolId protocol, PeerInfo peer, MessageHandler handler) // API-104
    {
        ArgumentNullException.ThrowIfNull(handler);
        Check(protocol, peer);
        var context = endpoints.Context;
        var services = new HandlerServices(Gate, context.Diagnostics, context.Logger, context.Options.PoisonReturnedBuffers);
        using (Gate.Enter())
        {
            ThrowIfClosed();
            if (endpoints.Sessions.ConsumerOf(peer.Id, protocol) is not null)
                throw new InvalidOperationException(
                    $"There is a session to {peer.Id} on {protocol} already: close it before you open another.");

            context.Protocols.Register(protocol);
            return Open(protocol, peer, OptionsMeant, new HandlerQueue(services, protocol, handler, HandlerOptions.Default));
        }
    }

    public ValueTask<(Multiaddress From, int Bytes)> ReadMessage(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using (Gate.Enter())
        {
            ThrowIfClosed();
            StartReading();
            var read = raw.Read(buffer, cancellationToken);
            endpoints.Lanes.OnRawRoom(endpoints.Now);
            return read;
        }
    }

    public ValueTask WriteMessage(ReadOnlyMemory<byte> data, Multiaddress to, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        if (!byLanes && UdpAddress.IsPlain(to))
            return WritePlain(data, to);
        if (!to.TryGetPeerId(out var peer) || !Transport.CanDial(to))
            throw new ArgumentException(
                $"{to} is no address to write to: use /ip4/…/udp/N/p2p/PEERID, or …/udp/N/plain unsealed.", nameof(to));

        SealedSession session;
        using (Gate.Enter())
        {
            ThrowIfClosed();
            if (!rawSessions.TryGetValue(peer, out session!))
                rawSessions.Add(
                    peer,
                    session = Open(RawProtocol, new PeerInfo(peer, [to.WithoutPeerId()!]), OptionsMeant, consumer: null));
        }

        return session.SendMessage(data, cancellationToken);
    }

    public ValueTask<PeerId> Resolve(Multiaddress address, CancellationToken cancellationToken)
    {
        if (address.TryGetUdpEndPoint(out _, out var port) && port == 0)
            throw new ArgumentException($"{address} names port 0, which is nobody's: give the port the peer listens on.", nameof(address));

        using (Gate.Enter())
        {
            ThrowIfClosed();
            var now = endpoints.Now;
            var waiter = endpoints.Resolver.Resolve(now, UdpAddress.WithoutPin(address), cancellationToken);
            endpoints.Pump();
            return waiter.Answer;
        }
    }

    public bool CanAnswer(PeerId peer)
    {
        using (Gate.Enter())
        {
            return endpoints.Node.TryFindPeer(peer, out var channel)
                && channel.Address is not null
                && (byLanes || !endpoints.Dialer.IsPinned(peer)); // MA-023
        }
    }

    public bool HasChannel(PeerId peer)
    {
        using (Gate.Enter())
            return endpoints.Node.TryFindPeer(peer, out var channel) && channel.IsReady;
    }

    public void ClosePeer(PeerId peer)
    {
        using (Gate.Enter())
            endpoints.ClosePeer(peer, CloseCode.Done);
    }

    public ValueTask Drain(CancellationToken cancellationToken)
    {
        using (Gate.Enter())
            return endpoints.IsDrained ? ValueTask.CompletedTask : endpoints.Drained.Wait(cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        IReadOnlyList<IDisposable> ports;
        using (Gate.Enter())
        {
            if (closed)
                return ValueTask.CompletedTask;

            closed = true;
            foreach (var session in sessions.ToArray())
                session.End(null);

            endpoints.PumpNow(); // lanes are ended with a word
            raw.Close();
            StopReading();
            endpoints.Context.Sockets.Remove(this);
            var bound = listening.Select(open => open.Bound).ToArray();
            ports = [.. endpoints.Detach(this, bound), .. plain is null ? [] : new IDisposable[] { plain }];
        }

        // Not under the gate: a port's end waits for its receive thread, which takes the gate.
        foreach (var port in ports)
            port.Dispose();

        return ValueTask.CompletedTask;
    }

    /// <summary>A message of <see cref="RawProtocol"/>, dropped when there is no room. Under the gate.</summary>
    public void TakeRaw(Multiaddress from, ReadOnlySpan<byte> data) => raw.Add(from, data);

    /// <summary>A message of <see cref="RawProtocol"/> that can wait; false when there is no room. Under the gate.</summary>
    public bool TryTakeRaw(Multiaddress from, ReadOnlySpan<byte> data) => raw.TryAdd(from, data);

    /// <summary>Takes no more of the peer's messages for a session. Under the gate, once.</summary>
    public void StopTaking(SealedSession session)
    {
        if (rawSessions.TryGetValue(session.Remote.Id, out var known) && known == session)
            rawSessions.Remove(session.Remote.Id);
        if (session.Consumer is not { } consumer)
            return;

        consumer.Close();
        endpoints.Context.Protocols.Unregister(session.Protocol);
    }

    /// <summary>Strikes out a session that has ended. Under the gate.</summary>
    public void Forget(SealedSession session)
    {
        sessions.Remove(session);
        endpoints.Sessions.Remove(session);
    }

    private void Check(ProtocolId protocol, PeerInfo peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (protocol.IsEmpty)
            throw new ArgumentException("The default ProtocolId names no protocol: pass a name such as \"/kad/1.0\".", nameof(protocol));
        if (!peer.Id.IsEd25519)
            throw new ArgumentException($"UDP reaches peers by their Ed25519 key, and {peer.Id} holds none.", nameof(peer));
        if (peer.Id == endpoints.Context.LocalPeer)
            throw new ArgumentException("This is the host's own peer id; a host does not dial itself.", nameof(peer));
    }

    private static Multiaddress AddressOf((NetAddress Bound, bool IsPinned) open) =>
        open.IsPinned ? UdpAddress.Pinned(UdpAddress.From(open.Bound)) : UdpAddress.From(open.Bound);

    private SealedSession Open(ProtocolId protocol, PeerInfo peer, SendOptions options, HandlerQueue? consumer)
    {
        ThrowIfClosed();
        SealedSession session = byLanes
            ? new LaneSession(endpoints, this, protocol, peer, options, consumer)
            : new UdpSession(endpoints, this, protocol, peer, options, consumer);
        sessions.Add(session);
        endpoints.Sessions.Add(session);
        return session;
    }

    private ValueTask WritePlain(ReadOnlyMemory<byte> data, Multiaddress to) // MA-024
    {
        if (data.Length > PlainPort.DatagramSizeMax)
            return ValueTask.FromException(new MessageTooLargeException(data.Length, PlainPort.DatagramSizeMax, Delivery.Unreliable));

        try
        {
            using (Gate.Enter())
            {
                ThrowIfClosed();
                RequirePlain().Send(to, data.Span);
            }

            return ValueTask.CompletedTask;
        }
        catch (MsgNetException error)
        {
            return ValueTask.FromException(error);
        }
    }

    private PlainPort RequirePlain() => plain ??= new PlainPort(endpoints.Context, raw);

    private void StartReading()
    {
        if (Reads)
            return;

        Reads = true;
        endpoints.Context.Protocols.Register(RawProtocol);
    }

    private void StopReading()
    {
        if (!Reads)
            return;

        Reads = false;
        endpoints.Context.Protocols.Unregister(RawProtocol);
        endpoints.Lanes.OnRawRoom(endpoints.Now);
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(closed, typeof(ISessionedSocket));
}
