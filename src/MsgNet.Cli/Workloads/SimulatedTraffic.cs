using System.Buffers.Binary;
using System.Diagnostics;
using MsgNet.Simulation;

namespace MsgNet.Cli.Workloads;

/// <summary>
/// Messages between random hosts of a simulation. Each pair of hosts that has something to say opens its channel with a ping first, so that
/// what gets lost afterwards is the network's doing.
/// </summary>
internal sealed class SimulatedTraffic(ulong seed, LinkOptions link, int nodes, int messages, int size, Delivery delivery)
{
    /// <summary>A message holds its number.</summary>
    public const int SizeMin = sizeof(int);

    private static readonly ProtocolId Protocol = new("/msgnet/sim/1.0.0");
    private static readonly TimeSpan Limit = TimeSpan.FromHours(24);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    // Reliable messages of one host that may be under way at once.
    private const int WindowMax = 256;

    private readonly MsgNet.Simulation.Simulation simulation = new(
        seed, new SimulationOptions { Link = link, DatagramsMax = 10_000_000 + (1_000L * messages) });

    private readonly int[] arrivals = new int[messages];
    private readonly Dictionary<(PeerId From, int To), int> newest = [];
    private readonly SendOptions options =
        DeliveryWords.OptionsFor(delivery) with { WaitForDelivery = delivery != Delivery.Unreliable };

    private long sent;
    private long reordered;
    private TimeSpan lastArrival;

    /// <summary>Runs it all, with every datagram going to <paramref name="capture"/>.</summary>
    public SimLine Run(Stream? capture)
    {
        var start = Stopwatch.GetTimestamp();
        for (var index = 0; index < nodes; index++)
            AddHost();
        simulation.Introduce();
        simulation.Network.Capture(capture);
        var begin = TimeSpan.Zero;
        simulation.Run(
            async () =>
            {
                var plan = Plan();
                await Task.WhenAll(plan.SelectMany(list => list).Select(message => message.Pair).Distinct().Select(OpenChannel));
                begin = simulation.Now;
                await Task.WhenAll(plan.Select(SendAll));
                await simulation.Delay(link.Delay + link.Jitter + Quiet);
            },
            Limit);
        simulation.Network.Capture(null);
        return Result((lastArrival - begin).TotalSeconds, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private void AddHost()
    {
        var index = simulation.Hosts.Count;
        var inline = new HandlerOptions { Inline = true };
        simulation.AddHost(new SimulatedHostOptions
        {
            Started = host => host.Host.SetMessageHandler(Protocol, message => OnMessage(message, index), inline),
        });
    }

    // Who sends what to whom, by sender.
    private List<Planned>[] Plan()
    {
        var plan = Enumerable.Range(0, nodes).Select(_ => new List<Planned>()).ToArray();
        for (var number = 0; number < messages; number++)
        {
            var from = Draw(nodes);
            var to = (from + 1 + Draw(nodes - 1)) % nodes;
            plan[from].Add(new Planned(number, (from, to)));
        }

        return plan;
    }

    private int Draw(int bound)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        simulation.Random.Fill(bytes);
        return (int)(BinaryPrimitives.ReadUInt64LittleEndian(bytes) % (ulong)bound);
    }

    private async Task OpenChannel((int From, int To) pair)
    {
        var (from, to) = (simulation.Hosts[pair.From], simulation.Hosts[pair.To]);
        try
        {
            await from.Host.Request(to.Id, MessageHost.PingProtocol, ReadOnlyMemory<byte>.Empty);
        }
        catch (Exception error) when (error is TimeoutException or PeerUnreachableException or SessionLostException)
        {
            // So much is lost that not even this passes; the messages are tried, and counted, all the same.
        }
    }

    private async Task SendAll(List<Planned> list)
    {
        // An unreliable message is sent when the one before it is; a reliable one need not wait for its delivery.
        var window = new SendWindow(delivery == Delivery.Unreliable ? 0 : WindowMax, Timeout.InfiniteTimeSpan);
        foreach (var message in list)
            await window.Add(SendOne(message), CancellationToken.None);
        await window.Drain(CancellationToken.None);
    }

    private async Task SendOne(Planned message)
    {
        var data = new byte[size];
        BinaryPrimitives.WriteInt32LittleEndian(data, message.Number);
        sent++;
        try
        {
            await simulation.Hosts[message.Pair.From].Host.SendMessage(simulation.Hosts[message.Pair.To].Id, Protocol, data, options);
        }
        catch (Exception error) when (error is PeerUnreachableException or SessionLostException)
        {
            // Counted as lost, because it never arrives.
        }
    }

    private void OnMessage(Message message, int to)
    {
        var number = BinaryPrimitives.ReadInt32LittleEndian(message.Data.Span);
        if (arrivals[number]++ > 0)
            return;

        lastArrival = simulation.Now;
        var pair = (message.From, to);
        if (newest.TryGetValue(pair, out var last) && last > number)
            reordered++;
        else
            newest[pair] = number;
    }

    private SimLine Result(double seconds, double wallSeconds)
    {
        var delivered = arrivals.Count(count => count > 0);
        return new SimLine( // CLI-062
            "result",
            seed,
            simulation.TraceHash.ToString("x16", System.Globalization.CultureInfo.InvariantCulture),
            sent,
            delivered,
            sent - delivered,
            arrivals.Sum(count => Math.Max(0, count - 1)),
            reordered,
            simulation.Now.TotalSeconds,
            Math.Round(wallSeconds, 6),
            seconds > 0 ? Math.Round(delivered * (double)size / seconds, 3) : 0);
    }

    private readonly record struct Planned(int Number, (int From, int To) Pair);
}
