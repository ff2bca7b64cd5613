using System.Buffers.Binary;
using MsgNet.Core;
using MsgNet.Simulation.Tests.Reliable;

namespace MsgNet.Simulation.Tests.WholeStack;

/// <summary>
/// One seed: two to four real hosts, some with wrong clocks, that send and ask each other, reliably and not, for ten virtual minutes while
/// links change, partition and rebind, hosts crash, and a recorder sends again what it saw; then everything heals and the hosts fall
/// silent. Whatever the seed, what <see cref="Violations"/> lists must stay empty.
/// </summary>
internal sealed class Scenario
{
    private static readonly TimeSpan Busy = TimeSpan.FromMinutes(10);
    private static readonly LinkOptions Healed = new() { Delay = TimeSpan.FromMilliseconds(50) };
    private static readonly TimeSpan Recovery = (10 * 2 * Healed.Delay) + TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(12);
    private static readonly ProtocolId[] Plain = ["/plain/1", "/plain/2"];
    private static readonly ProtocolId Echo = "/echo";
    private static readonly ProtocolId Slow = "/slow";
    private static readonly ProtocolId Nobody = "/nobody";

    private readonly Simulation simulation;
    private readonly SeededRandom random;
    private readonly Recorder recorder;
    private readonly ReliableTraffic reliable;
    private readonly StreamTraffic streams;
    private readonly Dictionary<int, int> lives = [];
    private readonly HashSet<(ulong Id, int Host, int Life)> taken = [];
    private readonly Dictionary<ulong, (int Host, int Life)> open = [];
    private readonly HashSet<SimulatedHost> rebound = [];
    private ulong lastId;

    public Scenario(ulong seed)
    {
        simulation = new Simulation(seed, new SimulationOptions { DatagramsMax = 12_000 });
        random = simulation.Random;
        reliable = new ReliableTraffic(simulation, Violations);
        streams = new StreamTraffic(simulation, Violations);
        simulation.Network.Default = DrawLink();
        var hosts = random.NextInt32(2, 5);
        for (var i = 0; i < hosts; i++)
        {
            // Some pairs have AES, some have not.
            var offersAes = (seed + (ulong)i) % 3 != 0;
            simulation.AddHost(new SimulatedHostOptions
            {
                Started = OnStarted,
                Configure = options => Configure(options, offersAes),
                ClockSkew = DrawSkew(),
            });
        }

        recorder = new Recorder(simulation.Network, new SeededRandom(seed));
        simulation.Network.Observer = recorder;
    }

    public List<string> Violations { get; } = [];

    public ulong TraceHash => simulation.TraceHash;

    public SimulationStatistics Statistics => simulation.Network.Statistics;

    public int Delivered { get; private set; }

    public int Answered { get; private set; }

    public int Failed { get; private set; }

    public int Crashes { get; private set; }

    public long Replayed => recorder.Replayed;

    public int DeliveredReliably => reliable.Delivered;

    public int ReportedLost => reliable.Reported;

    public int StreamsCompleted => streams.Completed;

    public int StreamsLost => streams.Lost;

    public override string ToString() => $"{simulation}: {string.Join("; ", Violations)}";

    public Scenario Run()
    {
        simulation.Introduce();
        simulation.Run(Main, TimeSpan.FromHours(1));
        return this;
    }

    private static void Configure(MsgNetOptions options, bool offersAes)
    {
        options.PoisonReturnedBuffers = true;
        options.OfferAes = offersAes;
    }

    private async Task Main()
    {
        var work = simulation.Hosts.SelectMany(host => new[] { Talk(host), reliable.Talk(host, Busy), streams.Talk(host, Busy) });
        await Task.WhenAll(work.Append(Disturb()).ToArray());
        Heal();
        await simulation.Delay(Recovery);
        reliable.CheckAllHasCome($"{Recovery.TotalSeconds} s after healing", IsBeyondReach);
        await simulation.Delay(Settling);
        reliable.CheckNothingIsOwed("at the end");
        reliable.CheckEmptyOnce();
        foreach (var (id, where) in open)
            Violations.Add($"request {id} of host {where.Host} was neither answered nor failed");

        await simulation.Delay(Silence);
        streams.CheckNothingIsOpen("in the silence");
        foreach (var host in simulation.Hosts)
            CheckBaseline(host);
    }

    private void Heal()
    {
        reliable.CalmDown();
        simulation.Network.HealAll();
        simulation.Network.Default = Healed;
        foreach (var from in simulation.Hosts)
        {
            foreach (var to in simulation.Hosts.Where(to => to != from))
                simulation.Network.SetLink(from, to, null);
        }
    }

    // Nobody reaches a host behind a NAT that forgot it before it speaks itself: senders learn that when their dial ends, or the silence.
    // Who sends on a handshake that it answered, and nobody confirms, learns that after 10 s (SEC-062).
    private bool IsBeyondReach(Conversation conversation)
    {
        NodeOf(conversation.From).TryFindPeer(conversation.To.Id, out var peer);
        if (peer is { IsReady: true, Address: { } address })
            return rebound.Contains(conversation.To) && !conversation.To.TryFindPort(address, out _);

        return rebound.Contains(conversation.To) || peer?.Address is not null;
    }

    private void CheckBaseline(SimulatedHost host)
    {
        var node = NodeOf(host);
        if (node.PeerCount != 0 || !node.NextTimer.IsNever)
            Violations.Add($"{host} still holds {node.PeerCount} peers, next timer {node.NextTimer}");
        if (node.BuffersHeld != 0)
            Violations.Add($"{host} lost track of {node.BuffersHeld} buffers");
    }

    private static UdpNode NodeOf(SimulatedHost host) => ((UdpTransport)host.Host.Network.Transports()[0]).Node;

    private async Task Talk(SimulatedHost host)
    {
        while (simulation.Now < Busy)
        {
            await simulation.Delay(random.NextTime(TimeSpan.FromSeconds(8)));
            if (!host.IsRunning)
                continue;

            var other = simulation.Hosts[(host.Index + random.NextInt32(1, simulation.Hosts.Count)) % simulation.Hosts.Count];
            if (random.NextBool(0.5))
                _ = Send(host, other);
            else
                _ = Ask(host, other);
        }
    }

    private async Task Send(SimulatedHost host, SimulatedHost other)
    {
        try
        {
            var protocol = random.NextBool(0.05) ? Nobody : Plain[random.NextInt32(0, Plain.Length)];
            await host.Host.SendMessage(other.Id, protocol, Payload(DrawSize()));
        }
        catch (Exception error) when (IsExpected(error))
        {
            Failed++;
        }
    }

    private async Task Ask(SimulatedHost host, SimulatedHost other)
    {
        var protocol = random.NextBool(0.05) ? Nobody : random.NextBool(0.2) ? Slow : Echo;
        var data = Payload(DrawSize() / 4);
        var id = IdOf(data);
        open.Add(id, (host.Index, lives[host.Index]));
        try
        {
            var reply = await host.Host.Request(other.Id, protocol, data, new RequestOptions { Delivery = DrawDelivery() });
            Answered++;
            if (protocol == Nobody || reply.From != other.Id || !reply.Data.Span.SequenceEqual(data))
                Violations.Add($"request {id} on {protocol} got a reply of {reply.Data.Length} bytes from {reply.From}");
        }
        catch (Exception error) when (IsExpected(error))
        {
            Failed++;
        }

        if (!open.Remove(id))
            Violations.Add($"request {id} ended twice");
    }

    private async Task Disturb()
    {
        while (simulation.Now < Busy)
        {
            await simulation.Delay(random.NextTime(TimeSpan.FromSeconds(60)));
            var host = simulation.Hosts[random.NextInt32(0, simulation.Hosts.Count)];
            var other = simulation.Hosts[(host.Index + 1) % simulation.Hosts.Count];
            switch (random.NextInt32(0, 7))
            {
                case 0:
                    simulation.Network.Default = DrawLink();
                    break;
                case 1:
                    simulation.Network.Partition(host, other, (PartitionDirection)random.NextInt32(0, 3));
                    break;
                case 2:
                    simulation.Network.HealAll();
                    break;
                case 3:
                    simulation.Network.RebindNat(host);
                    rebound.Add(host);
                    break;
                case 4:
                    await CrashAndRestart(host);
                    break;
                case 5:
                    recorder.Replay();
                    break;
                default:
                    simulation.Network.SetLink(host, other, random.NextBool(0.5) ? DrawLink() : null);
                    break;
            }
        }
    }

    private async Task CrashAndRestart(SimulatedHost host)
    {
        Crashes++;
        host.Crash();
        foreach (var id in open.Where(request => request.Value.Host == host.Index).Select(request => request.Key).ToArray())
            open.Remove(id);

        await simulation.Delay(random.NextTime(TimeSpan.FromSeconds(20)));
        host.Restart();
        foreach (var other in simulation.Hosts)
            other.Learn(host);
    }

    private void OnStarted(SimulatedHost host)
    {
        var life = lives[host.Index] = lives.GetValueOrDefault(host.Index) + 1;
        reliable.Serve(host);
        streams.Serve(host);
        foreach (var protocol in Plain)
            host.Host.SetMessageHandler(protocol, message => Take(host, life, message));

        host.Host.SetMessageHandler(Echo, async message =>
        {
            Take(host, life, message);
            await message.Reply(message.Data);
        });
        host.Host.SetMessageHandler(Slow, async (message, cancellationToken) =>
        {
            Take(host, life, message);
            await simulation.Delay(TimeSpan.FromSeconds(2));
            await message.Reply(message.Data, cancellationToken);
        });
    }

    private void Take(SimulatedHost host, int life, Message message)
    {
        Delivered++;
        var data = message.Data.Span;
        var id = IdOf(data);
        if (!taken.Add((id, host.Index, life)))
            Violations.Add($"message {id} reached {host} twice in its life {life}");
        if (data[8..].ContainsAnyExcept((byte)id))
            Violations.Add($"message {id} reached {host} changed");
        if (life != lives[host.Index])
            Violations.Add($"message {id} reached {host} after the end of its life {life}");
    }

    private byte[] Payload(int size)
    {
        var data = new byte[8 + size];
        BinaryPrimitives.WriteUInt64BigEndian(data, ++lastId);
        data.AsSpan(8).Fill((byte)lastId);
        return data;
    }

    private Delivery DrawDelivery() => (Delivery)random.NextInt32(0, 3);

    private int DrawSize() => random.NextInt32(0, 100) switch
    {
        < 70 => random.NextInt32(0, 200),
        < 92 => random.NextInt32(0, 1_500),
        < 99 => random.NextInt32(0, 8_000),
        _ => random.NextInt32(0, Limits.UnreliableMessageMax - 8),
    };

    private LinkOptions DrawLink() => new()
    {
        Loss = random.NextBool(0.3) ? 0 : random.NextDouble() * 0.3,
        BurstLoss = random.NextBool(0.8) ? BurstLoss.None : new BurstLoss(0.02, 0.3),
        Duplicate = random.NextBool(0.6) ? 0 : random.NextDouble() * 0.5,
        Reorder = random.NextBool(0.5) ? 0 : random.NextDouble() * 0.3,
        ReorderDelay = TimeSpan.FromMilliseconds(100),
        Delay = random.NextTime(random.NextBool(0.1) ? TimeSpan.FromSeconds(1) : TimeSpan.FromMilliseconds(150)),
        Jitter = random.NextTime(TimeSpan.FromMilliseconds(40)),
        Rate = random.NextBool(0.8) ? 0 : 20_000,
        DatagramSizeMax = random.NextBool(0.8) ? Limits.DatagramReceiveMax : random.NextInt32(1_200, 1_473),
    };

    private TimeSpan DrawSkew() => random.NextBool(0.6)
        ? TimeSpan.Zero
        : (random.NextBool(0.5) ? TimeSpan.FromSeconds(31) : TimeSpan.FromHours(1)) * (random.NextBool(0.5) ? 1 : -1);

    private static ulong IdOf(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt64BigEndian(data);

    private static bool IsExpected(Exception error) => error is MsgNetException or TimeoutException;
}
