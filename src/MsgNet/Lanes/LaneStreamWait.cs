using System.Threading.Tasks.Sources;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// The one read, or the one write, of a stream that waits; reused, so that waiting allocates nothing. Every member but those of the
/// interfaces is called under the gate; its caller goes on on the scheduler.
/// </summary>
// API-183
internal sealed class LaneStreamWait(Gate gate, IScheduler scheduler) : IValueTaskSource<int>, IValueTaskSource, IThreadPoolWorkItem
{
    // Continuations run inside Execute, which the scheduler calls: that is asynchronous enough.
    private ManualResetValueTaskSourceCore<int> core = new() { RunContinuationsAsynchronously = false };
    private CancellationTokenRegistration registration;
    private Memory<byte> buffer;
    private ReadOnlyMemory<byte> rest;
    private int count;
    private Exception? error;
    private volatile bool isTaken;

    /// <summary>A caller has not fetched the result of the last wait yet.</summary>
    public bool IsTaken => isTaken;

    /// <summary>A caller waits: it was not told of an end yet.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>An operation ended with some of its bytes moved and not all; stays so.</summary>
    public bool WasCutShort { get; private set; }

    /// <summary>A read waits; ends by <see cref="Complete"/>, <see cref="Fail"/> or the token.</summary>
    public ValueTask<int> StartRead(Memory<byte> destination, CancellationToken cancellationToken)
    {
        buffer = destination;
        Start(0, cancellationToken);
        return new ValueTask<int>(this, core.Version);
    }

    /// <summary>A write of which <paramref name="moved"/> bytes were accepted waits.</summary>
    public ValueTask StartWrite(ReadOnlyMemory<byte> data, int moved, CancellationToken cancellationToken)
    {
        rest = data;
        Start(moved, cancellationToken);
        return new ValueTask(this, core.Version);
    }

    /// <summary>Where a waiting read wants its bytes; false when none waits.</summary>
    public bool TryGetBuffer(out Span<byte> destination)
    {
        destination = default;
        try
        {
            if (IsWaiting)
                destination = buffer.Span;
        }
#pragma warning disable CA1031 // Memory that its owner has freed may throw anything: that is for its owner to hear, not for the carrier.
        catch (Exception misuse)
#pragma warning restore CA1031
        {
            Fail(misuse);
        }

        return IsWaiting;
    }

    /// <summary>What a waiting write still has to hand over; false when none waits.</summary>
    public bool TryGetRest(out ReadOnlySpan<byte> data)
    {
        data = default;
        try
        {
            if (IsWaiting)
                data = rest.Span;
        }
#pragma warning disable CA1031 // As above.
        catch (Exception misuse)
#pragma warning restore CA1031
        {
            Fail(misuse);
        }

        return IsWaiting;
    }

    /// <summary>More of a waiting write was accepted; with all of it, it is done.</summary>
    public void Advance(int moved)
    {
        rest = rest[moved..];
        count += moved;
        if (rest.IsEmpty)
            End(null);
    }

    /// <summary>A waiting read is done.</summary>
    public void Complete(int moved)
    {
        count = moved;
        End(null);
    }

    /// <summary>The operation failed; does nothing when none waits.</summary>
    public void Fail(Exception why)
    {
        if (!IsWaiting)
            return;

        WasCutShort |= count > 0;
        End(why);
    }

    /// <inheritdoc/>
    public void Execute()
    {
        CancellationTokenRegistration ended;
        using (gate.Enter())
        {
            // Start may still be between registering and storing what it registered; it holds the gate until it has.
            ended = registration;
            registration = default;
        }

        // Waits for a callback that runs now, so that none meets the next wait. Never under the gate, which the callback takes.
        ended.Dispose();
        if (error is null)
            core.SetResult(count);
        else
            core.SetException(error);
    }

    int IValueTaskSource<int>.GetResult(short token) => Fetch(token);

    void IValueTaskSource.GetResult(short token) => Fetch(token);

    /// <inheritdoc cref="IValueTaskSource.GetStatus"/>
    public ValueTaskSourceStatus GetStatus(short token) => core.GetStatus(token);

    /// <inheritdoc cref="IValueTaskSource.OnCompleted"/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        core.OnCompleted(continuation, state, token, flags);

    private void Start(int moved, CancellationToken cancellationToken)
    {
        Invariant.Check(gate.IsHeldByCurrentThread && !isTaken);
        isTaken = true;
        IsWaiting = true;
        count = moved;
        registration = cancellationToken.UnsafeRegister(static (wait, token) => ((LaneStreamWait)wait!).OnCancelled(token), this);
    }

    private void End(Exception? why)
    {
        Invariant.Check(gate.IsHeldByCurrentThread && IsWaiting);
        IsWaiting = false;
        error = why;
        buffer = default;
        rest = default;
        scheduler.Post(this);
    }

    // API-174
    private void OnCancelled(CancellationToken token)
    {
        using (gate.Enter())
            Fail(new OperationCanceledException(token));
    }

    private int Fetch(short token)
    {
        try
        {
            return core.GetResult(token);
        }
        finally
        {
            error = null;
            core.Reset();
            isTaken = false;
        }
    }
}
