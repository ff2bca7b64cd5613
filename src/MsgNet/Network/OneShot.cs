using System.Threading.Tasks.Sources;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// The end of one operation that one caller awaits. The first of result, failure and cancellation wins; the rest does nothing. Safe on any
/// thread, also under the gate: the caller's continuation runs on the scheduler.
/// </summary>
/// <remarks>Not reused: whoever serves the operation may hold on to it after its end, and what comes late must find it ended.</remarks>
internal sealed class OneShot<T>(IScheduler scheduler) : IValueTaskSource<T>, IThreadPoolWorkItem
{
    // Continuations run inside Execute, which the scheduler calls: that is asynchronous enough.
    private ManualResetValueTaskSourceCore<T> core = new() { RunContinuationsAsynchronously = false };
    private CancellationTokenRegistration registration;
    private Action? onCancelled;
    private T result = default!;
    private Exception? error;
    private bool endedByCaller;
    private int ended;

    /// <summary>Measures the operation; set before it begins, ends with it.</summary>
    public Observation Observation { get; set; }

    /// <summary>True once it has ended in any way.</summary>
    public bool IsEnded => Volatile.Read(ref ended) != 0;

    /// <summary>What the caller awaits, once.</summary>
    public ValueTask<T> Wait => new(this, core.Version);

    /// <summary>
    /// Claims the end; false when it had ended. Whoever claims it calls <see cref="Complete"/> next, and may touch what belongs to the
    /// caller, such as its buffer, before.
    /// </summary>
    public bool TryClaim() => Interlocked.Exchange(ref ended, 1) == 0;

    /// <summary>Ends with a result, after <see cref="TryClaim"/>.</summary>
    public void Complete(T value)
    {
        result = value;
        scheduler.Post(this);
    }

    /// <summary>Ends with <paramref name="why"/>; false when it had ended.</summary>
    public bool Fail(Exception why)
    {
        if (!TryClaim())
            return false;

        error = why;
        scheduler.Post(this);
        return true;
    }

    /// <summary>From now on the end of <paramref name="cancellationToken"/> ends the wait. Called once.</summary>
    /// <param name="cancelled">Runs when that is what ended it, on the cancelling thread; null for nothing.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public void CancelWith(Action? cancelled, CancellationToken cancellationToken)
    {
        onCancelled = cancelled;
        registration = cancellationToken.UnsafeRegister(static (state, token) => ((OneShot<T>)state!).OnCancelled(token), this);
    }

    /// <inheritdoc/>
    public void Execute()
    {
        // A callback that runs elsewhere is waited for; in the cancelled case it is the one that posted this.
        if (!endedByCaller)
            registration.Dispose();
        Observation.End(error);
        if (error is null)
            core.SetResult(result);
        else
            core.SetException(error);
    }

    /// <inheritdoc/>
    public T GetResult(short token) => core.GetResult(token);

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        core.OnCompleted(continuation, state, token, flags);

    private void OnCancelled(CancellationToken token)
    {
        if (!TryClaim())
            return;

        endedByCaller = true;
        error = new OperationCanceledException(token);
        onCancelled?.Invoke();
        scheduler.Post(this);
    }
}
