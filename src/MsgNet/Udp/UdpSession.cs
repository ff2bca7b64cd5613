using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Unreliable messages to one peer on one protocol over the sealed channel. Virtual: it outlives keys, and dials when it has to.
/// </summary>
internal sealed class UdpSession : IUdpSession, IThreadPoolWorkItem
{
    private readonly UdpEndpoints endpoints;
    private readonly UdpSocket socket;
    private readonly SendQueue sends;
    private readonly WaitQueue room;
    private readonly ProtocolDiagnostics diagnostics;
    private readonly TaskCompletionSource completion = new();
    private readonly bool allowEarly;
    private PeerChannel? channel;
    private Exception? error;
    private bool ended;

    /// <param name="endpoints">The host's UDP.</param>
    /// <param name="socket">The socket it belongs to.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="remote">The peer.</param>
    /// <param name="options">How messages are sent.</param>
    /// <param name="consumer">Takes the peer's messages; null: the host's handlers do.</param>
    public UdpSession(
        UdpEndpoints endpoints, UdpSocket socket, ProtocolId protocol, PeerInfo remote, SendOptions options, HandlerQueue? consumer)
    {
        this.endpoints = endpoints;
        this.socket = socket;
        Consumer = consumer;
        Protocol = protocol;
        Remote = remote;
        allowEarly = options.AllowEarly;
        var scheduler = endpoints.Context.Platform.Scheduler;
        diagnostics = endpoints.Context.Diagnostics.For(protocol);
        sends = new SendQueue(this, diagnostics, endpoints.Context.Gate, scheduler);
        room = new WaitQueue(endpoints.Context.Gate, scheduler);
    }

    public ProtocolId Protocol { get; }

    public PeerInfo Remote { get; }

    public ISessionedSocket Socket => socket;

    public TransportGuarantees Guarantees => socket.Transport.Guarantees;

    public Task Completion => completion.Task;

    public bool IsEnded => ended;

    public HandlerQueue? Consumer { get; }

    public ReadOnlyMemory<byte> Binding // API-042
    {
        get
        {
            lock (endpoints.Context.Gate)
                return channel?.Binding.ToArray() ?? [];
        }
    }

    public bool IsDrained => sends.IsEmpty;

    public ValueTask SendMessage(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        SendMessage(data, waitForDelivery: false, cancellationToken);

    public ValueTask SendMessage(ReadOnlyMemory<byte> data, bool waitForDelivery, CancellationToken cancellationToken) =>
        data.Length <= Limits.UnreliableMessageMax
            ? sends.Send(data, waitForDelivery, cancellationToken)
            : ValueTask.FromException(new MessageTooLargeException(data.Length, Limits.UnreliableMessageMax, Delivery.Unreliable));

    public bool TrySend(ReadOnlySpan<byte> data)
    {
        CheckSize(data.Length);
        lock (endpoints.Context.Gate)
        {
            if (ended)
                return false;

            var now = endpoints.Now;
            var status = TryConnect(now, out var peer) ? endpoints.Node.TrySend(now, peer, Protocol, data, allowEarly) : SendStatus.Full;
            if (status == SendStatus.Accepted)
                diagnostics.OnSent();
            return Finish(now, status); // API-033
        }
    }

    public bool TryRequest(ReadOnlySpan<byte> data, RequestWaiter waiter, Instant deadline)
    {
        ArgumentNullException.ThrowIfNull(waiter);
        CheckSize(data.Length);
        lock (endpoints.Context.Gate)
        {
            if (ended)
                return false;

            var now = endpoints.Now;
            var id = 0UL;
            var status = TryConnect(now, out var peer)
                ? endpoints.Node.TryRequest(now, peer, Protocol, data, waiter, deadline, out id)
                : SendStatus.Full;
            waiter.Id = id;
            waiter.CarrierState = peer;
            if (status == SendStatus.Accepted)
                diagnostics.OnRequested();
            return Finish(now, status);
        }
    }

    public void CancelRequest(RequestWaiter waiter)
    {
        ArgumentNullException.ThrowIfNull(waiter);
        lock (endpoints.Context.Gate)
        {
            if (waiter.CarrierState is PeerChannel { IsRemoved: false } peer)
                endpoints.Node.CancelRequest(peer, waiter.Id);
        }
    }

    public ValueTask WaitForRoom(CancellationToken cancellationToken)
    {
        lock (endpoints.Context.Gate)
            return ended ? ValueTask.FromException(WhyEnded()) : room.Wait(cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        lock (endpoints.Context.Gate)
            End(null);

        return ValueTask.CompletedTask;
    }

    /// <summary>Sets <see cref="Completion"/>, on the scheduler.</summary>
    public void Execute()
    {
        if (error is null)
        {
            completion.SetResult();
            return;
        }

        completion.SetException(error); // API-036

        // Observed here: a session that nobody watches may be lost without a word.
        _ = completion.Task.Exception;
    }

    public void OnRoom() => room.ReleaseAll();

    public void OnProtocolRefused() => End(new ProtocolNotSupportedException(Remote.Id, Protocol));

    public void End(Exception? why)
    {
        if (ended)
            return;

        ended = true;
        error = why;
        socket.StopTaking(this);
        socket.Forget(this);
        room.FailAll(WhyEnded());

        // API-020: who waited when this side closed learns that; who comes later has a closed session in hand.
        var lost = why ?? new SessionLostException(Remote.Id, PeerLoss.ClosedLocally, maybeDelivered: false);
        sends.FailAll(lost, lost);
        endpoints.Context.Platform.Scheduler.Post(this);
    }

    private static void CheckSize(int length)
    {
        if (length > Limits.UnreliableMessageMax)
            throw new MessageTooLargeException(length, Limits.UnreliableMessageMax, Delivery.Unreliable);
    }

    private Exception WhyEnded() => error ?? new ObjectDisposedException(nameof(ISocketSession), "The session is closed: open another.");

    // True with a peer that is connected, or being dialled; false while its names are looked up. Ends the session when nothing can be
    // dialled.
    private bool TryConnect(Instant now, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PeerChannel? peer)
    {
        var reached = endpoints.Dialer.TryReach(now, Remote, ref channel, out var failure);
        if (failure is not null)
            End(failure);

        peer = channel;
        return reached;
    }

    private bool Finish(Instant now, SendStatus status)
    {
        switch (status)
        {
            case SendStatus.Accepted:
                endpoints.Pump(now);
                return true;
            case SendStatus.Refused:
                OnProtocolRefused();
                return false;
            case SendStatus.TooManyProtocols:
                End(new MsgNetException(
                    $"{Limits.NamesMax} protocols are open to {Remote.Id} already, the most one peer takes; use fewer names."));
                return false;
            default:
                return false;
        }
    }
}
