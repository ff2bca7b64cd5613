using MsgNet.Core;

namespace MsgNet.Simulation.Tests.Attack;

/// <summary>
/// Keeps every HELLO to one host, and the EARLY behind it, and sends them again much later, more than once: from where they came and from
/// elsewhere, whole and cut off, and with a cookie of its own glued on wherever the host hands one out.
/// </summary>
internal sealed class Replayer : IDatagramObserver
{
    private static readonly double[] OffsetsInSeconds = [0.001, 1, 29, 31, 61, 119, 181];
    private const int RareFrom = 5;
    private readonly Simulation simulation;
    private readonly SimulatedHost target;
    private readonly Queue<Recorded>[] underway;
    private readonly Dictionary<NetAddress, Recorded> baits = [];
    private readonly List<(NetAddress From, byte[] Datagram)> glued = [];
    private int elsewhere;

    public Replayer(Simulation simulation, SimulatedHost target)
    {
        this.simulation = simulation;
        this.target = target;
        underway = [.. OffsetsInSeconds.Select(_ => new Queue<Recorded>())];
    }

    /// <summary>Called with the source of every HELLO kept.</summary>
    public Action<NetAddress>? OnRecorded { get; set; }

    /// <summary>Datagrams sent again, in all forms.</summary>
    public long Repeated { get; private set; }

    /// <summary>EARLY packets kept.</summary>
    public long EarlyRecorded { get; private set; }

    /// <summary>HELLOs to which a cookie was glued.</summary>
    public long Glued { get; private set; }

    public bool IsDone => underway.All(queue => queue.Count == 0);

    public static TimeSpan Tail => TimeSpan.FromSeconds(OffsetsInSeconds[^1] + 1);

    public void OnSent(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        var type = ChannelHeader.Read(datagram);
        if (type == ChannelMessageType.Retry && baits.Remove(to with { LocalPort = 0 }, out var bait))
            Glue(bait, to, datagram);
        if (type is not (ChannelMessageType.Hello or ChannelMessageType.Early)
            || to.Low != NetAddress.From(target.LocalAddresses[0], 0, 0).Low)
            return;

        var recorded = new Recorded(simulation.Now, from, to, datagram.ToArray());
        if (type == ChannelMessageType.Hello)
            OnRecorded?.Invoke(from);
        else
            EarlyRecorded++;

        var rare = simulation.Random.NextBool(0.25);
        for (var i = 0; i < underway.Length; i++)
        {
            if (i < RareFrom || rare)
                underway[i].Enqueue(recorded);
        }
    }

    public void OnArrival(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
    }

    /// <summary>Sends again whatever is due.</summary>
    public void Act()
    {
        foreach (var (from, datagram) in glued)
            Inject(from, NetAddress.From(target.LocalAddresses[0], 4001, 0), datagram);

        glued.Clear();
        for (var i = 0; i < underway.Length; i++)
        {
            while (underway[i].TryPeek(out var recorded) && recorded.At.TotalSeconds + OffsetsInSeconds[i] <= simulation.Now.TotalSeconds)
                SendAgain(underway[i].Dequeue());
        }
    }

    private void SendAgain(Recorded recorded)
    {
        // Who is first must make no difference.
        if (simulation.Random.NextBool(0.5))
            Inject(recorded.From, recorded.To, recorded.Datagram);

        var bait = NetAddress.From(new System.Net.IPAddress([172, 16, (byte)(++elsewhere >> 8), (byte)elsewhere]), 7_000, 0);
        baits[bait] = recorded;
        Inject(bait, recorded.To, recorded.Datagram);
        Inject(recorded.From, recorded.To, recorded.Datagram);
        var length = simulation.Random.NextInt32(0, recorded.Datagram.Length);
        Inject(recorded.From, recorded.To, recorded.Datagram.AsSpan(0, length));
    }

    // K_cookie is public, so whoever gets a RETRY can open it: what he cannot do is to make the cookie part of an old HELLO.
    private void Glue(Recorded bait, in NetAddress to, ReadOnlySpan<byte> retry)
    {
        Span<byte> cookie = stackalloc byte[RetryMessage.CookieLength];
        var mac1 = bait.Datagram.AsSpan(HelloMessage.Mac1Offset, 16);
        if (!RetryMessage.TryParse(retry, out var parsed) || !parsed.TryOpen(target.Crypto, target.Crypto.PublicKey, mac1, cookie))
            return;

        Glued++;
        var forged = (byte[])bait.Datagram.Clone();
        target.Crypto.Mac(cookie, forged.AsSpan(0, HelloMessage.Mac2Offset), forged.AsSpan(HelloMessage.Mac2Offset, 16));
        glued.Add((to, forged));
    }

    private void Inject(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        Repeated++;
        simulation.Network.Inject(from, to, datagram);
    }

    private sealed record Recorded(TimeSpan At, NetAddress From, NetAddress To, byte[] Datagram);
}
