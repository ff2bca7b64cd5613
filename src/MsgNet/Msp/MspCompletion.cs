using MsgNet.Platform;

namespace MsgNet;

/// <summary>The task that ends with a socket. Ended under the gate, at most once; continuations run on the scheduler.</summary>
internal sealed class MspCompletion(IScheduler scheduler) : IThreadPoolWorkItem
{
    private readonly TaskCompletionSource source = new();
    private Exception? error;
    private bool isEnded;

    public Task Task => source.Task;

    public void End(Exception? failure)
    {
        if (isEnded)
            return;

        isEnded = true;
        error = failure;
        scheduler.Post(this);
    }

    /// <inheritdoc/>
    public void Execute()
    {
        if (error is null)
        {
            source.SetResult();
            return;
        }

        source.SetException(error);
        _ = source.Task.Exception; // observed: whoever never asks is not to be told by the finalizer
    }
}
