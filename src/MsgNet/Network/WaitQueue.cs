using System.Threading.Tasks.Sources;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Callers that wait for one thing, such as room in a peer's queue, in the order they came. Its owner calls every member under the host's
/// gate; continuations run on the scheduler, under no lock. Waiters are reused, so that waiting allocates nothing in the steady state.
/// </summary>
internal sealed class WaitQueue(Gate gate, IScheduler scheduler)
{
    private const int SpareWaitersMax = 64;
    private readonly Gate gate = gate;
    private readonly IScheduler scheduler = scheduler;
    private volatile Waiter? first;
    private Waiter? last;
    private Waiter? spare;
    private int spares;

    /// <summary>
    /// True when nobody waits. May be read without the gate; then it is what the reading thread itself left behind, or newer.
    /// </summary>
    public bool IsEmpty => first is null;

    /// <summary>What the caller that waits longest wants to send; there is one.</summary>
    public ref PendingSend First
    {
        get
        {
            Invariant.Check(gate.IsHeldByCurrentThread);
            Invariant.Check(first is not null);
            return ref first.Send;
        }
    }

    /// <summary>Waits until released or failed, or ends with <see cref="OperationCanceledException"/>.</summary>
    public ValueTask Wait(CancellationToken cancellationToken) => Wait(default, cancellationToken);

    /// <summary>Waits with something to send, or for its delivery.</summary>
    public ValueTask Wait(in PendingSend send, CancellationToken cancellationToken)
    {
        Invariant.Check(gate.IsHeldByCurrentThread);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        var waiter = TakeSpare();
        waiter.Send = send;
        Append(waiter);
        return waiter.Start(cancellationToken);
    }

    /// <summary>Lets the caller that waits longest here wait on in <paramref name="other"/>, for the delivery of what it sent.</summary>
    public void MoveFirst(WaitQueue other)
    {
        Invariant.Check(gate.IsHeldByCurrentThread);
        Invariant.Check(other.gate == gate);
        if (first is not { } waiter)
            return;

        Remove(waiter);
        other.Append(waiter);
    }

    /// <summary>Releases the caller that waits longest; false when nobody waits.</summary>
    public bool ReleaseFirst()
    {
        Invariant.Check(gate.IsHeldByCurrentThread);
        if (first is not { } waiter)
            return false;

        End(waiter, null);
        return true;
    }

    /// <summary>
    /// The message of that number was delivered: releases its caller if that was the last it waits for. False when nobody sent it.
    /// </summary>
    public bool Release(ulong number)
    {
        Invariant.Check(gate.IsHeldByCurrentThread);
        var waiter = first;
        while (waiter is not null && !waiter.Send.Holds(number))
            waiter = waiter.Next;
        if (waiter is null)
            return false;

        if (waiter.Send.OnDelivered())
            End(waiter, null);
        return true;
    }

    /// <summary>Releases callers in the order they came, up to the first that waits for more than <paramref name="number"/>.</summary>
    public void ReleaseUpTo(ulong number)
    {
        Invariant.Check(gate.IsHeldByCurrentThread);
        while (first is { } waiter && waiter.Send.LastNumber <= number)
            End(waiter, null);
    }

    /// <summary>Releases everybody who waits now, in the order they came.</summary>
    public void ReleaseAll()
    {
        while (ReleaseFirst())
        {
        }
    }

    /// <summary>Ends every wait with <paramref name="error"/>.</summary>
    public void FailAll(Exception error)
    {
        Invariant.Check(gate.IsHeldByCurrentThread);
        while (first is { } waiter)
            End(waiter, error);
    }

    private void Append(Waiter waiter)
    {
        waiter.Queue = this;
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
        waiter.Queue = null;
    }

    private void End(Waiter waiter, Exception? error)
    {
        Remove(waiter);
        waiter.Error = error;
        scheduler.Post(waiter);
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
        using (gate.Enter())
        {
            if (spares >= SpareWaitersMax)
                return;

            waiter.Next = spare;
            spare = waiter;
            spares++;
        }
    }

    private sealed class Waiter(WaitQueue home) : IValueTaskSource, IThreadPoolWorkItem
    {
        // Continuations run inside Execute, which the scheduler calls: that is asynchronous enough.
        private ManualResetValueTaskSourceCore<bool> core = new() { RunContinuationsAsynchronously = false };
        private CancellationTokenRegistration registration;

        // The queue it stands in; null once its wait has ended.
        public WaitQueue? Queue { get; set; }

        public Waiter? Previous { get; set; }

        public Waiter? Next { get; set; }

        // A field, since its owner changes it in place.
        public PendingSend Send;

        public Exception? Error { get; set; }

        public ValueTask Start(CancellationToken cancellationToken)
        {
            var task = new ValueTask(this, core.Version);
            registration = cancellationToken.UnsafeRegister(static (state, token) => ((Waiter)state!).OnCancelled(token), this);
            return task;
        }

        public void Execute()
        {
            CancellationTokenRegistration ended;
            Exception? outcome;
            using (home.gate.Enter())
            {
                // Start may still be between registering and storing what it registered, and who ended the wait between sending and noting
                // what was sent; both hold the gate until they have.
                ended = registration;
                registration = default;
                outcome = Send.OutcomeOf(Error);
                Send = default;
            }

            // Waits for a callback that runs now, so none can meet this waiter in its next life. Never under the gate, which the callback
            // takes.
            ended.Dispose();
            if (outcome is null)
                core.SetResult(true);
            else
                core.SetException(outcome);
        }

        public void GetResult(short token)
        {
            try
            {
                core.GetResult(token);
            }
            finally
            {
                Error = null;
                core.Reset();
                home.GiveBack(this);
            }
        }

        public ValueTaskSourceStatus GetStatus(short token) => core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            core.OnCompleted(continuation, state, token, flags);

        private void OnCancelled(CancellationToken token)
        {
            using (home.gate.Enter())
                Queue?.End(this, new OperationCanceledException(token));
        }
    }
}
