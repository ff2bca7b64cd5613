using System.Threading.Tasks.Sources;

namespace MsgNet.Messi;

/// <summary>Where the loop of a connection waits until its backlog has room. One waits, anybody opens; used again and again.</summary>
internal sealed class MessiRoom : IValueTaskSource
{
    private readonly Lock gate = new();
    private ManualResetValueTaskSourceCore<bool> core = new() { RunContinuationsAsynchronously = true };
    private volatile bool isOpen = true;

    public bool IsOpen => isOpen;

    /// <summary>From now on <see cref="Wait"/> waits.</summary>
    public void Close()
    {
        lock (gate)
        {
            if (!isOpen)
                return;

            core.Reset();
            isOpen = false;
        }
    }

    public void Open()
    {
        lock (gate)
        {
            if (isOpen)
                return;

            isOpen = true;
            core.SetResult(true);
        }
    }

    public ValueTask Wait()
    {
        lock (gate)
            return isOpen ? default : new ValueTask(this, core.Version);
    }

    public void GetResult(short token) => core.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => core.OnCompleted(continuation, state, token, flags);
}
