using System.Threading.Tasks.Sources;
using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// What <see cref="IMessageHost.ReceiveMessages"/> gives: a protocol's messages, owned by the reader, in order of arrival. Bounded as a
/// handler's queue is. Enumerated once, by one thread at a time; <see cref="Offer"/> and cancellation come from anywhere.
/// </summary>
/// <remarks>
/// A reliable message counts as handled when it is read. A request may be answered at any time later, and is not answered for the reader.
/// </remarks>
internal sealed class MessageReader
    : IMessageConsumer, IAsyncEnumerable<Message>, IAsyncEnumerator<Message>, IValueTaskSource<bool>, IThreadPoolWorkItem
{
    private readonly Lock gate = new();
    private readonly HandlerServices services;
    private readonly HandlerReports reports;
    private readonly Action<MessageReader> unsubscribe;
    private readonly MessageBacklog backlog = new(buffers: null);
    private ManualResetValueTaskSourceCore<bool> waiter;
    private CancellationTokenRegistration ofSubscription;
    private CancellationTokenRegistration ofEnumeration;
    private CancellationToken cancelledBy;
    private bool isEnumerated;
    private bool isWaiting;
    private bool isPosted;
    private bool isEnded;

    public MessageReader(HandlerServices services, ProtocolId protocol, Action<MessageReader> unsubscribe)
    {
        Protocol = protocol;
        this.services = services;
        this.unsubscribe = unsubscribe;
        reports = services.ReportsFor(protocol);
    }

    public ProtocolId Protocol { get; }

    /// <inheritdoc/>
    public int Count => backlog.Count;

    /// <inheritdoc/>
    public Message Current { get; private set; }

    /// <summary>Ends the subscription when the token is cancelled, whether or not it is being enumerated.</summary>
    public void EndOn(CancellationToken cancellationToken) => ofSubscription = Register(cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerator<Message> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            if (isEnumerated)
            {
                throw new InvalidOperationException(
                    $"These messages of {Protocol} are being enumerated already: call ReceiveMessages again when that has ended.");
            }

            isEnumerated = true;
        }

        ofEnumeration = Register(cancellationToken);
        return this;
    }

    /// <inheritdoc/>
    public ValueTask<bool> MoveNextAsync()
    {
        reports.LogDrops();
        Taken taken;
        lock (gate)
        {
            if (isWaiting)
                throw new InvalidOperationException("A MoveNextAsync is under way: await it before the next.");
            if (cancelledBy.IsCancellationRequested)
                return ValueTask.FromCanceled<bool>(cancelledBy);

            if (!TryTake(out taken))
            {
                if (isEnded)
                    return ValueTask.FromResult(false);

                waiter.Reset();
                isWaiting = true;
                return new ValueTask<bool>(this, waiter.Version);
            }
        }

        Tell(taken);
        return ValueTask.FromResult(true);
    }

    /// <summary>Ends the subscription and drops what was not read.</summary>
    public ValueTask DisposeAsync()
    {
        ofEnumeration.Dispose();
        ofSubscription.Dispose();
        End(default);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public SinkResult Offer(in IncomingMessage message)
    {
        lock (gate)
        {
            if (isEnded)
                return SinkResult.NoHandler;

            if (backlog.TryAdd(message))
            {
                reports.CountTaken(1);
                Wake();
                return SinkResult.Taken;
            }

            if (message.Inbox is { } inbox)
                backlog.AddWaiter(inbox);
            if (message.Inbox is null && message.ReplyTo is null)
                reports.CountDropped();
            else
                reports.CountBusy();
            return SinkResult.Busy;
        }
    }

    /// <summary>The host closes: what is queued can still be read, then the enumeration ends.</summary>
    public void Close()
    {
        lock (gate)
        {
            isEnded = true;
            Wake();
        }
    }

    /// <summary>Completes the waiting MoveNextAsync, on the scheduler.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        Taken taken = default;
        bool took;
        CancellationToken cancelled;
        lock (gate)
        {
            isPosted = false;
            cancelled = cancelledBy;
            took = !cancelled.IsCancellationRequested && TryTake(out taken);
            if (!took && !isEnded)
                return;

            isWaiting = false;
        }

        if (took)
            Tell(taken);
        if (cancelled.IsCancellationRequested)
            waiter.SetException(new OperationCanceledException(cancelled));
        else
            waiter.SetResult(took);
    }

    bool IValueTaskSource<bool>.GetResult(short token) => waiter.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => waiter.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        waiter.OnCompleted(continuation, state, token, flags);

    private CancellationTokenRegistration Register(CancellationToken cancellationToken) =>
        cancellationToken.UnsafeRegister(static (reader, token) => ((MessageReader)reader!).End(token), this);

    private void End(CancellationToken cancelled)
    {
        // The table first, without our lock: a carrier holds its gate when it takes ours.
        unsubscribe(this);
        DroppedMessages dropped;
        lock (gate)
        {
            isEnded = true;
            if (!cancelledBy.CanBeCanceled)
                cancelledBy = cancelled;
            dropped = backlog.TakeAll(reports);
            Wake();
        }

        services.Platform.Scheduler.Post(dropped);
    }

    // Under the lock.
    private void Wake()
    {
        if (!isWaiting || isPosted)
            return;

        isPosted = true;
        services.Platform.Scheduler.Post(this);
    }

    // Under the lock.
    private bool TryTake(out Taken taken)
    {
        taken = default;
        if (!backlog.TryTake(1, out var message))
            return false;

        taken = new Taken(message.Inbox, message.Token, backlog.HasWaiters);
        Current = message.ToMessage();
        reports.Diagnostics.OnConsumed(1);
        backlog.Release(message);
        return true;
    }

    private void Tell(in Taken taken)
    {
        if (taken.Inbox is { } handled)
        {
            using (services.HostGate.Enter())
            {
                handled.OnHandled([taken.Token]);
                handled.AfterHandled();
            }
        }

        if (!taken.HasWaiters)
            return;

        while (true)
        {
            ICarrierInbox? inbox;
            lock (gate)
            {
                if (!backlog.TryTakeWaiter(out inbox))
                    return;
            }

            inbox.OnRoom(Protocol);
        }
    }

    private readonly record struct Taken(ICarrierInbox? Inbox, ulong Token, bool HasWaiters);
}
