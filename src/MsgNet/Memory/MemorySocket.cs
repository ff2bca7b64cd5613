using System.Collections.Concurrent;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// A socket of the memory transport. Everything in it is guarded by its host's gate; other hosts reach it through its mailbox alone.
/// </summary>
internal sealed partial class MemorySocket : IStreamCarrier
{
    private readonly MemoryTransport transport;
    private readonly TransportContext context;
    private readonly MemoryHub hub;
    private readonly List<ulong> numbers = [];
    private readonly MemoryChannels channels = new();
    private readonly HashSet<MemorySession> sessions = [];
    private readonly Dictionary<(PeerId Peer, ProtocolId Protocol), MemorySession> consumers = [];
    private readonly RawInbox raw;
    private readonly WaitQueue drained;
    private readonly IPlatformTimer deadlines;
    private ulong replyNumber;
    private Instant nextDeadline = Instant.Never;
    private bool closed;

    public MemorySocket(MemoryTransport transport, TransportContext context, MemoryHub hub)
    {
        this.transport = transport;
        this.context = context;
        this.hub = hub;
        raw = new RawInbox(Scheduler);
        drained = new WaitQueue(Gate, Scheduler);
        Mailbox = new MemoryMailbox(this, Scheduler);
        deadlines = context.Platform.CreateTimer(OnDeadline);
        using (Gate.Enter())
            context.Sockets.Add(this);
    }

    /// <inheritdoc/>
    public IMessageTransport Transport => transport;

    /// <inheritdoc/>
    public IReadOnlyList<Multiaddress> Addresses
    {
        get
        {
            using (Gate.Enter())
                return [.. numbers.Where(number => number != replyNumber).Select(MemoryAddress.Of)];
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<PeerId> ConnectedPeers
    {
        get
        {
            using (Gate.Enter())
                return channels.OpenPeers();
        }
    }

    public Gate Gate => context.Gate;

    public HostDiagnostics Diagnostics => context.Diagnostics;

    public IScheduler Scheduler => context.Platform.Scheduler;

    public PeerId LocalPeer => context.LocalPeer;

    /// <summary>Whether this host tells who it is.</summary>
    public bool AnswersWho => context.Options.AnswerWho;

    public MemoryMailbox Mailbox { get; }

    /// <inheritdoc/>
    public ValueTask Listen(Multiaddress address, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!MemoryAddress.TryRead(address, out var number))
        {
            throw new ArgumentException(
                $"{address} is no address of the memory transport: listen on /memory/N, or on /memory/0 for a free one.", nameof(address));
        }

        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        using (Gate.Enter())
        {
            ThrowIfClosed();
            return TryListen(number)
                ? ValueTask.CompletedTask
                : ValueTask.FromException(new MsgNetException(
                    $"{address} is taken by another host of this process; listen on /memory/0 for a free one."));
        }
    }

    /// <inheritdoc/>
    public ICarrierSession OpenSession(ProtocolId protocol, PeerInfo peer, SendOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        CheckPeer(protocol, peer);
        using (Gate.Enter())
            return Open(protocol, peer, options, consumer: null);
    }

    /// <inheritdoc/>
    public ISocketSession NewSession(ProtocolId protocol, PeerInfo peer, MessageHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        CheckPeer(protocol, peer);
        var services = new HandlerServices(Gate, context.Diagnostics, context.Logger, context.Options.PoisonReturnedBuffers);
        using (Gate.Enter())
        {
            ThrowIfClosed();
            if (consumers.ContainsKey((peer.Id, protocol)))
            {
                throw new InvalidOperationException(
                    $"This socket has a session to {peer.Id} on {protocol}: close it before you open another.");
            }

            var consumer = new HandlerQueue(services, protocol, handler, HandlerOptions.Default);
            var session = Open(protocol, peer, SendOptions.Ordered, consumer);
            consumers.Add((peer.Id, protocol), session);
            return session;
        }
    }

    /// <inheritdoc/>
    public ValueTask<(Multiaddress From, int Bytes)> ReadMessage(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using (Gate.Enter())
        {
            ThrowIfClosed();
            return raw.Read(buffer, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public ValueTask WriteMessage(ReadOnlyMemory<byte> data, Multiaddress to, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        if (!to.TryGetPeerId(out var peer) || to.WithoutPeerId() is not { } bare || !transport.CanDial(bare))
            throw new ArgumentException($"{to} is no address to write to here: use /memory/N/p2p/… with the peer's id.", nameof(to));

        MemorySession session;
        using (Gate.Enter())
        {
            ThrowIfClosed();
            var info = new PeerInfo(peer, [bare]);
            var channel = Connect(info, out var attempts);
            if (channel is null)
                return ValueTask.FromException(new PeerUnreachableException(peer, attempts));

            session = channel.RawSession ??= Open(default, info, SendOptions.Ordered, consumer: null);
        }

        return session.SendMessage(data, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<PeerId> Resolve(Multiaddress address, CancellationToken cancellationToken)
    {
        if (MemoryAddress.TryRead(address, out var number) && hub.Find(number) is { AnswersWho: true } socket)
            return ValueTask.FromResult(socket.LocalPeer);

        return ValueTask.FromException<PeerId>(new TimeoutException(
            $"Nobody at {address} says who it is; "
            + "check that it runs and answers (MsgNetOptions.AnswerWho), or get its peer id another way."));
    }

    /// <inheritdoc/>
    public bool CanAnswer(PeerId peer) => HasChannel(peer);

    /// <inheritdoc/>
    public bool HasChannel(PeerId peer)
    {
        using (Gate.Enter())
            return channels.IsOpen(peer);
    }

    /// <inheritdoc/>
    public void ClosePeer(PeerId peer)
    {
        using (Gate.Enter())
        {
            foreach (var channel in channels.Of(peer))
                Close(channel, error: null, "the peer closed the channel");
        }
    }

    /// <inheritdoc/>
    public ValueTask Drain(CancellationToken cancellationToken)
    {
        using (Gate.Enter())
            return IsDrained() ? ValueTask.CompletedTask : drained.Wait(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        using (Gate.Enter())
        {
            if (closed)
                return ValueTask.CompletedTask;

            closed = true;
            foreach (var number in numbers)
                hub.Free(number, this);
            numbers.Clear();
            foreach (var channel in channels.All())
                Close(channel, error: null, "the peer closes");
            foreach (var session in sessions.ToArray())
                session.End(null);
            raw.Close(this);
            drained.ReleaseAll();
            context.Sockets.Remove(this);
        }

        deadlines.Dispose();
        return ValueTask.CompletedTask;
    }
}
