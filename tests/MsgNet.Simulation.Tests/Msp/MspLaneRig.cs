using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Simulation.Tests;

/// <summary>Two message hosts that know each other, with sockets over their streams.</summary>
internal sealed class MspLaneRig : IMspRig
{
    public const uint Port = 700;

    public MspLaneRig(ulong seed, double loss, MessageHostFactory factory, bool callerDriven = false)
    {
        var link = new LinkOptions { Delay = TimeSpan.FromMilliseconds(20), Loss = loss };
        Simulation = new Simulation(seed, new SimulationOptions { Link = link }, factory);
        HostA = Simulation.AddHost();
        HostB = Simulation.AddHost();
        foreach (var address in HostB.Host.Addresses)
            HostA.Host.Network.Peerstore.AddAddress(HostB.Id, address);
        A = MspSockets.Over(HostA.Host, new MspSocketsOptions { IsCallerDriven = callerDriven });
        B = MspSockets.Over(HostB.Host, new MspSocketsOptions { IsCallerDriven = callerDriven });
    }

    public static MspLaneRig WithinAProcess(ulong seed, bool callerDriven = false)
    {
        var hub = new MemoryHub();
        return new MspLaneRig(seed, 0, Create, callerDriven);

        IMessageHost Create(IHostPlatform platform, IChannelCrypto crypto, PeerId id, bool identityIsFresh, MsgNetOptions options)
        {
            var host = MessageHost.Create(
                platform, null, identityIsFresh, crypto, id, options, [context => new MemoryTransport(context, hub)], null);
            Assert.True(host.Network.Listen("/memory/0").IsCompletedSuccessfully);
            return host;
        }
    }

    public Simulation Simulation { get; }

    public SimulatedHost HostA { get; }

    public SimulatedHost HostB { get; }

    public MspSockets A { get; }

    public MspSockets B { get; }

    public Multiaddress ListenAt => "/mdpport/700";

    public Multiaddress ConnectTo => $"/p2p/{HostB.Id}/mdpport/700";

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }
}
