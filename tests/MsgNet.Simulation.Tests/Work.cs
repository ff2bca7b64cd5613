namespace MsgNet.Simulation.Tests;

/// <summary>A delegate as a work item.</summary>
internal sealed class Work(Action action) : IThreadPoolWorkItem
{
    public void Execute() => action();
}
