using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests.Attack;

/// <summary>
/// A host under a flood: four peers ask it, and it them, for two minutes of quiet, so that their keys are due to be changed in the middle
/// of the flood; and while it lasts, twenty hosts that it never met want to reach it.
/// </summary>
internal sealed class Siege
{
    private const int Friends = 4;
    private const int Newcomers = 20;
    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(119);
    private static readonly ProtocolId Echo = "/echo";
    private readonly Simulation simulation;
    private readonly SimulatedHost target;
    private readonly SimulatedHost[] friends;
    private readonly SimulatedHost[] newcomers;
    private readonly Flood flood;
    private readonly Ledger ledger = new();
    private bool over;

    public Siege(FloodKind kind, bool answersWho)
    {
        simulation = new Simulation((ulong)kind + 1, new SimulationOptions { Link = new LinkOptions { Delay = OneWay } });
        target = simulation.AddHost(new SimulatedHostOptions { Started = SetEcho, Configure = options => Configure(options, answersWho) });
        friends = AddHosts(Friends);
        newcomers = AddHosts(Newcomers);
        flood = new Flood(simulation, target, kind);
        simulation.Network.Observer = new Tap(flood, ledger);
    }

    public List<string> Violations { get; } = [];

    /// <summary>Requests answered while the flood lasted.</summary>
    public int Answered { get; private set; }

    /// <summary>The slowest of them.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>The slowest first answer to a newcomer.</summary>
    public TimeSpan SlowestDial { get; private set; }

    /// <summary>Keys that were changed while the flood lasted.</summary>
    public int Rekeyed { get; private set; }

    /// <summary>Key agreements the target computed while the flood lasted.</summary>
    public long Agreements { get; private set; }

    public Flood Flood => flood;

    public Ledger Ledger => ledger;

    public UdpNode Node => ((UdpTransport)target.Host.Network.Transports()[0]).Node;

    public override string ToString() =>
        $"{flood.Kind}: {flood.Sent} datagrams; {Answered} requests answered, the slowest in {Slowest.TotalMilliseconds} ms; newcomers "
        + $"within {SlowestDial.TotalMilliseconds} ms; {Rekeyed} keys changed; {Agreements} agreements; at most "
        + $"{Node.Counters.HalfOpenPeak} half open, {Node.PeerCount} peers; answers: "
        + $"{string.Join(", ", flood.Answered.Select(pair => $"{pair.Value} {pair.Key}"))}; "
        + $"{ledger.Unproven} unproven addresses answered, at most {ledger.Closest * 3:F2} B per B";

    public void Run(int perSecond, TimeSpan time)
    {
        simulation.Introduce();
        simulation.Run(
            async () =>
            {
                var talk = friends.SelectMany(friend => new[] { Talk(friend, target), Talk(target, friend) }).ToArray();
                await simulation.Delay(Quiet);
                var keys = friends.Select(BindingOf).ToArray();
                var before = target.Crypto.Agreements;
                var dials = newcomers.Select(Meet).ToArray();
                await flood.Run(perSecond, time);
                Agreements = target.Crypto.Agreements - before;
                Rekeyed = friends.Where((friend, i) => !keys[i].AsSpan().SequenceEqual(BindingOf(friend))).Count();
                over = true;
                await Task.WhenAll([.. talk, .. dials]);
            },
            TimeSpan.FromMinutes(10));
        Violations.AddRange(ledger.Violations);
    }

    /// <summary>Hands datagrams of the flood straight to the target; what each of them allocates must be nothing.</summary>
    public void AssertAllocationFree(int datagrams)
    {
        simulation.Network.Observer = null;
        var made = new (NetAddress From, byte[] Datagram)[datagrams];
        for (var i = 0; i < datagrams; i++)
        {
            var datagram = flood.Make(out var from, out _);
            made[i] = (from, datagram.ToArray());
        }

        Invariant.Check(target.TryFindPort(NetAddress.From(target.LocalAddresses[0], 4001, 0), out var port));
        Allocations.AssertAtMost<(NetAddress From, byte[] Datagram)>(0, made, input =>
        {
            foreach (var (from, datagram) in input)
                port.TryDeliver(from, datagram);
        });
    }

    private static void Configure(MsgNetOptions options, bool answersWho)
    {
        options.PoisonReturnedBuffers = true;
        options.AnswerWho = answersWho;
    }

    private SimulatedHost[] AddHosts(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => simulation.AddHost(new SimulatedHostOptions { Started = SetEcho }))];

    private byte[] BindingOf(SimulatedHost friend)
    {
        Invariant.Check(Node.TryFindPeer(friend.Id, out var peer));
        return peer.Binding.ToArray();
    }

    private async Task Talk(SimulatedHost from, SimulatedHost to)
    {
        while (!over)
        {
            var quiet = simulation.Now < Quiet;
            await simulation.Delay(TimeSpan.FromMilliseconds(quiet ? 900 : simulation.Random.NextInt32(10, 40)));
            var time = await Ask(from, to);
            if (quiet)
                continue;

            Answered++;
            Slowest = Slowest > time ? Slowest : time;
        }
    }

    private async Task Meet(SimulatedHost newcomer)
    {
        await simulation.Delay(TimeSpan.FromMilliseconds(simulation.Random.NextInt32(0, 500)));
        var time = await Ask(newcomer, target);
        SlowestDial = SlowestDial > time ? SlowestDial : time;
    }

    private async Task<TimeSpan> Ask(SimulatedHost from, SimulatedHost to)
    {
        var before = simulation.Now;
        var data = new byte[simulation.Random.NextInt32(1, 500)];
        simulation.Random.Fill(data);
        try
        {
            var reply = await from.Host.Request(to.Id, Echo, data);
            if (!reply.Data.Span.SequenceEqual(data) || reply.From != to.Id)
                Violations.Add($"{from} got a wrong answer from {to} at {before}");
        }
        catch (Exception error) when (error is MsgNetException or TimeoutException)
        {
            Violations.Add($"{from} got no answer from {to} at {before}: {error.Message}");
        }

        return simulation.Now - before;
    }

    private static void SetEcho(SimulatedHost host) =>
        host.Host.SetMessageHandler(Echo, (message, cancellationToken) => message.Reply(message.Data, cancellationToken));
}
