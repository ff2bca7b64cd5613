namespace MsgNet.Core.Tests.Node;

/// <summary>Nodes on a network in virtual time: every datagram takes 10 ms, unless the test decides otherwise.</summary>
internal sealed class NodeNetwork(int seed = 1)
{
    private const int IdleRoundsMax = 1_000;
    private readonly List<TestNode> nodes = [];
    private readonly PriorityQueue<Flight, (long At, int Order)> underway = new();
    private int order;
    private int idleRounds;

    public int Seed => seed;

    public Instant Now { get; private set; } = Instant.Zero + TimeSpan.FromSeconds(100);

    /// <summary>How long a datagram takes.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Bytes of the largest datagram that arrives.</summary>
    public int DatagramSizeMax { get; set; } = Limits.DatagramSizeEthernet;

    /// <summary>Sees every datagram as it leaves.</summary>
    public Action<Flight>? OnSend { get; set; }

    /// <summary>Every datagram that left, in order.</summary>
    public List<Flight> Flights { get; } = [];

    public TestNode Add(params string[] handled)
    {
        var node = new TestNode(this, nodes.Count + 1);
        node.Handle(handled);
        nodes.Add(node);
        return node;
    }

    public void Connect(TestNode from, TestNode to)
    {
        from.Dial(to);
        from.Write();
        RunUntil(() => from.Peer(to).IsReady && to.Peer(from).IsReady);
    }

    public void Remove(TestNode node) => nodes.Remove(node);

    public void Send(NetAddress from, NetAddress to, byte[] datagram, byte[] frames)
    {
        var flight = new Flight { Number = Flights.Count, SentAt = Now, From = from, To = to, Datagram = datagram, Frames = frames };
        Flights.Add(flight);
        idleRounds = 0;
        OnSend?.Invoke(flight);
        flight.IsLost |= datagram.Length > DatagramSizeMax;
        for (var copy = 0; copy < flight.Copies && !flight.IsLost; copy++)
            Deliver(flight, Delay + flight.ExtraDelay);
    }

    /// <summary>A datagram from nowhere.</summary>
    public void Inject(NetAddress from, NetAddress to, byte[] datagram)
    {
        foreach (var node in nodes.ToArray())
        {
            if (node.Address == to)
                node.Receive(from, (byte[])datagram.Clone());
        }
    }

    public void Run(double seconds) => RunUntil(() => false, seconds, mustHappen: false);

    public void RunUntil(Func<bool> condition, double seconds = 10, bool mustHappen = true)
    {
        var end = Now + TimeSpan.FromSeconds(seconds);
        while (!condition())
        {
            var next = Next();
            if (next > end)
            {
                Now = end;
                Assert.False(mustHappen, $"It did not happen within {seconds} s.");
                return;
            }

            Step(next);
        }
    }

    private Instant Next()
    {
        var next = underway.TryPeek(out _, out var key) ? new Instant(key.At) : Instant.Never;
        foreach (var node in nodes)
            next = Instant.Min(next, node.Machine.NextTimer);
        return next;
    }

    private void Step(Instant next)
    {
        if (next > Now)
        {
            Now = next;
            idleRounds = 0;
        }

        Assert.True(++idleRounds < IdleRoundsMax, $"A timer stays due at {Now}.");
        while (underway.TryPeek(out _, out var key) && key.At <= Now.Ticks)
        {
            var flight = underway.Dequeue();
            Inject(flight.From, flight.To, flight.Datagram);
        }

        foreach (var node in nodes.ToArray())
        {
            if (node.Machine.NextTimer <= Now)
                node.OnTimer();
        }
    }

    private void Deliver(Flight flight, TimeSpan delay) => underway.Enqueue(flight, ((Now + delay).Ticks, order++));
}
