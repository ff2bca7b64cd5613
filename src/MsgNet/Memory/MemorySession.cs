using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Messages to one peer on one protocol within the process. Holds <see cref="Limits.MemoryBufferBytesMax"/>, or one message of any allowed
/// size, until the peer's handler queue takes them; waiting for that room is the backpressure.
/// </summary>
internal sealed class MemorySession : ICarrierSession
{
    private readonly MemorySocket socket;
    private readonly HandlerQueue? consumer;
    private readonly SendQueue sends;
    private readonly WaitQueue room;
    private readonly ProtocolDiagnostics diagnostics;
    private readonly Completion completion;
    private readonly bool tracked;
    private MemoryChannel? channel;
    private Exception? error;
    private ulong lastSent;
    private long buffered;
    private volatile bool ended;

    /// <param name="socket">The socket.</param>
    /// <param name="protocol">The protocol; empty for messages outside protocols.</param>
    /// <param name="remote">The peer.</param>
    /// <param name="options">How messages are sent.</param>
    /// <param name="consumer">Takes the peer's messages; null: the host's handlers do.</param>
    public MemorySession(MemorySocket socket, ProtocolId protocol, PeerInfo remote, SendOptions options, HandlerQueue? consumer)
    {
        this.socket = socket;
        this.consumer = consumer;
        Protocol = protocol;
        Remote = remote;
        tracked = options.WaitForDelivery;
        diagnostics = socket.Diagnostics.For(protocol);
        sends = new SendQueue(this, diagnostics, socket.Gate, socket.Scheduler);
        room = new WaitQueue(socket.Gate, socket.Scheduler);
        completion = new Completion(socket.Scheduler);
    }

    /// <inheritdoc/>
    public ProtocolId Protocol { get; }

    /// <inheritdoc/>
    public PeerInfo Remote { get; }

    /// <inheritdoc/>
    public ISessionedSocket Socket => socket;

    /// <inheritdoc/>
    public TransportGuarantees Guarantees => socket.Transport.Guarantees;

    /// <inheritdoc/>
    public Task Completion => completion.Task;

    public bool IsEnded => ended;

    public bool IsClosed => ended && error is null;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Binding => default;

    /// <summary>Takes the peer's messages instead of the host's handlers; null when they do.</summary>
    public HandlerQueue? Consumer => consumer;

    /// <summary>Nothing waits to leave. Under the gate.</summary>
    public bool IsDrained => buffered == 0 && sends.IsEmpty;

    /// <inheritdoc/>
    public ValueTask SendMessage(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        sends.Send(data, tracked, cancellationToken);

    /// <inheritdoc/>
    public ValueTask SendMessages(ReadOnlyMemory<ReadOnlyMemory<byte>> messages, CancellationToken cancellationToken = default) =>
        sends.Send(messages, tracked, cancellationToken);

    /// <inheritdoc/>
    public bool TrySubmit(ref PendingSend send, CancellationToken cancellationToken, out ValueTask sending) =>
        sends.TrySubmit(ref send, cancellationToken, out sending);

    /// <inheritdoc/>
    public bool TrySend(ReadOnlySpan<byte> data)
    {
        CheckSize(data.Length);
        using (socket.Gate.Enter())
        {
            if (!HasRoom(data.Length) || !TryConnect(out var connected))
                return false;

            Send(connected, data, requestId: 0, track: false);
            diagnostics.OnSent(1);
            return true;
        }
    }

    /// <inheritdoc/>
    public int TrySendMessages(ReadOnlySpan<ReadOnlyMemory<byte>> messages)
    {
        CheckSize(MessageSizes.Of(messages).Largest); // API-221
        return TryTake(messages, track: false, out _);
    }

    /// <inheritdoc/>
    public int TryTake(ReadOnlySpan<ReadOnlyMemory<byte>> messages, bool track, out ulong lastNumber)
    {
        using (socket.Gate.Enter())
        {
            var taken = 0;
            while (taken < messages.Length && HasRoom(messages[taken].Length) && TryConnect(out var connected))
                Send(connected, messages[taken++].Span, requestId: 0, track);

            if (taken > 0)
                diagnostics.OnSent(taken);
            lastNumber = lastSent;
            return taken;
        }
    }

    /// <inheritdoc/>
    public bool TryRequest(ReadOnlySpan<byte> data, RequestWaiter waiter, Instant deadline)
    {
        ArgumentNullException.ThrowIfNull(waiter);
        CheckSize(data.Length);
        using (socket.Gate.Enter())
        {
            if (!HasRoom(data.Length) || !TryConnect(out var connected) || !connected.Requests.TryAdd(waiter, deadline))
                return false;

            waiter.CarrierState = connected;
            Send(connected, data, waiter.Id, track: false);
            diagnostics.OnRequested();
            return true;
        }
    }

    /// <inheritdoc/>
    public void CancelRequest(RequestWaiter waiter)
    {
        ArgumentNullException.ThrowIfNull(waiter);
        using (socket.Gate.Enter())
            (waiter.CarrierState as MemoryChannel)?.Requests.Remove(waiter.Id);
    }

    /// <inheritdoc/>
    public ValueTask WaitForRoom(CancellationToken cancellationToken)
    {
        using (socket.Gate.Enter())
        {
            if (ended)
                return ValueTask.FromException(WhyEnded());

            // A refusal with an empty buffer has another cause, the bound on open requests, which a reply clears.
            return buffered == 0 && channel?.Requests.IsFull != true ? ValueTask.CompletedTask : room.Wait(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        using (socket.Gate.Enter())
            End(null);
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// The peer's messages for this session come by <paramref name="incoming"/>: that is its channel unless it has one. Under the gate.
    /// </summary>
    public void Bind(MemoryChannel incoming)
    {
        if (channel is not null || ended)
            return;

        channel = incoming;
        incoming.Sessions.Add(this);
    }

    /// <summary>A message, or a request, has left for the peer's handlers. Under the gate.</summary>
    public void OnTaken(int length)
    {
        if (ended)
            return;

        buffered -= length + Limits.MemoryMessageOverhead;
        OnRoom();
    }

    /// <summary>There may be room. Under the gate.</summary>
    public void OnRoom() => room.ReleaseAll();

    /// <summary>The peer's handler is done with a message. Under the gate.</summary>
    public void OnDelivered(ulong number) => sends.OnDelivered(number);

    /// <summary>Ends the session; without a reason it was closed here. Under the gate.</summary>
    public void End(Exception? why)
    {
        if (ended)
            return;

        ended = true;
        error = why;
        buffered = 0;
        socket.Forget(this);
        channel?.Sessions.Remove(this);
        consumer?.Close();
        room.FailAll(WhyEnded());

        // API-020: who waited when this side closed learns that; who comes later has a closed session in hand.
        sends.FailAll(why ?? Lost(maybeDelivered: false), why ?? Lost(maybeDelivered: true));
        completion.End(why);
    }

    private static ObjectDisposedException Closed() =>
        new(nameof(ISocketSession), "The session is closed: open another.");

    private SessionLostException Lost(bool maybeDelivered) => new(Remote.Id, PeerLoss.ClosedLocally, maybeDelivered);

    private Exception WhyEnded() => error ?? Closed();

    private void CheckSize(int length)
    {
        if (MessageSizes.Check(length, Guarantees) is { } tooLarge)
            throw tooLarge;
    }

    private bool HasRoom(int length) =>
        !ended && (buffered == 0 || buffered + length + Limits.MemoryMessageOverhead <= Limits.MemoryBufferBytesMax);

    private bool TryConnect([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out MemoryChannel? connected)
    {
        if (channel is null && !ended)
        {
            channel = socket.Connect(Remote, out var attempts);
            if (channel is null)
                End(new PeerUnreachableException(Remote.Id, attempts));
            else
                channel.Sessions.Add(this);
        }

        connected = ended ? null : channel;
        return connected is not null;
    }

    private void Send(MemoryChannel connected, ReadOnlySpan<byte> data, ulong requestId, bool track)
    {
        buffered += data.Length + Limits.MemoryMessageOverhead;
        lastSent++;
        connected.Tell(new MemoryEvent
        {
            Kind = MemoryEventKind.Message,
            Channel = connected.Other,
            Session = this,
            Number = lastSent,
            RequestId = requestId,
            Tracked = track,
            From = Protocol.IsEmpty ? socket.ReturnAddress() : null,
            Buffer = MemoryBuffers.Copy(data),
            Length = data.Length,
        });
    }
}
