using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Simulation;

/// <summary>The message hosts a simulation can run.</summary>
internal static class MessageHostFactories
{
    /// <summary>The real message host over the real UDP transport.</summary>
    public static IMessageHost OverUdp(
        IHostPlatform platform, IChannelCrypto crypto, PeerId id, bool identityIsFresh, MsgNetOptions options)
    {
        var host = MessageHost.Create(
            platform, null, identityIsFresh, crypto, id, options, MessageHost.UdpTransports, null);
        foreach (var address in options.Listen)
        {
            // A simulated port opens at once; what would have to wait here could not, outside the simulation's run.
            var listening = host.Network.Listen(address).AsTask();
            Invariant.Check(listening.IsCompleted);
            listening.GetAwaiter().GetResult();
        }

        return host;
    }
}
