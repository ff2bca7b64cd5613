using System.Diagnostics.CodeAnalysis;
using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Reliable messages to one peer on one protocol, over a lane of the sealed channel. Virtual: it opens its lane with the first message, and
/// another after the first was closed because it was idle; it outlives keys, and dials when it has to.
/// </summary>
/// <remarks>
/// What it accepted is delivered, or its end says that it may not have been: <see cref="Completion"/> then fails, and so does every send
/// that waits. Closing it sends what it accepted, in the background.
/// </remarks>
internal sealed class LaneSession : IUdpSession, IDeliveryTracker, IThreadPoolWorkItem
{
    private readonly UdpEndpoints endpoints;
    private readonly UdpSocket socket;
    private readonly SendQueue sends;
    private readonly WaitQueue room;
    private readonly ProtocolDiagnostics diagnostics;
    private readonly TaskCompletionSource completion = new();
    private readonly LaneKind kind;
    private readonly bool waitForDelivery;
    private readonly bool allowEarly;
    private PeerChannel? channel;
    private Lane? lane;

    // Messages count over all lanes of the session: those of the lanes before this one, those accepted, those the peer is done with.
    private ulong before;
    private ulong accepted;
    private ulong delivered;
    private Exception? error;
    private Exception? refusal;
    private bool closing;
    private bool ended;

    /// <param name="endpoints">The host's UDP.</param>
    /// <param name="socket">The socket it belongs to.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="remote">The peer.</param>
    /// <param name="options">How messages are sent; unreliable ones travel as reliable ones do.</param>
    /// <param name="consumer">Takes the peer's messages; null: the host's handlers do.</param>
    public LaneSession(
        UdpEndpoints endpoints, UdpSocket socket, ProtocolId protocol, PeerInfo remote, SendOptions options, HandlerQueue? consumer)
    {
        this.endpoints = endpoints;
        this.socket = socket;
        Consumer = consumer;
        Protocol = protocol;
        Remote = remote;
        kind = options.Delivery == Delivery.ReliableOrdered ? LaneKind.Ordered : LaneKind.Unordered;
        Guarantees = kind == LaneKind.Ordered
            ? socket.Transport.Guarantees
            : socket.Transport.Guarantees with { Delivery = Delivery.Reliable };
        waitForDelivery = options.WaitForDelivery;
        allowEarly = options.AllowEarly;
        var scheduler = endpoints.Context.Platform.Scheduler;
        diagnostics = endpoints.Context.Diagnostics.For(protocol);
        sends = new SendQueue(this, diagnostics, endpoints.Context.Gate, scheduler);
        room = new WaitQueue(endpoints.Context.Gate, scheduler);
    }

    public ProtocolId Protocol { get; }

    public PeerInfo Remote { get; }

    public ISessionedSocket Socket => socket;

    public TransportGuarantees Guarantees { get; }

    public Task Completion => completion.Task;

    public bool IsEnded => closing || ended;

    public HandlerQueue? Consumer { get; }

    public ReadOnlyMemory<byte> Binding // API-042
    {
        get
        {
            lock (endpoints.Context.Gate)
                return channel?.Binding.ToArray() ?? [];
        }
    }

    public bool IsDrained => accepted == delivered && sends.IsEmpty;

    public ValueTask SendMessage(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        SendMessage(data, waitForDelivery, cancellationToken);

    public ValueTask SendMessage(ReadOnlyMemory<byte> data, bool waitForDelivery, CancellationToken cancellationToken) =>
        data.Length <= Guarantees.MessageSizeMax
            ? sends.Send(data, waitForDelivery, cancellationToken)
            : ValueTask.FromException(TooLarge(data.Length));

    public bool TrySend(ReadOnlySpan<byte> data) => TrySendTracked(data, out _);

    public bool TrySendTracked(ReadOnlySpan<byte> data, out ulong number)
    {
        CheckSize(data.Length);
        lock (endpoints.Context.Gate)
        {
            var now = endpoints.Now;
            var status = TryOpen(now, out var open) ? endpoints.Node.TrySend(now, open, data) : SendStatus.Full;
            if (status == SendStatus.Closed && TryReopen(now, out open))
                status = endpoints.Node.TrySend(now, open, data);
            if (status == SendStatus.Accepted)
                diagnostics.OnSent();
            var taken = Finish(now, status); // API-033
            number = accepted;
            return taken;
        }
    }

    public bool TryRequest(ReadOnlySpan<byte> data, RequestWaiter waiter, Instant deadline) // API-046
    {
        ArgumentNullException.ThrowIfNull(waiter);
        CheckSize(data.Length);
        lock (endpoints.Context.Gate)
        {
            var now = endpoints.Now;
            var id = 0UL;
            var status = TryOpen(now, out var open)
                ? endpoints.Node.TryRequest(now, open, data, waiter, deadline, out id)
                : SendStatus.Full;
            if (status == SendStatus.Closed && TryReopen(now, out open))
                status = endpoints.Node.TryRequest(now, open, data, waiter, deadline, out id);
            waiter.Id = id;
            waiter.CarrierState = channel;
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
            return IsEnded ? ValueTask.FromException(WhyEnded()) : room.Wait(cancellationToken);
    }

    /// <summary>
    /// Takes no more messages and sends what was accepted, in the background: <see cref="Completion"/> says when, and whether, all of it is
    /// delivered.
    /// </summary>
    public ValueTask DisposeAsync() // API-044
    {
        lock (endpoints.Context.Gate)
        {
            if (IsEnded)
                return ValueTask.CompletedTask;

            closing = true;
            socket.StopTaking(this);
            room.FailAll(WhyEnded());
            sends.FailWaiting(Lost(PeerLoss.ClosedLocally, maybeDelivered: false)); // API-020
            var now = endpoints.Now;
            if (lane is { IsOpen: true } open)
                endpoints.Node.ShutdownLane(now, open);
            else
                End(null);
            endpoints.Flush(now);
        }

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

    // Datagrams are refused where streams are taken; a lane is told of its own.
    public void OnProtocolRefused()
    {
    }

    /// <summary>The peer is done with more messages. Under the gate.</summary>
    public void OnDelivered()
    {
        delivered = before + lane!.Delivered;
        sends.OnDeliveredUpTo(delivered); // API-040
    }

    /// <summary>The lane has ended. Under the gate.</summary>
    public void OnLaneEnded(in NodeEvent happened) // API-043
    {
        OnDelivered();
        if (accepted != delivered)
        {
            End(endpoints.Lanes.WhyLost(happened, Protocol));
            return;
        }

        // Nothing is lost with it: the next message opens another.
        LetGo();
        if (closing)
            End(null);
        else
            OnRoom();
    }

    public void End(Exception? why)
    {
        if (ended)
            return;

        var wasClosing = closing;
        (closing, ended) = (true, true);
        var undelivered = accepted != delivered;
        var loss = why is null ? PeerLoss.ClosedLocally : (why as SessionLostException)?.Reason;
        var (unsent, maybeSent) = loss is { } reason
            ? (Lost(reason, maybeDelivered: false), Lost(reason, maybeDelivered: undelivered && reason != PeerLoss.Refused))
            : (why!, why!);

        // Who closes it himself is told only of what may have come to nothing by that.
        error = undelivered || (why is not null && !wasClosing) ? maybeSent : null;
        refusal = why is null ? null : unsent;
        if (!wasClosing)
            socket.StopTaking(this);
        socket.Forget(this);
        if (lane is { IsOpen: true } open)
            endpoints.Node.AbortLane(endpoints.Now, open);
        LetGo();
        room.FailAll(WhyEnded());
        sends.FailAll(unsent, maybeSent);
        endpoints.Context.Platform.Scheduler.Post(this);
    }

    private SessionLostException Lost(PeerLoss reason, bool maybeDelivered) => new(Remote.Id, reason, maybeDelivered);

    private MessageTooLargeException TooLarge(int length) => new(length, Guarantees.MessageSizeMax, Guarantees.Delivery);

    private Exception WhyEnded() => refusal ?? new ObjectDisposedException(nameof(ISocketSession), "The session is closed: open another.");

    private void CheckSize(int length) // API-047
    {
        if (length > Guarantees.MessageSizeMax)
            throw TooLarge(length);
    }

    // A lane to send on; false while there is none, and then something will make room. Ends the session when there will never be one.
    private bool TryOpen(Instant now, [NotNullWhen(true)] out Lane? open)
    {
        open = null;
        if (IsEnded)
            return false;

        var reached = endpoints.Dialer.TryReach(now, Remote, ref channel, out var failure);
        if (failure is not null)
            End(failure);
        if (!reached || IsEnded || !(allowEarly || channel!.IsReady))
            return false;

        if (lane is null)
            Open(now);
        open = lane;
        return open is not null;
    }

    // The lane was idle and is being closed. Another may be opened at once when nothing of this one can still be handed over; else the
    // order of messages could be lost.
    private bool TryReopen(Instant now, [NotNullWhen(true)] out Lane? open) // API-045
    {
        open = null;
        OnDelivered();
        if (accepted != delivered)
            return false;

        LetGo();
        Open(now);
        open = lane;
        return open is not null;
    }

    private void Open(Instant now)
    {
        var status = endpoints.Node.TryOpenLane(now, channel!, Protocol, kind, allowEarly, out lane);
        if (status == SendStatus.TooManyLanes)
            End(LaneEvents.TooManyLanes(Remote.Id));
        else if (lane is not null)
            lane.State = this;
    }

    private void LetGo()
    {
        if (lane is null)
            return;

        before = accepted;
        lane.State = null;
        lane = null;
    }

    private bool Finish(Instant now, SendStatus status)
    {
        if (status == SendStatus.Accepted)
            accepted = before + lane!.Sent;

        // A handshake may have been started for what was not accepted. Nothing may happen to the session before its caller waits.
        endpoints.Flush(now);
        return status == SendStatus.Accepted;
    }
}
