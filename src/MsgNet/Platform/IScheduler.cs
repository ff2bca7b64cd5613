namespace MsgNet.Platform;

/// <summary>
/// The one way into user code: everything handed to it is posted here. The thread pool in production, the simulator's single queue in simulation.
/// </summary>
public interface IScheduler
{
    /// <summary>Runs <paramref name="work"/> soon, in the order posted, outside every lock.</summary>
    void Post(IThreadPoolWorkItem work);
}
