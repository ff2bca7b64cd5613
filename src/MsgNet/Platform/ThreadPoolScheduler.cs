namespace MsgNet.Platform;

/// <summary>Posts to the thread pool's global queue. Items are independent: several run at once.</summary>
internal sealed class ThreadPoolScheduler : IScheduler
{
    /// <inheritdoc/>
    public void Post(IThreadPoolWorkItem work) => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
}
