using System.Threading.Tasks.Sources;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// One <see cref="IMessageSocket.ReadMessage"/> that waits for its message. The first of message, failure and cancellation wins.
/// </summary>
internal sealed class ReadWaiter(IScheduler scheduler, Memory<byte> buffer)
    : IValueTaskSource<(Multiaddress From, int Bytes)>, IThreadPoolWorkItem
{
    // Continuations run inside Execute, which the scheduler calls: that is asynchronous enough.
    private ManualResetValueTaskSourceCore<(Multiaddress From, int Bytes)> core = new() { RunContinuationsAsynchronously = false };
    private CancellationTokenRegistration registration;
    private (Multiaddress From, int Bytes) result;
    private Exception? error;
    private bool endedByCaller;
    private int ended;

    /// <summary>True once it has ended in any way.</summary>
    public bool IsEnded => Volatile.Read(ref ended) != 0;

    /// <summary>The message; to be awaited once.</summary>
    public ValueTask<(Multiaddress From, int Bytes)> Read => new(this, core.Version);

    /// <summary>Copies as much as fits; returns how much.</summary>
    public static int Copy(ReadOnlySpan<byte> data, Span<byte> destination) // API-103
    {
        var length = Math.Min(data.Length, destination.Length);
        data[..length].CopyTo(destination);
        return length;
    }

    /// <summary>Ends with a message; false when it had ended, and the message is still to be read.</summary>
    public bool Complete(Multiaddress from, ReadOnlySpan<byte> data)
    {
        if (!TryEnd())
            return false;

        result = (from, Copy(data, buffer.Span));
        scheduler.Post(this);
        return true;
    }

    /// <summary>Ends with <paramref name="why"/>; false when it had ended.</summary>
    public bool Fail(Exception why)
    {
        if (!TryEnd())
            return false;

        error = why;
        scheduler.Post(this);
        return true;
    }

    /// <summary>
    /// From now on the end of <paramref name="cancellationToken"/> ends the wait. Called once, under the gate that <see cref="Complete"/>
    /// is called under.
    /// </summary>
    public void CancelWith(CancellationToken cancellationToken) =>
        registration = cancellationToken.UnsafeRegister(static (state, token) => ((ReadWaiter)state!).OnCancelled(token), this);

    /// <inheritdoc/>
    public void Execute()
    {
        if (!endedByCaller)
            registration.Dispose();
        if (error is null)
            core.SetResult(result);
        else
            core.SetException(error);
    }

    /// <inheritdoc/>
    public (Multiaddress From, int Bytes) GetResult(short token) => core.GetResult(token);

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
        scheduler.Post(this);
    }
}
