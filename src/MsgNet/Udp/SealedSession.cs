using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// A session over the sealed channel, by datagrams or by a lane. Virtual: it outlives keys, and dials when it has to. The endpoints call it
/// under the gate.
/// </summary>
internal abstract class SealedSession : ICarrierSession
{
    private readonly UdpSocket socket;
    private readonly WaitQueue room;
    private readonly ProtocolDiagnostics diagnostics;
    private readonly Completion completion;
    private readonly bool waitForDelivery;
    private PeerChannel? channel;
    private Exception? refusal;
    private volatile bool isEnded;

    /// <param name="endpoints">The host's UDP.</param>
    /// <param name="socket">The socket it belongs to.</param>
    /// <param name="guarantees">What it promises, and the size of its messages.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="remote">The peer.</param>
    /// <param name="options">How messages are sent.</param>
    /// <param name="consumer">Takes the peer's messages; null: the host's handlers do.</param>
    protected SealedSession(
        UdpEndpoints endpoints,
        UdpSocket socket,
        TransportGuarantees guarantees,
        ProtocolId protocol,
        PeerInfo remote,
        SendOptions options,
        HandlerQueue? consumer)
    {
        this.socket = socket;
        Endpoints = endpoints;
        Guarantees = guarantees;
        Protocol = protocol;
        Remote = remote;
        Consumer = consumer;
        AllowEarly = options.AllowEarly;
        waitForDelivery = options.WaitForDelivery;
        diagnostics = endpoints.Context.Diagnostics.For(protocol);
        Sends = new SendQueue(this, diagnostics, endpoints.Context.Gate, endpoints.Context.Platform.Scheduler);
        room = new WaitQueue(endpoints.Context.Gate, endpoints.Context.Platform.Scheduler);
        completion = new Completion(endpoints.Context.Platform.Scheduler);
    }

    public ProtocolId Protocol { get; }

    public PeerInfo Remote { get; }

    public ISessionedSocket Socket => socket;

    public TransportGuarantees Guarantees { get; }

    public Task Completion => completion.Task;

    public bool IsEnded => isEnded;

    public bool IsClosed => isEnded && (refusal is null or SessionLostException { Reason: PeerLoss.ClosedLocally });

    /// <summary>Takes the peer's messages instead of the host's handlers; null when they do.</summary>
    public HandlerQueue? Consumer { get; }

    public ReadOnlyMemory<byte> Binding // API-042
    {
        get
        {
            using (Endpoints.Context.Gate.Enter())
                return channel?.Binding.ToArray() ?? [];
        }
    }

    /// <summary>Nothing waits here to leave, or to be acknowledged where that is waited for.</summary>
    public abstract bool IsDrained { get; }

    protected UdpEndpoints Endpoints { get; }

    /// <summary>Who waits to send, or for delivery.</summary>
    protected SendQueue Sends { get; }

    /// <summary>The number of the message accepted last, where they are numbered.</summary>
    protected virtual ulong LastNumber => 0;

    /// <summary>Messages may leave with the handshake.</summary>
    protected bool AllowEarly { get; }

    public ValueTask SendMessage(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        Sends.Send(data, waitForDelivery, cancellationToken);

    public ValueTask SendMessages(ReadOnlyMemory<ReadOnlyMemory<byte>> messages, CancellationToken cancellationToken = default) =>
        Sends.Send(messages, waitForDelivery, cancellationToken);

    public bool TrySubmit(ref PendingSend send, CancellationToken cancellationToken, out ValueTask sending) =>
        Sends.TrySubmit(ref send, cancellationToken, out sending);

    public bool TrySend(ReadOnlySpan<byte> data)
    {
        CheckSize(data.Length);
        return TrySend(data, out var flushes) || (flushes && TrySend(data, out _));
    }

    public int TrySendMessages(ReadOnlySpan<ReadOnlyMemory<byte>> messages)
    {
        CheckSize(MessageSizes.Of(messages).Largest); // API-221
        return messages.IsEmpty ? 0 : TryTake(messages, track: false, out _);
    }

    public int TryTake(ReadOnlySpan<ReadOnlyMemory<byte>> messages, bool track, out ulong lastNumber)
    {
        var taken = TryTake(messages, out lastNumber, out var flushes);
        return flushes ? TryTake(messages, out lastNumber, out _) : taken;
    }

    public bool TryRequest(ReadOnlySpan<byte> data, RequestWaiter waiter, Instant deadline)
    {
        ArgumentNullException.ThrowIfNull(waiter);
        CheckSize(data.Length);
        return TryRequest(data, waiter, deadline, out var flushes) || (flushes && TryRequest(data, waiter, deadline, out _));
    }

    public void CancelRequest(RequestWaiter waiter)
    {
        ArgumentNullException.ThrowIfNull(waiter);
        using (Endpoints.Context.Gate.Enter())
        {
            if (waiter.CarrierState is PeerChannel { IsRemoved: false } peer)
                Endpoints.Node.CancelRequest(peer, waiter.Id);
        }
    }

    public ValueTask WaitForRoom(CancellationToken cancellationToken)
    {
        using (Endpoints.Context.Gate.Enter())
            return IsEnded ? ValueTask.FromException(WhyEnded()) : room.Wait(cancellationToken);
    }

    /// <summary>Takes no more messages; <see cref="Completion"/> says what became of those it took.</summary>
    public ValueTask DisposeAsync()
    {
        using (Endpoints.Context.Gate.Enter())
            Close();

        return ValueTask.CompletedTask;
    }

    /// <summary>Something changed that may have made room.</summary>
    public void OnRoom() => room.ReleaseAll();

    /// <summary>The peer refused the session's protocol for datagrams.</summary>
    public abstract void OnProtocolRefused();

    /// <summary>Ends the session; without a reason it was closed here.</summary>
    public abstract void End(Exception? why);

    /// <summary>Hands a message to the node.</summary>
    protected abstract SendStatus Send(Instant now, ReadOnlySpan<byte> data);

    /// <summary>Hands messages to the node, as many as it has room for; what it said of the first that it did not take.</summary>
    protected abstract SendStatus Send(Instant now, ReadOnlySpan<ReadOnlyMemory<byte>> messages, out int taken);

    /// <summary>Hands a request to the node; its <paramref name="id"/> is 0 unless it was accepted.</summary>
    protected abstract SendStatus Request(Instant now, ReadOnlySpan<byte> data, RequestWaiter waiter, Instant deadline, out ulong id);

    /// <summary>Lets leave what was accepted; true when it was.</summary>
    protected abstract bool Finish(Instant now, SendStatus status);

    /// <summary>The application is done with the session.</summary>
    protected abstract void Close();

    /// <summary>
    /// Finds the peer: true when it is connected, or being dialled; false while its names are looked up. Ends the session when there is no
    /// way to it.
    /// </summary>
    protected bool TryReach(Instant now, [NotNullWhen(true)] out PeerChannel? peer)
    {
        var reached = Endpoints.Dialer.TryReach(now, Remote, ref channel, out var failure);
        if (failure is not null)
            End(failure);

        // What the look at the channel brought to light may have ended the session.
        peer = reached && !IsEnded ? channel : null;
        return peer is not null;
    }

    /// <summary>Takes no more messages, in either direction.</summary>
    protected void StopTaking()
    {
        if (IsEnded)
            return;

        isEnded = true;
        socket.StopTaking(this);
        room.FailAll(WhyEnded());
    }

    /// <summary>The last that happens to it.</summary>
    /// <param name="outcome">What <see cref="Completion"/> says; null: all went well.</param>
    /// <param name="why">What whoever comes later is told; null: that it is closed.</param>
    /// <param name="unsent">What those are told who wait for room.</param>
    /// <param name="undelivered">What those are told who wait for delivery.</param>
    protected void Complete(Exception? outcome, Exception? why, Exception unsent, Exception undelivered)
    {
        if (!IsEnded)
            refusal = why; // who closed it had a closed session before this happened
        StopTaking();
        socket.Forget(this);
        Sends.FailAll(unsent, undelivered);
        completion.End(outcome);
    }

    protected SessionLostException Lost(PeerLoss reason, bool maybeDelivered) => new(Remote.Id, reason, maybeDelivered);

    // API-225: when the queue is full, what was left for later leaves at the gate, and then there may be room.
    private bool TrySend(ReadOnlySpan<byte> data, out bool flushes)
    {
        flushes = false;
        using (Endpoints.Context.Gate.Enter())
        {
            if (IsEnded)
                return false;

            var now = Endpoints.Now;
            var status = Send(now, data);
            flushes = status == SendStatus.Full && Endpoints.TryFlushDeferred();
            if (status == SendStatus.Accepted)
                diagnostics.OnSent(1);
            return Finish(now, status); // API-033
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // what is done for each message is inlined from here on, whoever calls
    private int TryTake(ReadOnlySpan<ReadOnlyMemory<byte>> messages, out ulong lastNumber, out bool flushes)
    {
        lastNumber = 0;
        flushes = false;
        using (Endpoints.Context.Gate.Enter())
        {
            if (IsEnded)
                return 0;

            var now = Endpoints.Now;
            var status = Send(now, messages, out var taken);
            flushes = status == SendStatus.Full && taken == 0 && Endpoints.TryFlushDeferred();
            if (taken > 0)
                diagnostics.OnSent(taken);
            Finish(now, taken > 0 ? SendStatus.Accepted : status);
            lastNumber = LastNumber;
            return taken;
        }
    }

    private bool TryRequest(ReadOnlySpan<byte> data, RequestWaiter waiter, Instant deadline, out bool flushes)
    {
        flushes = false;
        using (Endpoints.Context.Gate.Enter())
        {
            if (IsEnded)
                return false;

            var now = Endpoints.Now;
            var status = Request(now, data, waiter, deadline, out var id);
            flushes = status == SendStatus.Full && Endpoints.TryFlushDeferred();
            waiter.Id = id;
            waiter.CarrierState = channel;
            if (status == SendStatus.Accepted)
                diagnostics.OnRequested();
            return Finish(now, status);
        }
    }

    private Exception WhyEnded() => refusal ?? new ObjectDisposedException(nameof(ISocketSession), "The session is closed: open another.");

    private void CheckSize(int length)
    {
        if (MessageSizes.Check(length, Guarantees) is { } tooLarge)
            throw tooLarge;
    }
}
