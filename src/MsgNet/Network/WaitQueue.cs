using System.Threading.Tasks.Sources;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Callers that wait for one thing, such as room in a peer's queue. Its owner calls every member under the host's gate; continuations run
/// on the scheduler, under no lock. Waiters are reused, so that waiting allocates nothing in the steady state.
/// </summary>
internal sealed class WaitQueue(Lock gate, IScheduler scheduler)
{
    private const int SpareWaitersMax = 64;
    private readonly Lock gate = gate;
    private readonly IScheduler scheduler = scheduler;
    private Waiter? first;
    private Waiter? last;
    private Waiter? spare;
    private int spares;

    /// <summary>True when nobody waits.</summary>
    public bool IsEmpty => first is null;

    /// <summary>Waits until released or failed, or ends with <see cref="OperationCanceledException"/>.</summary>
    public ValueTask Wait(CancellationToken cancellationToken)
    {
        Invariant.Check(gate.IsHeldByCurrentThread);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        var waiter = TakeSpare();
        Append(waiter);
        return waiter.Start(cancellationToken);
    }

    /// <summary>Releases the caller that waits longest; false when nobody waits.</summary>
    public bool ReleaseOne()
    {
        Invariant.Check(gate.IsHeldByCurrentThread);
        if (first is not { } waiter)
            return false;

        Remove(waiter);
        waiter.End(null);
        return true;
    }

    /// <summary>Releases everybody who waits now, in the order they came.</summary>
    public void ReleaseAll()
    {
        while (ReleaseOne())
        {
        }
    }

    /// <summary>Ends every wait with <paramref name="error"/>.</summary>
    public void FailAll(Exception error)
    {
        Invariant.Check(gate.IsHeldByCurrentThread);
        while (first is { } waiter)
        {
            Remove(waiter);
            waiter.End(error);
        }
    }

    private void Append(Waiter waiter)
    {
        waiter.IsQueued = true;
        waiter.Previous = last;
        if (last is null)
            first = waiter;
        else
            last.Next = waiter;
        last = waiter;
    }

    private void Remove(Waiter waiter)
    {
        if (waiter.Previous is null)
            first = waiter.Next;
        else
            waiter.Previous.Next = waiter.Next;
        if (waiter.Next is null)
            last = waiter.Previous;
        else
            waiter.Next.Previous = waiter.Previous;
        waiter.Previous = waiter.Next = null;
        waiter.IsQueued = false;
    }

    private Waiter TakeSpare()
    {
        if (spare is not { } waiter)
            return new Waiter(this);

        spare = waiter.Next;
        waiter.Next = null;
        spares--;
        return waiter;
    }

    private void GiveBack(Waiter waiter)
    {
        lock (gate)
        {
            if (spares >= SpareWaitersMax)
                return;

            waiter.Next = spare;
            spare = waiter;
            spares++;
        }
    }

    private sealed class Waiter(WaitQueue owner) : IValueTaskSource, IThreadPoolWorkItem
    {
        // Continuations run inside Execute, which the scheduler calls: that is asynchronous enough.
        private ManualResetValueTaskSourceCore<bool> core = new() { RunContinuationsAsynchronously = false };
        private CancellationTokenRegistration registration;
        private Exception? error;

        public Waiter? Previous { get; set; }

        public Waiter? Next { get; set; }

        public bool IsQueued { get; set; }

        public ValueTask Start(CancellationToken cancellationToken)
        {
            var task = new ValueTask(this, core.Version);
            registration = cancellationToken.UnsafeRegister(static (state, token) => ((Waiter)state!).OnCancelled(token), this);
            return task;
        }

        // Under the gate, once per wait.
        public void End(Exception? why)
        {
            error = why;
            owner.scheduler.Post(this);
        }

        public void Execute()
        {
            CancellationTokenRegistration ended;
            lock (owner.gate)
            {
                // Start may still be between registering and storing what it registered; it holds the gate until it has.
                ended = registration;
                registration = default;
            }

            // Waits for a callback that runs now, so none can meet this waiter in its next life. Never under the gate, which the callback takes.
            ended.Dispose();
            if (error is null)
                core.SetResult(true);
            else
                core.SetException(error);
        }

        public void GetResult(short token)
        {
            try
            {
                core.GetResult(token);
            }
            finally
            {
                error = null;
                core.Reset();
                owner.GiveBack(this);
            }
        }

        public ValueTaskSourceStatus GetStatus(short token) => core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            core.OnCompleted(continuation, state, token, flags);

        private void OnCancelled(CancellationToken token)
        {
            lock (owner.gate)
            {
                if (!IsQueued)
                    return;

                owner.Remove(this);
                End(new OperationCanceledException(token));
            }
        }
    }
}
