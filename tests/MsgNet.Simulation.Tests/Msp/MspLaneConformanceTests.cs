namespace MsgNet.Simulation.Tests;

/// <summary>Connections are streams of message hosts, over lanes of the sealed channel.</summary>
public sealed class MspLaneConformanceTests : MspConformance
{
    internal override IMspRig Open(ulong seed, double loss) => new MspLaneRig(seed, loss, MessageHostFactories.OverUdp);
}
