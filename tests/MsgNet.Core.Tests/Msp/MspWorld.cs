namespace MsgNet.Core.Tests.Msp;

/// <summary>Hosts and the network between them, in virtual time.</summary>
internal sealed class MspWorld(int seed) : IDisposable
{
    private readonly Random random = new(seed);
    private readonly PriorityQueue<(MspPair Pair, byte[] Packet), (long Ticks, long Order)> network = new();
    private readonly byte[] buffer = new byte[Limits.MspPacketMax];
    private long order;

    public Instant Now { get; private set; } = Instant.Zero;

    public List<MspHost> Hosts { get; } = [];

    /// <summary>Share of packets lost.</summary>
    public double Loss { get; set; }

    /// <summary>Share of packets that arrive twice.</summary>
    public double Duplication { get; set; }

    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Longest addition to the delay, which also reorders.</summary>
    public TimeSpan Jitter { get; set; }

    /// <summary>Sees every packet that leaves, with its sender; false loses it.</summary>
    public Func<MspHost, MspPair, byte[], bool> Passes { get; set; } = (_, _, _) => true;

    /// <summary>Packets that left, in order.</summary>
    public List<(Instant At, MspHost From, byte[] Packet)> Trace { get; } = [];

    public bool KeepsTrace { get; set; }

    public MspHost Add()
    {
        var host = new MspHost((byte)(Hosts.Count + 1));
        Hosts.Add(host);
        return host;
    }

    /// <summary>Goes on until <paramref name="done"/>, nothing is left to happen, or the time is over; tells whether it is done.</summary>
    public bool Run(TimeSpan atMost, Func<bool> done)
    {
        var end = Now + atMost;
        for (var standstill = 0; ; standstill++)
        {
            Assert.True(standstill < 10_000, "Time stands still.");
            Pump();
            if (done())
                return true;

            var next = network.TryPeek(out _, out var key) ? new Instant(key.Ticks) : Instant.Never;
            foreach (var host in Hosts)
                next = Instant.Min(next, host.Endpoint.NextTimer);
            if (next > end)
            {
                Now = end;
                return false;
            }

            standstill = next > Now ? 0 : standstill;
            Now = Instant.Max(Now, next);
            Deliver();
            foreach (var host in Hosts)
            {
                if (host.Endpoint.NextTimer <= Now)
                    host.OnTimer(Now);
            }
        }
    }

    public void Run(TimeSpan time) => Run(time, () => false);

    /// <summary>Sends a packet that no endpoint made.</summary>
    public void Inject(MspHost to, MspAddress from, params byte[] packet)
    {
        to.OnPacket(Now, new MspPair(to.Address, from), packet);
        Pump();
    }

    public void Dispose() => Hosts.ForEach(host => host.Dispose());

    private void Pump()
    {
        foreach (var host in Hosts)
        {
            do
            {
                foreach (var talk in host.Talks.Where(talk => talk.Connection.End == MspEnd.None))
                    talk.Write(Now);
            }
            while (WriteAll(host) && host.Talks.Any(talk => talk.ToSend.Count > 0));
        }
    }

    private bool WriteAll(MspHost host)
    {
        var any = false;
        while (true)
        {
            var writer = new MspPacketWriter(buffer);
            if (!host.Endpoint.WritePacket(Now, ref writer))
                return any;

            any = true;
            Send(host, writer.Pair, writer.Packet.ToArray());
        }
    }

    private void Send(MspHost from, in MspPair pair, byte[] packet)
    {
        if (KeepsTrace)
            Trace.Add((Now, from, packet));
        if (!Passes(from, pair, packet) || random.NextDouble() < Loss)
            return;

        var copies = random.NextDouble() < Duplication ? 2 : 1;
        for (; copies > 0; copies--)
        {
            var at = Now + Delay + (Jitter * random.NextDouble());
            network.Enqueue((new MspPair(pair.Remote, pair.Local), packet), (at.Ticks, order++));
        }
    }

    private void Deliver()
    {
        while (network.TryPeek(out var arrived, out var key) && key.Ticks <= Now.Ticks)
        {
            network.Dequeue();
            Hosts.Find(host => host.Address == arrived.Pair.Local)?.OnPacket(Now, arrived.Pair, arrived.Packet);
        }
    }
}
