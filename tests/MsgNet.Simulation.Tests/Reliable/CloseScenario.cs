using MsgNet.Core;

namespace MsgNet.Simulation.Tests.Reliable;

/// <summary>
/// One seed: two hosts in the middle of a transfer, through 30 % loss, when one of them closes with some time to drain. Every message that
/// counts as delivered is, every other is reported, and whoever was told of a clean close missed nothing.
/// </summary>
internal sealed class CloseScenario
{
    private static readonly ProtocolId Protocol = "/close/1";
    private readonly Simulation simulation;
    private readonly SeededRandom random;
    private readonly SimulatedHost sender;
    private readonly SimulatedHost receiver;
    private readonly HashSet<int> taken = [];
    private readonly HashSet<int> handled = [];
    private readonly Fate[] fates;
    private readonly TimeSpan drain;
    private ISocketSession? session;
    private bool wasUnreachable;

    public CloseScenario(ulong seed)
    {
        simulation = new Simulation(seed, new SimulationOptions
        {
            DatagramsMax = 20_000,
            Link = new LinkOptions { Loss = 0.3, Delay = TimeSpan.FromMilliseconds(20), Jitter = TimeSpan.FromMilliseconds(5) },
        });
        random = simulation.Random;
        sender = simulation.AddHost();
        receiver = simulation.AddHost(new SimulatedHostOptions { Started = host => host.Host.SetMessageHandler(Protocol, Take) });

        // What is offered fits a lane's send buffer: all of it is accepted at once.
        fates = new Fate[random.NextInt32(1, 120)];

        // A third has no time to drain, a third a little, a third enough.
        drain = random.NextInt32(0, 3) switch
        {
            0 => TimeSpan.Zero,
            1 => random.NextTime(TimeSpan.FromSeconds(1)),
            _ => TimeSpan.FromSeconds(30),
        };
    }

    public List<string> Violations { get; } = [];

    public int Delivered => fates.Count(fate => fate == Fate.Delivered);

    public int Reported => fates.Count(fate => fate == Fate.Failed);

    public override string ToString() => $"{simulation}: {string.Join("; ", Violations)}";

    public CloseScenario Run()
    {
        simulation.Introduce();
        simulation.Run(Main);
        return this;
    }

    private async Task Main()
    {
        var waits = random.NextBool(0.5);
        var options = (random.NextBool(0.5) ? SendOptions.Reliable : SendOptions.Ordered) with { WaitForDelivery = waits };
        session = sender.Host.OpenSession(receiver.Id, Protocol, options);
        for (var number = 0; number < fates.Length; number++)
            _ = Send(number, waits);

        await simulation.Delay(random.NextTime(TimeSpan.FromSeconds(1)));
        var closer = random.NextBool(0.7) ? sender : receiver;
        await closer.Host.Close(drain);

        // The other learns of it by a goodbye; or, when that is lost, by silence as soon as it says something, new keys at the latest.
        await simulation.Delay(TimeSpan.FromMinutes(4));
        Check(waits, closer);
    }

    private async Task Send(int number, bool waits)
    {
        var data = new byte[random.NextBool(0.1) ? random.NextInt32(4, 8_000) : random.NextInt32(4, 1_500)];
        BitConverter.TryWriteBytes(data, number);
        try
        {
            await session!.SendMessage(data);
            fates[number] = waits ? Fate.Delivered : Fate.Accepted;
            if (waits && !handled.Contains(number))
                Violations.Add($"message {number} was said to be delivered, and its handler was not done");
        }
        catch (Exception error) when (error is MsgNetException or ObjectDisposedException)
        {
            fates[number] = Fate.Failed;
            wasUnreachable |= error is PeerUnreachableException;
            if (error is SessionLostException { MaybeDelivered: false } && taken.Contains(number))
                Violations.Add($"message {number} was delivered, and failed as if certainly not");
        }
    }

    private async ValueTask Take(Message message)
    {
        var number = BitConverter.ToInt32(message.Data.Span);
        if (!taken.Add(number))
            Violations.Add($"message {number} arrived twice");
        if (random.NextBool(0.1))
            await simulation.Delay(random.NextTime(TimeSpan.FromMilliseconds(100)));
        handled.Add(number);
    }

    private void Check(bool waits, SimulatedHost closer)
    {
        var pending = fates.Count(fate => fate == Fate.Pending);
        if (pending > 0)
            Violations.Add($"{pending} sends neither completed nor failed after {closer} closed with {drain}");
        if (!session!.Completion.IsCompleted)
            Violations.Add($"the session did not end after {closer} closed with {drain}");

        var missed = fates.Index().Count(fate => fate.Item == Fate.Accepted && !taken.Contains(fate.Index));
        if (missed > 0 && session.Completion.IsCompletedSuccessfully)
            Violations.Add($"{missed} messages were accepted and lost, and the session ended as if all was well, closed by {closer}");

        // Nothing is left out that there was time for, and then there is nothing to report.
        wasUnreachable |= session.Completion.Exception?.InnerException is PeerUnreachableException;
        if (closer != sender || drain < TimeSpan.FromSeconds(30) || wasUnreachable)
            return;

        if (taken.Count < fates.Length)
            Violations.Add($"{fates.Length - taken.Count} of {fates.Length} messages were not delivered although {drain} were given");
        if (session.Completion.IsFaulted || Reported > 0)
            Violations.Add($"a clean close was reported as an error: {session.Completion.Exception?.InnerException}, {Reported} failed");
    }

    private enum Fate
    {
        Pending,
        Accepted,
        Delivered,
        Failed,
    }
}
