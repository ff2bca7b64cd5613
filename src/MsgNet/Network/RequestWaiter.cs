using System.Threading.Tasks.Sources;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// One request that waits for its reply. The first of reply, failure, timeout and cancellation wins; the rest does nothing. Safe on any
/// thread, also under the gate: the requester's continuation runs on the scheduler.
/// </summary>
/// <remarks>Not reused: a carrier may hold on to it after its end, and a late reply must find it ended.</remarks>
internal sealed class RequestWaiter : IValueTaskSource<Message>, IThreadPoolWorkItem
{
    private readonly IScheduler scheduler;
    private readonly TimeSpan timeout;

    // Continuations run inside Execute, which the scheduler calls: that is asynchronous enough.
    private ManualResetValueTaskSourceCore<Message> core = new() { RunContinuationsAsynchronously = false };
    private CancellationTokenRegistration registration;
    private volatile ICarrierSession? session;
    private Observation observation;
    private Exception? error;
    private Message reply;
    private bool endedByCaller;
    private int ended;

    public RequestWaiter(IScheduler scheduler, PeerId peer, ProtocolId protocol, TimeSpan timeout)
    {
        this.scheduler = scheduler;
        this.timeout = timeout;
        Peer = peer;
        Protocol = protocol;
    }

    /// <summary>Who is asked.</summary>
    public PeerId Peer { get; }

    /// <summary>On which protocol.</summary>
    public ProtocolId Protocol { get; }

    /// <summary>The carrier's number of the request; MsgNet's upper layers neither read nor write it.</summary>
    public ulong Id { get; set; }

    /// <summary>The carrier's own.</summary>
    public object? CarrierState { get; set; }

    /// <summary>True once the request has ended in any way; what comes now is dropped.</summary>
    public bool IsEnded => Volatile.Read(ref ended) != 0;

    /// <summary>The reply; to be awaited once.</summary>
    public ValueTask<Message> Reply => new(this, core.Version);

    /// <summary>
    /// Ends the request with what the peer answered; a status other than 0 becomes <see cref="RequestFailedException"/>. Copies <paramref
    /// name="data"/>.
    /// </summary>
    /// <returns>False when the request had ended.</returns>
    public bool Complete(RequestStatus status, ReadOnlySpan<byte> data, Delivery delivery)
    {
        if (!TryEnd())
            return false;

        if (status == RequestStatus.Ok)
            reply = new Message(Peer, Protocol, data.ToArray(), delivery);
        else
            error = new RequestFailedException(Peer, Protocol, status);
        scheduler.Post(this);
        return true;
    }

    /// <summary>Ends the request with <paramref name="why"/>; false when it had ended.</summary>
    public bool Fail(Exception why)
    {
        if (!TryEnd())
            return false;

        error = why;
        scheduler.Post(this);
        return true;
    }

    /// <summary>Ends the request because its deadline has passed; false when it had ended.</summary>
    public bool FailTimedOut() => Fail(new TimeoutException( // REQ-022
        $"{Peer} did not answer the request on {Protocol} within {timeout.TotalSeconds:0.###} s; check that it runs and that its handler "
        + "replies, or give RequestOptions.Timeout more time."));

    /// <summary>Measures the request while somebody listens. Called once, before the request is sent.</summary>
    public void Observe(ProtocolDiagnostics diagnostics, int size)
    {
        observation = diagnostics.Begin(diagnostics.Request, Peer, size); // API-156
        observation.Leave();
    }

    /// <summary>
    /// From now on the end of <paramref name="cancellationToken"/> ends the request. Called once, before the request is sent.
    /// </summary>
    public void CancelWith(CancellationToken cancellationToken) =>
        registration = cancellationToken.UnsafeRegister(static (state, token) => ((RequestWaiter)state!).OnCancelled(token), this);

    /// <summary>Sends the request on <paramref name="carrier"/>; false when there is no room.</summary>
    public bool TrySend(ICarrierSession carrier, ReadOnlySpan<byte> data, Instant deadline)
    {
        session = carrier;
        if (!carrier.TryRequest(data, this, deadline))
            return false;

        // A cancellation may have come before the carrier knew the request; telling it twice is harmless.
        if (IsEnded)
            carrier.CancelRequest(this);
        return true;
    }

    /// <inheritdoc/>
    public void Execute()
    {
        // A callback that runs elsewhere is waited for; in the cancelled case it is the one that posted this.
        if (!endedByCaller)
            registration.Dispose();
        observation.End(error);
        if (error is null)
            core.SetResult(reply);
        else
            core.SetException(error);
    }

    /// <inheritdoc/>
    public Message GetResult(short token) => core.GetResult(token);

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        core.OnCompleted(continuation, state, token, flags);

    private bool TryEnd() => Interlocked.Exchange(ref ended, 1) == 0;

    private void OnCancelled(CancellationToken token)
    {
        if (!TryEnd())
            return;

        endedByCaller = true;
        error = new OperationCanceledException(token);
        session?.CancelRequest(this);
        scheduler.Post(this);
    }
}
