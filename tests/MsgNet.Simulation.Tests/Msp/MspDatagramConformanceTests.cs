using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

/// <summary>Both ends adapt to the path.</summary>
public sealed class MspDatagramConformanceTests : MspConformance
{
    internal override IMspRig Open(ulong seed, double loss) => MspWorld.With(seed, loss, MspProfile.Default, MspProfile.Default);
}

/// <summary>Both ends do what Serval nodes do.</summary>
public sealed class MspServalConformanceTests : MspConformance
{
    internal override IMspRig Open(ulong seed, double loss) => MspWorld.With(seed, loss, MspProfile.Serval, MspProfile.Serval);
}

/// <summary>One end of each: neither can tell.</summary>
public sealed class MspMixedConformanceTests : MspConformance
{
    internal override IMspRig Open(ulong seed, double loss) => seed % 2 == 0
        ? MspWorld.With(seed, loss, MspProfile.Serval, MspProfile.Default)
        : MspWorld.With(seed, loss, MspProfile.Default, MspProfile.Serval);
}
