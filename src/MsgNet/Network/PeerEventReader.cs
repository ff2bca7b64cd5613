using System.Threading.Tasks.Sources;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// One reader of peer events: a queue of at most <see cref="Limits.PeerEventsMax"/>, from which the oldest go, and the one enumerator
/// over it.
/// </summary>
internal sealed class PeerEventReader
    : IAsyncEnumerable<PeerEvent>, IAsyncEnumerator<PeerEvent>, IValueTaskSource<bool>, IThreadPoolWorkItem
{
    private readonly PeerEventHub hub;
    private readonly Gate gate;
    private readonly IScheduler scheduler;
    private readonly CancellationToken subscription;
    private readonly Queue<PeerEvent> events = [];
    private ManualResetValueTaskSourceCore<bool> core = new() { RunContinuationsAsynchronously = false };
    private CancellationTokenRegistration registration;
    private CancellationTokenRegistration enumeration;
    private CancellationToken cancelledBy;
    private PeerEvent? current;
    private PeerEvent? handedOver;
    private bool enumerated;
    private bool waits;
    private bool ended;

    public PeerEventReader(PeerEventHub hub, Gate gate, IScheduler scheduler, CancellationToken cancellationToken)
    {
        this.hub = hub;
        this.gate = gate;
        this.scheduler = scheduler;
        subscription = cancellationToken;

        // Also without an enumeration a cancelled subscription must not live on in the hub.
        registration = cancellationToken.UnsafeRegister(static (state, token) => ((PeerEventReader)state!).Cancel(token), this);
    }

    /// <inheritdoc/>
    public PeerEvent Current => current ?? throw new InvalidOperationException("There is no current event: call MoveNextAsync first.");

    /// <summary>Adds an event; under the gate.</summary>
    public void Add(PeerEvent happened)
    {
        if (events.Count == Limits.PeerEventsMax)
            events.Dequeue();
        events.Enqueue(happened);
        Wake();
    }

    /// <summary>No event comes any more; under the gate.</summary>
    public void End()
    {
        ended = true;
        Wake();
    }

    /// <inheritdoc/>
    public IAsyncEnumerator<PeerEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref enumerated, true))
            throw new InvalidOperationException("These peer events have a reader: call PeerEvents again for another.");

        if (cancellationToken != subscription)
            enumeration = cancellationToken.UnsafeRegister(static (state, token) => ((PeerEventReader)state!).Cancel(token), this);
        return this;
    }

    /// <inheritdoc/>
    public ValueTask<bool> MoveNextAsync()
    {
        using (gate.Enter())
        {
            if (waits)
                throw new InvalidOperationException("The last MoveNextAsync has not ended: await it first.");
            if (cancelledBy.IsCancellationRequested)
                return ValueTask.FromCanceled<bool>(cancelledBy);
            if (events.TryDequeue(out var happened))
            {
                current = happened;
                return new ValueTask<bool>(true);
            }

            if (ended)
                return new ValueTask<bool>(false);

            waits = true;
            core.Reset();
            return new ValueTask<bool>(this, core.Version);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        using (gate.Enter())
        {
            hub.Remove(this);
            events.Clear();
            End();
        }

        registration.Dispose();
        enumeration.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Execute()
    {
        if (cancelledBy.IsCancellationRequested)
        {
            core.SetException(new OperationCanceledException(cancelledBy));
            return;
        }

        current = handedOver ?? current;
        core.SetResult(handedOver is not null);
    }

    /// <inheritdoc/>
    public bool GetResult(short token) => core.GetResult(token);

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        core.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken token)
    {
        using (gate.Enter())
        {
            cancelledBy = token;
            hub.Remove(this);
            Wake();
        }
    }

    private void Wake()
    {
        if (!waits)
            return;

        waits = false;
        events.TryDequeue(out handedOver);
        scheduler.Post(this);
    }
}
