using MsgNet.Core;
using MsgNet.Simulation;

namespace MsgNet.Simulation.Tests.Reliable;

/// <summary>
/// Hosts that push reliable messages of 1,200 bytes, as fast as they are taken, through one link to another host: what arrives, how long
/// the link's queue is, what was sent in vain. Also compiled into the benchmarks, which print it.
/// </summary>
internal sealed class LinkFlow
{
    /// <summary>Bytes of UDP payload per second of a narrow link: 100 Mbit/s.</summary>
    public const long NarrowRate = 12_500_000;

    /// <summary>Bytes of a message.</summary>
    public const int MessageSize = 1_200;

    /// <summary>Measuring starts when the flows have found their rate.</summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private static readonly ProtocolId Protocol = "/flow/1";
    private readonly Simulation simulation;
    private readonly SimulatedHost receiver;
    private readonly long rate;
    private readonly long[] received;
    private readonly List<TimeSpan> queueDelays = [];

    /// <param name="seed">Of the simulation.</param>
    /// <param name="link">Rate, queue, delay and faults, both ways.</param>
    /// <param name="senders">The hosts that send, and what chooses how fast each of them does.</param>
    public LinkFlow(ulong seed, LinkOptions link, ReadOnlySpan<CongestionControl> senders)
    {
        simulation = new Simulation(seed, new SimulationOptions { Link = link });
        rate = link.Rate;
        received = new long[senders.Length];
        foreach (var control in senders)
            simulation.AddHost(new SimulatedHostOptions { Configure = options => options.CongestionControl = control });
        receiver = simulation.AddHost();
        for (var index = 1; index < senders.Length; index++)
            simulation.Network.ShareLink(simulation.Hosts[0], simulation.Hosts[index], receiver);
    }

    /// <summary>A link of 100 Mbit/s and 20 ms, with a queue of one round trip, and with these faults.</summary>
    public static LinkOptions Narrow(LinkOptions faults) => Narrow(faults, TimeSpan.FromMilliseconds(20));

    /// <summary>A link of 100 Mbit/s with a queue of one round trip, and with these faults.</summary>
    public static LinkOptions Narrow(LinkOptions faults, TimeSpan oneWay) =>
        faults with { Rate = NarrowRate, QueueBytesMax = (int)(NarrowRate * 2 * oneWay.TotalSeconds), Delay = oneWay };

    /// <summary>A link that is never full.</summary>
    public static LinkOptions Fat(TimeSpan oneWay, double loss) => new() { Delay = oneWay, Loss = loss };

    /// <summary>Pushes for the warm-up and then for <paramref name="time"/>, which is measured.</summary>
    public LinkFigures Run(TimeSpan time)
    {
        simulation.Introduce();
        receiver.Host.SetMessageHandler(Protocol, Count, new HandlerOptions { Inline = true });
        var end = WarmUp + time;
        var before = received;
        var pathsBefore = default(PathSums);
        simulation.Run(async () =>
        {
            for (var index = 0; index < received.Length; index++)
                _ = Push(simulation.Hosts[index], end);
            await simulation.Delay(WarmUp);
            before = [.. received];
            pathsBefore = Paths();
            await WatchQueue(end);
        });
        queueDelays.Sort();
        var goodputs = received.Zip(before, (after, start) => (after - start) * MessageSize / time.TotalSeconds).ToArray();
        var paths = Paths();
        return new LinkFigures(
            goodputs,
            rate,
            QueueDelay(0.5),
            QueueDelay(0.99),
            paths.Sent - pathsBefore.Sent,
            paths.Lost - pathsBefore.Lost,
            paths.Spurious - pathsBefore.Spurious,
            paths.Segments - pathsBefore.Segments);
    }

    private void Count(Message message)
    {
        for (var index = 0; index < received.Length; index++)
        {
            if (simulation.Hosts[index].Id == message.From)
                received[index]++;
        }
    }

    private async Task Push(SimulatedHost sender, TimeSpan end)
    {
        var message = new byte[MessageSize];
        var session = sender.Host.OpenSession(receiver.Id, Protocol, SendOptions.Reliable);
        while (simulation.Now < end)
            await session.SendMessage(message);
    }

    private async Task WatchQueue(TimeSpan end)
    {
        while (simulation.Now < end)
        {
            await simulation.Delay(TimeSpan.FromMilliseconds(1));
            queueDelays.Add(simulation.Network.QueueDelay(simulation.Hosts[0], receiver));
        }
    }

    private TimeSpan QueueDelay(double share) => queueDelays[(int)(share * (queueDelays.Count - 1))];

    private PathSums Paths()
    {
        var sums = default(PathSums);
        foreach (var sender in simulation.Hosts.Where(host => host != receiver))
        {
            var node = sender.Host.Network.Transports().OfType<UdpTransport>().Single().Node;
            if (node.TryFindPeer(receiver.Id, out var peer) && peer.Sessions.Sending?.Path.Recovery is { } path)
            {
                sums = new PathSums(
                    sums.Sent + path.PacketsSent,
                    sums.Lost + path.PacketsLost,
                    sums.Spurious + path.PacketsSpurious,
                    sums.Segments + SegmentsOf(peer));
            }
        }

        return sums;
    }

    // The first lane of either kind is all there is.
    private static long SegmentsOf(PeerChannel peer)
    {
        var segments = 0L;
        for (var id = 0UL; id < 4; id++)
            segments += (long)(peer.Association?.Lanes?.Find(id)?.Machine.NextSequence ?? 0);
        return segments;
    }

    private readonly record struct PathSums(long Sent, long Lost, long Spurious, long Segments);
}
