using System.Buffers.Binary;
using MsgNet.Core;

namespace MsgNet.Simulation.Tests.Attack;

/// <summary>
/// An hour of four hosts that ask each other all the time, with everything on: a tenth of all datagrams lost, a new NAT mapping for one of
/// them every minute, a power failure of one every five, keys that change, and a thousand times a second junk or something that was sent
/// before. Then everybody leaves.
/// </summary>
internal sealed class HourScenario : IDatagramObserver
{
    private const int Hosts = 4;
    private const int RecordedMax = 4_096;
    private static readonly TimeSpan Busy = TimeSpan.FromHours(1);
    private static readonly ProtocolId Echo = "/echo";
    private readonly Simulation simulation;
    private readonly SeededRandom random;
    private readonly Ledger ledger = new();
    private readonly List<(NetAddress From, NetAddress To, byte[] Datagram)> recorded = [];
    private readonly Dictionary<ulong, Request> requests = [];
    private readonly HashSet<ulong> run = [];
    private readonly int[] lives = new int[Hosts];
    private readonly byte[] junk = new byte[1_400];
    private ulong lastId;

    public HourScenario(ulong seed)
    {
        var link = new LinkOptions { Delay = TimeSpan.FromMilliseconds(20), Jitter = TimeSpan.FromMilliseconds(4), Loss = 0.1 };
        simulation = new Simulation(seed, new SimulationOptions { Link = link, DatagramsMax = 1_000_000 });
        random = simulation.Random;
        for (var i = 0; i < Hosts; i++)
            simulation.AddHost(new SimulatedHostOptions { Started = OnStarted });
        simulation.Network.Observer = new Tap(this, ledger);
    }

    public List<string> Violations { get; } = [];

    public int Answered { get; private set; }

    public int Failed { get; private set; }

    public int Restarts { get; private set; }

    public int Rebindings { get; private set; }

    public long Injected { get; private set; }

    public long Handshakes { get; private set; }

    public override string ToString() =>
        $"{simulation}: {Answered} requests answered, {Failed} failed; {Restarts} restarts, {Rebindings} rebindings, "
        + $"{Handshakes} handshakes, {simulation.Network.Statistics.Lost} datagrams lost, {Injected} injected; "
        + $"at most {ledger.Closest * 3:F2} B per B";

    public void Run()
    {
        simulation.Introduce();
        simulation.Run(Main, TimeSpan.FromHours(2));
        Violations.AddRange(ledger.Violations);
    }

    public void OnSent(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        Handshakes += ChannelHeader.Read(datagram) == ChannelMessageType.Ack ? 1 : 0;
        if (recorded.Count < RecordedMax)
            recorded.Add((from, to, datagram.ToArray()));
        else
            recorded[random.NextInt32(0, RecordedMax)] = (from, to, datagram.ToArray());
    }

    public void OnArrival(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
    }

    private async Task Main()
    {
        var work = simulation.Hosts.Select(Talk).Append(Rebind()).Append(Restart()).Append(Attack()).ToArray();
        await Task.WhenAll(work);
        await simulation.Delay(TimeSpan.FromSeconds(30));
        foreach (var request in requests.Values)
            Violations.Add($"request {request.Id} of {request.From} never ended");

        foreach (var host in simulation.Hosts)
            await Leave(host);

        await simulation.Delay(TimeSpan.FromMinutes(10));
        foreach (var host in simulation.Hosts)
            CheckBaseline(host);
        if (!simulation.Queue.Next.IsNever)
            Violations.Add($"{simulation.Queue.Count} events are still to come, the next at {simulation.Queue.Next}");
    }

    private async Task Leave(SimulatedHost host)
    {
        foreach (var other in simulation.Hosts)
        {
            if (other != host)
                await host.Host.Network.ClosePeer(other.Id);
        }
    }

    private void CheckBaseline(SimulatedHost host)
    {
        var node = NodeOf(host);
        if (node.PeerCount != 0 || node.SessionCount != 0 || !node.NextTimer.IsNever)
            Violations.Add($"{host} still holds {node.PeerCount} peers and {node.SessionCount} sessions, next timer {node.NextTimer}");
    }

    private async Task Talk(SimulatedHost host)
    {
        while (simulation.Now < Busy)
        {
            await simulation.Delay(random.NextTime(TimeSpan.FromSeconds(1)));
            if (host.IsRunning)
                _ = Ask(host, simulation.Hosts[(host.Index + random.NextInt32(1, Hosts)) % Hosts]);
        }
    }

    private async Task Ask(SimulatedHost host, SimulatedHost other)
    {
        var request = new Request(++lastId, host);
        requests.Add(request.Id, request);
        var data = new byte[random.NextInt32(8, 1_000)];
        BinaryPrimitives.WriteUInt64BigEndian(data, request.Id);
        try
        {
            var reply = await host.Host.Request(other.Id, Echo, data);
            Answered++;
            if (reply.From != other.Id || !reply.Data.Span.SequenceEqual(data))
                Violations.Add($"request {request.Id} got a wrong answer");
        }
        catch (Exception error) when (error is MsgNetException or TimeoutException)
        {
            Failed++;
        }

        if (!requests.Remove(request.Id))
            Violations.Add($"request {request.Id} ended twice");
    }

    private async Task Rebind()
    {
        while (simulation.Now < Busy)
        {
            await simulation.Delay(TimeSpan.FromMinutes(1));
            Rebindings++;

            // Always the same one: two that both moved while they had no session cannot find each other again.
            simulation.Network.RebindNat(simulation.Hosts[0]);
        }
    }

    private async Task Restart()
    {
        while (simulation.Now < Busy)
        {
            await simulation.Delay(TimeSpan.FromMinutes(5));
            var host = simulation.Hosts[random.NextInt32(0, Hosts)];
            host.Crash();
            foreach (var request in requests.Values.Where(request => request.From == host).ToArray())
                requests.Remove(request.Id);

            await simulation.Delay(random.NextTime(TimeSpan.FromSeconds(5)));
            Restarts++;
            host.Restart();
            simulation.Introduce();
        }
    }

    private async Task Attack()
    {
        while (simulation.Now < Busy)
        {
            await simulation.Delay(TimeSpan.FromMilliseconds(10));
            for (var i = 0; i < 10; i++)
                InjectOne();
        }
    }

    private void InjectOne()
    {
        Injected++;
        var elsewhere = NetAddress.From(new System.Net.IPAddress([172, 16, (byte)random.NextInt32(0, 256), 1]), 9_000, 0);
        if (random.NextBool(0.5) && recorded.Count > 0)
        {
            var (from, to, datagram) = recorded[random.NextInt32(0, recorded.Count)];
            simulation.Network.Inject(random.NextBool(0.5) ? from : elsewhere, to, datagram);
            return;
        }

        var target = simulation.Hosts[random.NextInt32(0, Hosts)];
        var length = random.NextInt32(0, junk.Length);
        random.Fill(junk.AsSpan(0, length));
        if (length > 4 && random.NextBool(0.5))
            ChannelHeader.Write(junk, (ChannelMessageType)random.NextInt32(4, 12));
        simulation.Network.Inject(elsewhere, target.Nat.VisibleIPv4 with { Port = 4001 }, junk.AsSpan(0, length));
    }

    private void OnStarted(SimulatedHost host)
    {
        var life = ++lives[host.Index];
        host.Host.SetMessageHandler(Echo, async message =>
        {
            var id = BinaryPrimitives.ReadUInt64BigEndian(message.Data.Span);
            if (!run.Add(id))
                Violations.Add($"request {id} ran twice");
            if (life != lives[host.Index])
                Violations.Add($"request {id} ran in life {life} of {host}, which is over");
            await message.Reply(message.Data);
        });
    }

    private static UdpNode NodeOf(SimulatedHost host) => ((UdpTransport)host.Host.Network.Transports()[0]).Node;

    private sealed record Request(ulong Id, SimulatedHost From);
}
