using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// The task that ends with a session, stream or socket. Ended under the gate, at most once; continuations run on the scheduler.
/// </summary>
internal sealed class Completion(IScheduler scheduler) : IThreadPoolWorkItem
{
    private readonly TaskCompletionSource source = new();
    private Exception? error;
    private bool isEnded;

    public Task Task => source.Task;

    /// <summary>Ends it; null when all went as it should.</summary>
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

        source.SetException(error); // API-036

        // Observed here: what nobody watches may be lost without a word, and not with one of the finalizer's.
        _ = source.Task.Exception;
    }
}
