using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// The cancellation token of one slot's calls, and their timeout. A source serves call after call until it is cancelled; the timer is armed
/// at most once per timeout, not per call.
/// </summary>
/// <remarks>
/// Its members are called under the queue's lock unless they say otherwise. Callbacks registered on a token are user code: they run on the
/// scheduler, from <see cref="Execute"/>.
/// </remarks>
internal sealed class HandlerToken(IHostPlatform platform, HandlerReports reports, Lock gate) : IThreadPoolWorkItem, IDisposable
{
    private readonly List<CancellationTokenSource> cancelling = [];
    private CancellationTokenSource? source = new();
    private IPlatformTimer? timer;
    private Instant armedFor = Instant.Never;
    private Instant deadline = Instant.Never;
    private TimeSpan timeout;

    // Which call the deadline is for: of a row the first, whose time is known.
    private int timedCall;
    private int calls;
    private bool disposed;
    private volatile bool timerRanOut;

    /// <summary>The token of the call under way; read by the slot's own thread, no lock needed.</summary>
    public CancellationToken Current { get; private set; }

    /// <summary>The call under way was told to stop; no lock needed.</summary>
    public bool IsCancelled => Current.IsCancellationRequested;

    /// <summary>Whose message the call under way is for; set by the slot's own thread, no lock needed.</summary>
    public PeerId Peer { get; set; }

    /// <summary>A call begins, or a row of inline calls.</summary>
    public void Begin(Instant now, TimeSpan timeoutOfCall)
    {
        source ??= new CancellationTokenSource();
        Current = source.Token;
        timeout = timeoutOfCall;
        Restart(now);
        timedCall++;
    }

    /// <summary>The call under way has its whole time from now on.</summary>
    public void Restart(Instant now)
    {
        deadline = now + timeout;
        timedCall = calls;
        if (deadline < armedFor)
            Arm();
    }

    /// <summary>The next call of a row begins; by the slot's own thread, no lock needed.</summary>
    public void OnCall() => calls++;

    /// <summary>
    /// A call of a row has ended; what it registered on its token is forgotten. False when the token is cancelled, and the next call needs
    /// another. Without a lock, by the slot's own thread.
    /// </summary>
    public bool TryReuse() => Volatile.Read(ref source)?.TryReset() == true;

    /// <summary>The call has ended; what it registered on its token is forgotten.</summary>
    public void End()
    {
        deadline = Instant.Never;
        source?.TryReset();
    }

    /// <summary>Cancels the call under way, if there is one, on the scheduler.</summary>
    public void Cancel()
    {
        if (deadline.IsNever || source is null)
            return;

        TakeSource();
        platform.Scheduler.Post(this);
    }

    /// <summary>Frees the timer; no call begins after this.</summary>
    public void Dispose()
    {
        disposed = true;
        timer?.Dispose();
        timer = null;
    }

    /// <summary>The timer has run out, or a call is to be cancelled. On the scheduler, under no lock.</summary>
    public void Execute()
    {
        CancellationTokenSource[] sources;
        PeerId stuckPeer = default;
        TimeSpan stuckTimeout;
        lock (gate)
        {
            if (IsTimerDue() && source is not null && !deadline.IsNever)
            {
                stuckPeer = Peer;
                reports.CountStuck();
                TakeSource();
            }

            stuckTimeout = timeout;
            sources = [.. cancelling];
            cancelling.Clear();
        }

        if (!stuckPeer.IsEmpty)
            reports.LogStuck(stuckPeer, stuckTimeout);
        foreach (var each in sources)
            CancelNow(each);
    }

    // The next call gets a source of its own, so a late cancellation never hits it.
    private void TakeSource()
    {
        cancelling.Add(source!);
        source = null;
    }

    private bool IsTimerDue()
    {
        if (!timerRanOut)
            return false;

        timerRanOut = false;
        armedFor = Instant.Never;
        var now = platform.Now;
        var underWay = Volatile.Read(ref calls);
        if (deadline <= now && underWay == timedCall)
            return true;

        // A later call of the row, which has its whole time from now on: when it began nobody noted.
        if (deadline <= now)
            (deadline, timedCall) = (now + timeout, underWay);

        // A call that began later: its own deadline is still to come.
        if (!deadline.IsNever && source is not null)
            Arm();
        return false;
    }

    private void Arm()
    {
        if (disposed)
            return;

        timer ??= platform.CreateTimer(OnTimer);
        armedFor = deadline;
        timer.Set(deadline);
    }

    private void OnTimer()
    {
        timerRanOut = true;
        platform.Scheduler.Post(this);
    }

    private void CancelNow(CancellationTokenSource cancelled)
    {
        try
        {
            cancelled.Cancel();
        }
        catch (AggregateException exception)
        {
            reports.CallbackFailed(exception);
        }
    }
}
