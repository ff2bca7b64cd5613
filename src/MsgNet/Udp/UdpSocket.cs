using MsgNet.Core;

namespace MsgNet;

/// <summary>A socket of the UDP transport: a share in the host's ports, and the sessions opened through it.</summary>
internal sealed class UdpSocket : ICarrier
{
    /// <summary>What <see cref="WriteMessage"/> sends under, on sealed addresses: messages outside the application's protocols.</summary>
    public static readonly ProtocolId RawProtocol = "/msgnet/raw/1.0.0";

    private readonly UdpEndpoints endpoints;
    private readonly HashSet<UdpSession> sessions = [];
    private readonly Dictionary<PeerId, UdpSession> rawSessions = [];
    private readonly List<NetAddress> listening = [];
    private readonly DatagramInbox raw;
    private PlainPort? plain;
    private bool reads;
    private bool closed;

    public UdpSocket(UdpEndpoints endpoints, UdpTransport transport)
    {
        this.endpoints = endpoints;
        Transport = transport;
        raw = new DatagramInbox(endpoints.Context.Platform.Scheduler);
        lock (Gate)
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
            lock (Gate)
                return [.. listening.Select(bound => UdpAddress.From(bound)).Concat(plain?.Addresses ?? []).Distinct()];
        }
    }

    public IReadOnlyList<PeerId> ConnectedPeers
    {
        get
        {
            lock (Gate)
                return [.. endpoints.Node.Peers.Where(peer => peer.IsReady).Select(peer => peer.Id)];
        }
    }

    private Lock Gate => endpoints.Context.Gate;

    public ValueTask Listen(Multiaddress address, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        var isPlain = UdpAddress.IsPlain(address);
        if ((!isPlain && !UdpAddress.IsSealed(address)) || !address.TryGetUdpEndPoint(out var ip, out var port))
            throw new ArgumentException(
                $"{address} is no address UDP can listen on: use /ip4/0.0.0.0/udp/4001 or /ip6/::/udp/4001.", nameof(address));
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        try
        {
            lock (Gate)
            {
                ThrowIfClosed();
                if (isPlain)
                    RequirePlain().Bind(ip, port);
                else
                    listening.Add(endpoints.Listen(ip, port));
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
        lock (Gate)
            return Open(protocol, peer, options, consumer: null);
    }

    public ISocketSession NewSession(ProtocolId protocol, PeerInfo peer, MessageHandler handler) // API-104
    {
        ArgumentNullException.ThrowIfNull(handler);
        Check(protocol, peer);
        var context = endpoints.Context;
        var services = new HandlerServices(context.Diagnostics, context.Logger, context.Options.PoisonReturnedBuffers);
        lock (Gate)
        {
            ThrowIfClosed();
            if (endpoints.Sessions.ConsumerOf(peer.Id, protocol) is not null)
                throw new InvalidOperationException(
                    $"There is a session to {peer.Id} on {protocol} already: close it before you open another.");

            context.Protocols.Register(protocol);
            return Open(protocol, peer, SendOptions.Unreliable, new HandlerQueue(services, protocol, handler, HandlerOptions.Default));
        }
    }

    public ValueTask<(Multiaddress From, int Bytes)> ReadMessage(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (Gate)
        {
            ThrowIfClosed();
            StartReading();
            return raw.Read(buffer, cancellationToken);
        }
    }

    public ValueTask WriteMessage(ReadOnlyMemory<byte> data, Multiaddress to, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        if (UdpAddress.IsPlain(to))
            return WritePlain(data, to);
        if (!to.TryGetPeerId(out var peer) || !UdpAddress.IsSealed(to))
            throw new ArgumentException(
                $"{to} is no address to write to: use /ip4/…/udp/N/p2p/PEERID, or …/udp/N/plain unsealed.", nameof(to));

        UdpSession session;
        lock (Gate)
        {
            ThrowIfClosed();
            if (!rawSessions.TryGetValue(peer, out session!))
                rawSessions.Add(
                    peer,
                    session = Open(RawProtocol, new PeerInfo(peer, [to.WithoutPeerId()!]), SendOptions.Unreliable, consumer: null));
        }

        return session.SendMessage(data, cancellationToken);
    }

    public ValueTask<PeerId> Resolve(Multiaddress address, CancellationToken cancellationToken)
    {
        if (address.TryGetUdpEndPoint(out _, out var port) && port == 0)
            throw new ArgumentException($"{address} names port 0, which is nobody's: give the port the peer listens on.", nameof(address));

        lock (Gate)
        {
            ThrowIfClosed();
            var now = endpoints.Now;
            var waiter = endpoints.Resolver.Resolve(now, address, cancellationToken);
            endpoints.Pump(now);
            return waiter.Answer;
        }
    }

    public bool CanAnswer(PeerId peer)
    {
        lock (Gate)
            return endpoints.Node.TryFindPeer(peer, out var channel) && channel.Address is not null;
    }

    public bool HasChannel(PeerId peer)
    {
        lock (Gate)
            return endpoints.Node.TryFindPeer(peer, out var channel) && channel.IsReady;
    }

    public ValueTask ClosePeer(PeerId peer, CancellationToken cancellationToken)
    {
        lock (Gate)
            endpoints.ClosePeer(peer, CloseCode.Done);

        return ValueTask.CompletedTask;
    }

    public ValueTask Drain(CancellationToken cancellationToken)
    {
        lock (Gate)
            return endpoints.IsDrained ? ValueTask.CompletedTask : endpoints.Drained.Wait(cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        IReadOnlyList<IDisposable> ports;
        lock (Gate)
        {
            if (closed)
                return ValueTask.CompletedTask;

            closed = true;
            foreach (var session in sessions.ToArray())
                session.End(null);

            raw.Close();
            StopReading();
            endpoints.Context.Sockets.Remove(this);
            ports = [.. endpoints.Detach(this, listening), .. plain is null ? [] : new IDisposable[] { plain }];
        }

        // Not under the gate: a port's end waits for its receive thread, which takes the gate.
        foreach (var port in ports)
            port.Dispose();

        return ValueTask.CompletedTask;
    }

    /// <summary>A message of <see cref="RawProtocol"/>; false when this socket does not read. Under the gate.</summary>
    public bool TryTakeRaw(Multiaddress from, ReadOnlySpan<byte> data)
    {
        if (reads)
            raw.Add(from, data);

        return reads;
    }

    /// <summary>Strikes out a session that has ended. Under the gate.</summary>
    public void Forget(UdpSession session)
    {
        sessions.Remove(session);
        endpoints.Sessions.Remove(session);
        if (rawSessions.TryGetValue(session.Remote.Id, out var known) && known == session)
            rawSessions.Remove(session.Remote.Id);
        if (session.Consumer is not null)
            endpoints.Context.Protocols.Unregister(session.Protocol);
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

    private UdpSession Open(ProtocolId protocol, PeerInfo peer, SendOptions options, HandlerQueue? consumer)
    {
        ThrowIfClosed();
        var session = new UdpSession(endpoints, this, protocol, peer, options, consumer);
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
            lock (Gate)
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
        if (reads)
            return;

        reads = true;
        endpoints.Context.Protocols.Register(RawProtocol);
    }

    private void StopReading()
    {
        if (reads)
            endpoints.Context.Protocols.Unregister(RawProtocol);

        reads = false;
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(closed, typeof(ISessionedSocket));
}
