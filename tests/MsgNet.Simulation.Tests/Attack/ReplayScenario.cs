using System.Buffers.Binary;
using MsgNet.Core;

namespace MsgNet.Simulation.Tests.Attack;

/// <summary>
/// One seed: six real hosts open channel after channel to a seventh, a message in the first packet and sometimes two more behind it, while
/// a <see cref="Replayer"/> keeps all of them. The receiver restarts now and then, senders close, restart or have a wrong clock, and the
/// network loses a little.
/// </summary>
internal sealed class ReplayScenario
{
    private const int Senders = 6;
    private const int SendsPerSender = 480;
    private const double BurstShare = 0.15;
    private const int BurstLength = 2;
    private static readonly ProtocolId Note = "/note";

    // A clock more than 30 s ahead is left out on purpose: what the specification says of it stands at the end of its section 6.
    private static readonly int[] SkewsInSeconds = [0, 25, -40, -4_000, 0, 0];

    private readonly Simulation simulation;
    private readonly SimulatedHost receiver;
    private readonly Replayer replayer;
    private readonly Ledger ledger = new();
    private readonly Dictionary<NetAddress, ulong> sending = [];
    private readonly HashSet<ulong> recorded = [];
    private readonly HashSet<ulong> behind = [];
    private readonly Dictionary<ulong, int> deliveredIn = [];
    private readonly Dictionary<ulong, TimeSpan> over = [];
    private readonly List<TimeSpan> lives = [];
    private ulong lastId;
    private int busy = Senders;

    public ReplayScenario(ulong seed)
    {
        var link = new LinkOptions { Delay = TimeSpan.FromMilliseconds(4), Jitter = TimeSpan.FromMilliseconds(2), Loss = 0.02 };
        simulation = new Simulation(seed, new SimulationOptions { Link = link, DatagramsMax = 300_000 });
        receiver = simulation.AddHost(new SimulatedHostOptions { Started = OnStarted });
        for (var i = 0; i < Senders; i++)
            simulation.AddHost(new SimulatedHostOptions { ClockSkew = TimeSpan.FromSeconds(SkewsInSeconds[i]) });
        replayer = new Replayer(simulation, receiver) { OnRecorded = from => recorded.Add(sending.GetValueOrDefault(from)) };
        simulation.Network.Observer = new Tap(replayer, ledger);
    }

    public List<string> Violations { get; } = [];

    /// <summary>First flights that were kept, delivered, and sent again.</summary>
    public int Trials => deliveredIn.Keys.Count(recorded.Contains);

    /// <summary>First flights that were kept.</summary>
    public int Recorded => recorded.Count;

    /// <summary>Messages that left behind a first flight as EARLY, which is always kept, and were delivered, and sent again.</summary>
    public int EarlyTrials { get; private set; }

    public int Restarts { get; private set; }

    public long Repeated => replayer.Repeated;

    public long Glued => replayer.Glued;

    public void Run()
    {
        simulation.Introduce();
        simulation.Run(Main, TimeSpan.FromHours(1));
        if (Trials < Recorded * 0.85)
            Violations.Add($"only {Trials} of {Recorded} recorded messages were delivered at all");
        if (EarlyTrials > replayer.EarlyRecorded * BurstLength)
            Violations.Add($"{EarlyTrials} messages came early in {replayer.EarlyRecorded} recorded packets");
        Violations.AddRange(ledger.Violations);
    }

    private async Task Main()
    {
        var work = simulation.Hosts.Skip(1).Select(Talk).Append(RestartReceiver()).Append(Attack()).ToArray();
        await Task.WhenAll(work);
    }

    private async Task Talk(SimulatedHost sender)
    {
        var address = NetAddress.From(sender.LocalAddresses[0], 4001, 0);
        for (var i = 0; i < SendsPerSender; i++)
        {
            await simulation.Delay(Between(20, 200));
            var first = sending[address] = ++lastId;
            var last = lastId += simulation.Random.NextBool(BurstShare) ? BurstLength : 0UL;
            await Task.WhenAll(Burst(sender, first, last));
            await simulation.Delay(Between(40, 300));
            await End(sender);
            for (var id = first; id <= last; id++)
                over[id] = simulation.Now;
        }

        busy--;
    }

    private IEnumerable<Task> Burst(SimulatedHost sender, ulong first, ulong last)
    {
        for (var id = first; id <= last; id++)
        {
            if (id > first)
                behind.Add(id);
            yield return Send(sender, id);
        }
    }

    private async Task Send(SimulatedHost sender, ulong id)
    {
        try
        {
            await sender.Host.SendMessage(receiver.Id, Note, Payload(id));
        }
        catch (MsgNetException)
        {
            // The receiver was away for too long.
        }
    }

    // Whatever the way, the attempt is over, and the next message travels in a HELLO again.
    private async Task End(SimulatedHost sender)
    {
        if (simulation.Random.NextBool(0.95))
        {
            await sender.Host.Network.ClosePeer(receiver.Id);
            return;
        }

        sender.Crash();
        await simulation.Delay(Between(0, 500));
        sender.Restart();
    }

    private async Task RestartReceiver()
    {
        while (busy > 0)
        {
            await simulation.Delay(Between(15_000, 90_000));
            receiver.Crash();
            Restarts++;
            await simulation.Delay(Between(0, 400));
            receiver.Restart();
        }
    }

    private async Task Attack()
    {
        while (busy > 0 || !replayer.IsDone)
        {
            await simulation.Delay(TimeSpan.FromMilliseconds(10));
            replayer.Act();
        }

        await simulation.Delay(TimeSpan.FromSeconds(1));
    }

    private void OnStarted(SimulatedHost host)
    {
        lives.Add(simulation.Now);
        host.Host.SetMessageHandler(Note, Take, new HandlerOptions { Inline = true });
    }

    // Whoever has no ACK yet when the receiver restarts asks the new life again, which cannot know: that alone may repeat a message.
    private void Take(Message message)
    {
        var id = BinaryPrimitives.ReadUInt64BigEndian(message.Data.Span);
        if (deliveredIn.TryGetValue(id, out var life) && (life == lives.Count || (over.TryGetValue(id, out var end) && end <= lives[^1])))
            Violations.Add($"message {id} of life {life} was delivered again at {simulation.Now}, in life {lives.Count}");

        deliveredIn[id] = lives.Count;
        if (message.Early && behind.Remove(id))
            EarlyTrials++;
    }

    private static byte[] Payload(ulong id)
    {
        var data = new byte[8 + (int)(id % 100)];
        BinaryPrimitives.WriteUInt64BigEndian(data, id);
        return data;
    }

    private TimeSpan Between(int least, int most) => TimeSpan.FromMilliseconds(simulation.Random.NextInt32(least, most));
}
