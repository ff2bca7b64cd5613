using MsgNet.Platform;

namespace MsgNet.Simulation;

/// <summary>Something that happens at a moment of virtual time.</summary>
internal interface ISimulationEvent : IHeapEntry
{
    /// <summary>Makes it happen; it is out of the queue by then and may set itself again.</summary>
    void Run();
}
