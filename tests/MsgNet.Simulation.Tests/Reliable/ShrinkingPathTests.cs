using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests.Reliable;

/// <summary>A path that carries less than it did, under a full window of segments that were cut for more.</summary>
public sealed class ShrinkingPathTests
{
    private const int Messages = 20_000;
    private static readonly ProtocolId Protocol = "/flow/1";
    private static readonly LinkOptions Wide = new() { Delay = TimeSpan.FromMilliseconds(20) };

    [Fact]
    [Covers("LANE-026", "MP-055")]
    public void A_window_of_segments_that_became_too_long_is_repaired_within_seconds()
    {
        var simulation = new Simulation(1, new SimulationOptions { Link = Wide });
        var (sender, receiver) = (simulation.AddHost(), simulation.AddHost());
        simulation.Introduce();
        receiver.Host.SetMessageHandler(Protocol, _ => { }, new HandlerOptions { Inline = true });

        var took = simulation.Run(async () =>
        {
            var session = sender.Host.OpenSession(receiver.Id, Protocol, SendOptions.Ordered);
            for (var message = 0; message < Messages; message++)
                await session.SendMessage(new byte[LinkFlow.MessageSize]);
            simulation.Network.SetLink(sender, receiver, Wide with { DatagramSizeMax = Limits.DatagramSizeMin });
            var start = simulation.Now;
            for (var message = 0; message < Messages; message++)
                await session.SendMessage(new byte[LinkFlow.MessageSize]);
            await sender.Host.SendMessage(receiver.Id, Protocol, new byte[1], SendOptions.Ordered with { WaitForDelivery = true });
            return simulation.Now - start;
        });

        Assert.InRange(took.TotalSeconds, 0, 15);
    }
}
