using MsgNet.Core;
using MsgNet.Sodium;

namespace MsgNet.Simulation.Tests;

/// <summary>The same contract for the real thing: what holds for the stand-in only would prove nothing.</summary>
public class SodiumCryptoContractTests : ChannelCryptoContract
{
    private readonly Dictionary<int, Identity> identities = [];

    protected override IChannelCrypto Create(int node)
    {
        if (!identities.TryGetValue(node, out var identity))
            identities.Add(node, identity = Identity.Generate());
        return new SodiumChannelCrypto(identity, new SeededRandom((ulong)node));
    }
}
