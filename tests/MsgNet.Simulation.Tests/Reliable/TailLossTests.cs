using MsgNet.Core;
using Xunit.Abstractions;

namespace MsgNet.Simulation.Tests.Reliable;

/// <summary>A loss that no later packet tells of.</summary>
public sealed class TailLossTests(ITestOutputHelper output)
{
    private const int Tails = 300;
    private static readonly ProtocolId Protocol = "/tail/1";
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(10);
    private static readonly LinkOptions Clean = new() { Delay = TimeSpan.FromMilliseconds(20), Rate = LinkFlow.NarrowRate };
    private readonly Dictionary<int, TimeSpan> arrivals = [];

    [Fact]
    public void The_last_packet_of_a_burst_is_there_within_two_round_trips_after_it_was_lost()
    {
        var simulation = new Simulation(4, new SimulationOptions { Link = Clean });
        var (from, to) = (simulation.AddHost(), simulation.AddHost());
        simulation.Introduce();
        to.Host.SetMessageHandler(Protocol, message => arrivals[message.Data.Span[0] << 8 | message.Data.Span[1]] = simulation.Now);
        var (late, repairs) = (0, new List<TimeSpan>());
        simulation.Run(async () =>
        {
            var session = from.Host.OpenSession(to.Id, Protocol, SendOptions.Ordered);
            await session.SendMessage(Message(0));
            for (var tail = 1; tail <= Tails; tail++)
            {
                await simulation.Delay(TimeSpan.FromSeconds(1));
                var limit = (2 * RoundTrip(from, to)) + Slack;
                var sentAt = await LoseTail(simulation, from, to, session, tail);
                await simulation.Delay(TimeSpan.FromSeconds(2));
                repairs.Add(arrivals[tail] - sentAt);
                late += repairs[^1] > limit ? 1 : 0;
            }
        });

        repairs.Sort();
        output.WriteLine($"repaired in {repairs[Tails / 2].TotalMilliseconds} ms, at most {repairs[^1].TotalMilliseconds} ms, {late} late");
        Assert.True(simulation.Network.Statistics.Lost >= Tails, "nothing was lost: nothing is proven");
        Assert.InRange(late, 0, Tails / 100);
    }

    // Up to seven messages before it arrive; the last, and whatever leaves within its millisecond, does not.
    private static async Task<TimeSpan> LoseTail(
        Simulation simulation, SimulatedHost from, SimulatedHost to, ISocketSession session, int tail)
    {
        for (var before = tail % 8; before > 0; before--)
            await session.SendMessage(Message(0));
        await simulation.Delay(TimeSpan.FromMilliseconds(1));
        simulation.Network.SetLink(from, to, Clean with { Loss = 1 });
        var sentAt = simulation.Now;
        await session.SendMessage(Message(tail));
        await simulation.Delay(TimeSpan.FromMilliseconds(1));
        simulation.Network.SetLink(from, to, null);
        return sentAt;
    }

    private static byte[] Message(int number)
    {
        var data = new byte[LinkFlow.MessageSize];
        (data[0], data[1]) = ((byte)(number >> 8), (byte)number);
        return data;
    }

    private static TimeSpan RoundTrip(SimulatedHost from, SimulatedHost to) =>
        from.Host.Network.Transports().OfType<UdpTransport>().Single().Node.TryFindPeer(to.Id, out var peer)
            ? peer.RoundTrip
            : throw new InvalidOperationException("No session.");
}
