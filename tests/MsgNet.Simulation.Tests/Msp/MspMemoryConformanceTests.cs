namespace MsgNet.Simulation.Tests;

/// <summary>Connections are streams within one process.</summary>
public sealed class MspMemoryConformanceTests : MspConformance
{
    internal override IMspRig Open(ulong seed, double loss) => MspLaneRig.WithinAProcess(seed);
}
