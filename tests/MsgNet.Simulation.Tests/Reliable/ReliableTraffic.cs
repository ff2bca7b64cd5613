using MsgNet.Core;

namespace MsgNet.Simulation.Tests.Reliable;

/// <summary>
/// Reliable messages between the hosts of a scenario: ordered and not, with and without waiting for the handler, of 0 bytes to 300 KB, to
/// handlers that are quick, slow, or throw. It draws from a stream of its own.
/// </summary>
internal sealed class ReliableTraffic(Simulation simulation, List<string> violations)
{
    private static readonly ProtocolId Protocol = "/reliable/1";
    private static readonly SendOptions[] Kinds =
    [
        SendOptions.Reliable,
        SendOptions.Ordered,
        SendOptions.Reliable with { WaitForDelivery = true },
        SendOptions.Ordered with { WaitForDelivery = true },
    ];

    private readonly SeededRandom random = new(simulation.Seed, stream: 77);
    private readonly Dictionary<int, int> lives = [];
    private readonly List<Conversation> conversations = [];
    private readonly Dictionary<(int From, int To, SendOptions Options), Conversation> current = [];
    private readonly Dictionary<(PeerId From, int To, int Life), int> emptyTaken = [];
    private bool calm;

    /// <summary>Messages that reached a handler.</summary>
    public int Delivered { get; private set; }

    /// <summary>Messages whose sender was told that they may be lost.</summary>
    public int Reported => conversations.Sum(conversation => conversation.Reported);

    /// <summary>A host starts, for the first time or again.</summary>
    public void Serve(SimulatedHost host)
    {
        var life = lives[host.Index] = lives.GetValueOrDefault(host.Index) + 1;
        host.Host.SetMessageHandler(Protocol, message => Take(host, life, message));
    }

    /// <summary>A host talks to the others until that time.</summary>
    public async Task Talk(SimulatedHost host, TimeSpan until)
    {
        while (simulation.Now < until)
        {
            await simulation.Delay(random.NextTime(TimeSpan.FromSeconds(44)));
            if (!host.IsRunning)
                continue;

            var other = simulation.Hosts[(host.Index + random.NextInt32(1, simulation.Hosts.Count)) % simulation.Hosts.Count];
            var conversation = Converse(host, other, Kinds[random.NextInt32(0, Kinds.Length)]);
            for (var left = random.NextBool(0.05) ? 40 : random.NextInt32(1, 5); left > 0; left--)
                _ = conversation.Offer(DrawLength(), lives[other.Index], violations);
            if (random.NextBool(0.1))
                _ = CloseIfDone(conversation);
        }
    }

    /// <summary>Handlers are quick from now on.</summary>
    public void CalmDown() => calm = true;

    /// <summary>
    /// Every message of a host that still lives, to one that is not beyond its reach, has been delivered, or reported as lost; and its
    /// sender knows it, unless it waits for a handler in a life of the receiver that has ended.
    /// </summary>
    public void CheckAllHasCome(string when, Func<Conversation, bool> isBeyondReach) =>
        Check(when, conversation => !isBeyondReach(conversation), conversation => conversation.OwesWhile(lives[conversation.To.Index]));

    /// <summary>Every message of a host that still lives has been delivered, or reported as lost, and its sender knows it.</summary>
    public void CheckNothingIsOwed(string when) => Check(when, static _ => true, static conversation => conversation.Owes);

    /// <summary>No life of a receiver got more empty messages from a host than this one ever offered.</summary>
    public void CheckEmptyOnce()
    {
        foreach (var ((from, to, life), count) in emptyTaken)
        {
            var offered = conversations.Where(conversation => conversation.From.Id == from && conversation.To.Index == to)
                .Sum(conversation => conversation.EmptyOffered);
            if (count > offered)
                violations.Add($"{count} empty messages of {offered} from {from} reached host{to} in its life {life}");
        }
    }

    private void Check(string when, Func<Conversation, bool> counts, Func<Conversation, bool> owes)
    {
        var counted = conversations.Where(conversation => IsSenderAlive(conversation) && counts(conversation)).ToArray();
        foreach (var conversation in counted.Where(owes))
            violations.Add($"{when}: {conversation.Describe()}");
        foreach (var pair in counted.GroupBy(conversation => (conversation.From, conversation.To)))
            CheckEmpty(pair.Key.From, pair.Key.To, when, pair);
    }

    private void CheckEmpty(SimulatedHost from, SimulatedHost to, string when, IEnumerable<Conversation> owing)
    {
        var owed = owing.Sum(conversation => conversation.EmptyOwed);
        var taken = emptyTaken.Where(entry => entry.Key.From == from.Id && entry.Key.To == to.Index).Sum(entry => entry.Value);
        if (taken < owed)
            violations.Add($"{when}: only {taken} of {owed} empty messages from {from} reached {to}");
    }

    private Conversation Converse(SimulatedHost from, SimulatedHost to, SendOptions options)
    {
        var key = (from.Index, to.Index, options);
        if (current.TryGetValue(key, out var known) && IsSenderAlive(known) && !known.IsOver)
            return known;

        var session = from.Host.OpenSession(to.Id, Protocol, options);
        var opened = new Conversation(conversations.Count, from, lives[from.Index], to, options, session);
        conversations.Add(opened);
        current[key] = opened;
        return opened;
    }

    private async Task CloseIfDone(Conversation conversation)
    {
        await simulation.Delay(TimeSpan.FromSeconds(10));
        if (IsSenderAlive(conversation) && !conversation.IsOver && !conversation.Owes)
            await conversation.Close();
    }

    private async ValueTask Take(SimulatedHost host, int life, Message message)
    {
        Delivered++;
        if (life != lives[host.Index])
            violations.Add($"a reliable message reached {host} after the end of its life {life}");
        if (message.Data.IsEmpty)
        {
            var key = (message.From, host.Index, life);
            emptyTaken[key] = emptyTaken.GetValueOrDefault(key) + 1;
            return;
        }

        var (id, number) = Conversation.Read(message.Data.Span);
        if ((uint)id >= (uint)conversations.Count || conversations[id].To != host || conversations[id].From.Id != message.From)
        {
            violations.Add($"{host} got a reliable message of {message.Data.Length} bytes from {message.From} that was not for it");
            return;
        }

        if (conversations[id].Deliver(number, message.Data.Span, life, message.Delivery) is { } wrong)
            violations.Add(wrong);
        if (!calm && random.NextBool(0.05))
            await simulation.Delay(random.NextTime(TimeSpan.FromSeconds(2)));
        conversations[id].OnHandled(number);
        if (random.NextBool(0.02))
            throw new InvalidOperationException("A handler that throws, on purpose.");
    }

    private bool IsSenderAlive(Conversation conversation) =>
        conversation.From.IsRunning && lives[conversation.From.Index] == conversation.Life;

    private int DrawLength() => random.NextInt32(0, 200) switch
    {
        < 20 => 0,
        < 130 => random.NextInt32(8, 200),
        < 170 => random.NextInt32(8, 1_500),
        < 196 => random.NextInt32(8, 8_000),
        < 199 => random.NextInt32(8, 70_000),
        _ => random.NextInt32(8, 300_000),
    };
}
