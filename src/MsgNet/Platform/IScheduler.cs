namespace MsgNet.Platform;

/// <summary>
/// The one way into user code: everything handed to it is posted here. The thread pool in production, the simulator's single queue in
/// simulation.
/// </summary>
internal interface IScheduler
{
    /// <summary>
    /// Posts <paramref name="work"/> to be run soon, outside every lock, on no thread in particular. Items are started in the order
    /// posted, but each is independent of the others and may overlap them. An owner whose work must not overlap posts itself once and
    /// again only when it has run; that is how a handler gets one message at a time.
    /// </summary>
    void Post(IThreadPoolWorkItem work);
}
