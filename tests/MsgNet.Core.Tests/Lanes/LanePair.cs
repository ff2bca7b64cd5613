namespace MsgNet.Core.Tests.Lanes;

/// <summary>
/// Two tables and a network between them: real frame lists, packets that are lost, repeated and reordered by a seed, and the plainest
/// recovery there is: a sender learns the fate of each packet a round trip after it was sent.
/// </summary>
internal sealed class LanePair : IDisposable
{
    public const int FrameRoom = Limits.DatagramSizeMin - Limits.SealOverhead;
    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(10);
    private readonly PriorityQueue<Action, (long Ticks, long Order)> network = new();
    private readonly byte[] datagram = new byte[Limits.DatagramSizeMax];
    private readonly PacketItems items = new();
    private readonly Random random;
    private long order;

    public LanePair(int seed = 1, LaneSettings? settings = null)
    {
        random = new Random(seed);
        var some = settings ?? new LaneSettings();
        Alice = new LaneHost("/alice", 0, some);
        Bob = new LaneHost("/bob", 1, some);
    }

    public LaneHost Alice { get; }

    public LaneHost Bob { get; }

    public Instant Now { get; private set; } = Instant.FromMicroseconds(1_000_000);

    public double Loss { get; init; }

    public double Repetition { get; init; }

    public TimeSpan Jitter { get; init; }

    /// <summary>Datagrams an end may write per millisecond.</summary>
    public int Rate { get; init; } = 12;

    public long Lost { get; private set; }

    public long Sent { get; private set; }

    public int Room { get; set; } = FrameRoom;

    public bool IsQuiet => network.Count == 0 && !Alice.Table.HasWork && !Bob.Table.HasWork;

    /// <summary>Lets time pass until nothing is under way; fails after that many milliseconds.</summary>
    public void RunUntilQuiet(int milliseconds = 60_000)
    {
        RunUntil(() => IsQuiet && Alice.Table.IsDrained && Bob.Table.IsDrained && !Alice.IsBusy && !Bob.IsBusy, milliseconds);
    }

    public void RunUntil(Func<bool> done, int milliseconds = 60_000)
    {
        for (var i = 0; i < milliseconds; i++)
        {
            if (done())
                return;
            Step();
        }

        Assert.Fail($"Not there after {milliseconds} ms: {Alice.Describe()} {Bob.Describe()}");
    }

    public void Step()
    {
        Now += TimeSpan.FromMilliseconds(1);
        while (network.TryPeek(out _, out var due) && due.Ticks <= Now.Ticks)
            network.Dequeue()();
        foreach (var (from, to) in new[] { (Alice, Bob), (Bob, Alice) })
        {
            from.Tick(Now);
            for (var i = 0; i < Rate && from.Table.HasWork; i++)
            {
                if (!TrySend(from, to))
                    break;
            }
        }
    }

    public void Dispose()
    {
        Alice.Table.Dispose();
        Bob.Table.Dispose();
    }

    private bool TrySend(LaneHost from, LaneHost to)
    {
        var writer = new WireWriter(datagram.AsSpan(0, Room));
        items.Clear();
        from.Table.WriteControl(Now, riding: true, ref writer, items);
        from.Table.WriteSegments(Now, Room, early: false, ref writer, items);
        if (writer.Position == 0)
            return false;

        Sent++;
        var bytes = writer.Written.ToArray();
        var carried = items.Span.ToArray();
        from.CheckOneSegmentPerLane(carried);
        var isLost = random.NextDouble() < Loss;
        var delay = OneWay + (Jitter * random.NextDouble());
        if (isLost)
            Lost++;
        else
            At(Now + delay, () => to.Receive(Now, bytes));
        // Below MSP a repeated packet is refused, but a segment comes again when it was declared lost and was not.
        var isToldLost = isLost || random.NextDouble() < Repetition;
        At(Now + (OneWay * 2) + Jitter, () => from.Outcome(Now, carried, !isToldLost));
        return true;
    }

    private void At(Instant when, Action action) => network.Enqueue(action, (when.Ticks, order++));
}
