using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// One request that waits for its reply. The first of reply, failure, timeout and cancellation wins; the rest does nothing. Safe on any
/// thread, also under the gate: the requester's continuation runs on the scheduler.
/// </summary>
/// <remarks>Not reused: a carrier may hold on to it after its end, and a late reply must find it ended.</remarks>
internal sealed class RequestWaiter
{
    private readonly OneShot<Message> end;
    private readonly TimeSpan timeout;
    private volatile ICarrierSession? session;

    public RequestWaiter(IScheduler scheduler, PeerId peer, ProtocolId protocol, TimeSpan timeout)
    {
        end = new OneShot<Message>(scheduler);
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
    public bool IsEnded => end.IsEnded;

    /// <summary>The reply; to be awaited once.</summary>
    public ValueTask<Message> Reply => end.Wait;

    /// <summary>
    /// Ends the request with what the peer answered; a status other than 0 becomes <see cref="RequestFailedException"/>. Copies <paramref
    /// name="data"/>.
    /// </summary>
    /// <returns>False when the request had ended.</returns>
    public bool Complete(RequestStatus status, ReadOnlySpan<byte> data, Delivery delivery)
    {
        if (status != RequestStatus.Ok)
            return Fail(new RequestFailedException(Peer, Protocol, status));
        if (!end.TryClaim())
            return false;

        end.Complete(new Message(Peer, Protocol, data.ToArray(), delivery));
        return true;
    }

    /// <summary>Ends the request with <paramref name="why"/>; false when it had ended.</summary>
    public bool Fail(Exception why) => end.Fail(why);

    /// <summary>Ends the request because its deadline has passed; false when it had ended.</summary>
    public bool FailTimedOut() => Fail(new TimeoutException( // REQ-022
        $"{Peer} did not answer the request on {Protocol} within {timeout.TotalSeconds:0.###} s; check that it runs and that its handler "
        + "replies, or give RequestOptions.Timeout more time."));

    /// <summary>Measures the request while somebody listens. Called once, before the request is sent.</summary>
    public void Observe(ProtocolDiagnostics diagnostics, int size)
    {
        end.Observation = diagnostics.Begin(diagnostics.Request, Peer, size); // API-156
        end.Observation.Leave();
    }

    /// <summary>
    /// From now on the end of <paramref name="cancellationToken"/> ends the request. Called once, before the request is sent.
    /// </summary>
    public void CancelWith(CancellationToken cancellationToken) => end.CancelWith(() => session?.CancelRequest(this), cancellationToken);

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
}
