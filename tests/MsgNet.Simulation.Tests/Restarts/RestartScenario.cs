using System.Buffers.Binary;
using MsgNet.Core;

namespace MsgNet.Simulation.Tests.Restarts;

/// <summary>
/// One seed: two hosts ask each other without pause; one of them is cut off like by a power failure in the middle of it and starts again
/// with the same identity. From the first datagram that reaches the new life on, a new request must be answered within three round trips
/// and 300 ms, nothing may cross from one life to the next, and every request of the survivor ends once.
/// </summary>
internal sealed class RestartScenario : IDatagramObserver
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(300);
    private static readonly ProtocolId Work = "/work";
    private readonly Simulation simulation;
    private readonly SeededRandom random;
    private readonly SimulatedHost[] hosts;
    private readonly SimulatedHost victim;
    private readonly TimeSpan roundTrip;
    private readonly TimeSpan pause;
    private readonly bool bothWays;
    private readonly Dictionary<ulong, Request> requests = [];
    private readonly HashSet<ulong> run = [];
    private readonly int[] lives = new int[2];
    private TimeSpan? firstArrival;
    private TimeSpan? restartedAt;
    private ulong lastId;
    private bool over;

    public RestartScenario(ulong seed)
    {
        simulation = new Simulation(seed, new SimulationOptions { DatagramsMax = 60_000 });
        random = simulation.Random;
        var delay = TimeSpan.FromMilliseconds(random.NextInt32(1, 100));
        roundTrip = delay * 2;
        pause = TimeSpan.FromMilliseconds(random.NextInt32(2, 40));
        bothWays = random.NextBool(0.5);
        simulation.Network.Default = new LinkOptions { Delay = delay };
        hosts = [AddHost(), AddHost()];
        victim = hosts[random.NextInt32(0, 2)];
        simulation.Network.Observer = this;
    }

    public List<string> Violations { get; } = [];

    /// <summary>Requests answered before the restart.</summary>
    public int Before { get; private set; }

    /// <summary>Requests made and answered after it.</summary>
    public int After { get; private set; }

    /// <summary>Requests that failed.</summary>
    public int Failed { get; private set; }

    /// <summary>From the first datagram at the new life to the first answer to a request made since.</summary>
    public TimeSpan Recovery { get; private set; }

    public override string ToString() =>
        $"{simulation}, round trip {roundTrip.TotalMilliseconds} ms, recovered in {Recovery.TotalMilliseconds} ms: "
        + string.Join("; ", Violations);

    public void Run()
    {
        simulation.Introduce();
        simulation.Run(Main, TimeSpan.FromMinutes(5));
    }

    public void OnSent(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
    }

    public void OnArrival(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        if (restartedAt is not null && to.Low == NetAddress.From(victim.LocalAddresses[0], 0, 0).Low)
            firstArrival ??= simulation.Now;
    }

    private SimulatedHost AddHost() => simulation.AddHost(new SimulatedHostOptions { Started = OnStarted });

    private async Task Main()
    {
        var talk = Talk(hosts[0], hosts[1]);
        var answer = bothWays ? Talk(hosts[1], hosts[0]) : Task.CompletedTask;
        await simulation.Delay(TimeSpan.FromMilliseconds(random.NextInt32(1_000, 3_000)));
        victim.Crash();
        AbandonRequests();
        await simulation.Delay(TimeSpan.FromMilliseconds(random.NextInt32(1, 4_000)));
        victim.Restart();
        restartedAt = simulation.Now;
        hosts[0].Learn(hosts[1]);
        hosts[1].Learn(hosts[0]);
        await simulation.Delay(TimeSpan.FromSeconds(4));
        over = true;
        await Task.WhenAll(talk, answer);
        await simulation.Delay(TimeSpan.FromSeconds(12));
        Check();
    }

    private void Check()
    {
        if (firstArrival is null)
            Violations.Add("nothing ever reached the new life");
        if (Recovery == default)
            Violations.Add("no new request was answered after the restart");
        else if (Recovery > (roundTrip * 3) + Grace)
            Violations.Add($"recovered {Recovery.TotalMilliseconds} ms after the first datagram");

        foreach (var request in requests.Values)
        {
            if (request.Ends != 1)
                Violations.Add($"request {request.Id} ended {request.Ends} times");
        }
    }

    private async Task Talk(SimulatedHost from, SimulatedHost to)
    {
        while (!over)
        {
            await simulation.Delay(pause);
            if (from.IsRunning && !over)
                _ = Ask(from, to);
        }
    }

    private async Task Ask(SimulatedHost from, SimulatedHost to)
    {
        var request = new Request(++lastId, from, lives[from.Index], simulation.Now);
        requests.Add(request.Id, request);
        var data = new byte[random.NextInt32(16, 400)];
        BinaryPrimitives.WriteUInt64BigEndian(data, request.Id);
        try
        {
            var reply = await from.Host.Request(to.Id, Work, data);
            OnAnswer(request, BinaryPrimitives.ReadUInt64BigEndian(reply.Data.Span));
        }
        catch (Exception error) when (error is MsgNetException or TimeoutException)
        {
            Failed++;
        }

        request.Ends++;
    }

    private void OnAnswer(Request request, ulong id)
    {
        if (id != request.Id || request.Life != lives[request.From.Index])
            Violations.Add($"request {request.Id} of life {request.Life} of {request.From} got the answer to {id}");
        if (restartedAt is null)
            Before++;
        if (restartedAt is null || request.At < restartedAt)
            return;

        After++;
        if (Recovery == default)
            Recovery = simulation.Now - (firstArrival ?? request.At);
    }

    private void OnStarted(SimulatedHost host)
    {
        var life = ++lives[host.Index];
        host.Host.SetMessageHandler(Work, async message =>
        {
            var id = BinaryPrimitives.ReadUInt64BigEndian(message.Data.Span);
            if (life != lives[host.Index])
                Violations.Add($"request {id} ran in life {life} of {host}, which is over");
            if (!run.Add(id))
                Violations.Add($"request {id} ran twice");
            await message.Reply(message.Data);
        });
    }

    // What the victim itself waited for dies with it: nothing is left to end.
    private void AbandonRequests()
    {
        foreach (var request in requests.Values.Where(request => request.From == victim && request.Ends == 0).ToArray())
            requests.Remove(request.Id);
    }

    private sealed record Request(ulong Id, SimulatedHost From, int Life, TimeSpan At)
    {
        public int Ends { get; set; }
    }
}
