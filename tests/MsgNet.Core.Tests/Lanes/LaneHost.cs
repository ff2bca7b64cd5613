namespace MsgNet.Core.Tests.Lanes;

/// <summary>One end of a <see cref="LanePair"/>: a table, and a driver that reads what comes.</summary>
internal sealed class LaneHost
{
    private readonly NodeEvents events = new();
    private readonly Queue<(Instant At, Lane Lane, ulong Receipt)> handling = new();
    private readonly HashSet<Lane> readable = [];

    public LaneHost(string name, int side, LaneSettings settings)
    {
        Name = name;
        TakesRuns = side == 1; // of a pair, one reads this way and one that
        Pool = new BufferPool(poison: true);
        Table = new LaneTable(default, side, settings, Registry, Pool, Counters)
        {
            RoundTrip = TimeSpan.FromMilliseconds(20),
            Origin = new PacketOrigin(this, 0),
        };
        Registry.Register("/a");
        Registry.Register("/b");
        Registry.RegisterStream("/stream");
    }

    public string Name { get; }

    public BufferPool Pool { get; }

    public ProtocolRegistry Registry { get; } = new();

    public NodeCounters Counters { get; } = new();

    public LaneTable Table { get; }

    public List<(Lane Lane, byte[] Data)> Messages { get; } = [];

    public List<(NodeEventKind Kind, Lane Lane, LaneEnd End)> Happened { get; } = [];

    public List<(ulong Id, byte[] Data)> Replies { get; } = [];

    /// <summary>How long its handler takes.</summary>
    public TimeSpan HandlerTime { get; set; }

    /// <summary>It answers requests with their own bytes.</summary>
    public bool Answers { get; set; }

    /// <summary>It takes what follows a message together with it.</summary>
    public bool TakesRuns { get; set; }

    /// <summary>It leaves messages where they are.</summary>
    public bool IsDeaf { get; set; }

    public bool IsBusy => handling.Count > 0 || readable.Count > 0;

    public int SegmentsWritten { get; private set; }

    public void Receive(Instant now, byte[] list)
    {
        var reader = new FrameListReader(list);
        while (reader.TryNext(out var slice) == FrameReadStatus.Frame)
        {
            if (slice.Type == FrameType.Msp && MspFrame.TryParse(slice.Body, out var msp))
                Assert.True(Table.OnMsp(now, msp, early: false, events));
            else if (slice.Type == FrameType.LaneWindow && LaneWindowFrame.TryParse(slice.Body, out var window))
                Assert.True(Table.OnWindow(now, window, events));
            else
                Assert.Fail($"Unexpected frame {slice.Type}.");
        }

        Handle(now);
    }

    public void Outcome(Instant now, PacketItem[] carried, bool arrived)
    {
        foreach (var item in carried)
            Table.OnOutcome(now, new PacketOutcome(item, arrived), events);
        Handle(now);
    }

    public void Tick(Instant now)
    {
        if (!IsDeaf)
        {
            foreach (var lane in readable.ToArray())
                Read(now, lane);
        }

        while (handling.TryPeek(out var done) && done.At <= now)
        {
            handling.Dequeue();
            Table.Consume(now, done.Lane, done.Receipt);
        }

        for (var i = 0; Table.NextTimer <= now; i++)
        {
            Assert.True(i < 3, $"The timer of {Name} does not rest: {Table.NextTimer} at {now}.");
            Table.OnTimer(now, events);
            Handle(now);
        }
    }

    public void CheckOneSegmentPerLane(PacketItem[] carried)
    {
        var lanes = carried.Where(item => item.Kind == PacketItemKind.Segment).Select(item => item.Lane).ToArray();
        SegmentsWritten += lanes.Length;
        Assert.Equal(lanes.Length, lanes.Distinct().Count());
    }

    public Lane Open(Instant now, string protocol, LaneKind kind)
    {
        var lane = Table.Open(now, protocol, kind, allowEarly: true);
        Assert.NotNull(lane);
        return lane;
    }

    public byte[][] Received(Lane? lane = null) =>
        Messages.Where(message => lane is null || message.Lane == lane).Select(message => message.Data).ToArray();

    public LaneEnd EndOf(Lane lane) => Assert.Single(Happened, entry => entry.Kind == NodeEventKind.LaneEnded && entry.Lane == lane).End;

    public string Describe() =>
        $"{Name}: {Messages.Count} messages, work {Table.HasWork}, drained {Table.IsDrained}, timer {Table.NextTimer}";

    public void Handle(Instant now)
    {
        foreach (var happened in events.All)
        {
            Happened.Add((happened.Kind, happened.Lane!, happened.LaneEnd));
            if (happened.Kind == NodeEventKind.LaneReadable)
                readable.Add(happened.Lane!);
        }

        events.Clear();
        while (Table.TryTakeReply(now, out var reply))
            Replies.Add((reply.Id, reply.Data.ToArray()));
    }

    public NodeEvents Events => events;

    private void Read(Instant now, Lane lane)
    {
        readable.Remove(lane);
        while (Table.TryPeek(lane, out var message))
        {
            Messages.Add((lane, message.Data.ToArray()));
            if (Answers && message.RequestId > 0)
                Assert.True(Table.TryReply(now, lane, message.RequestId, ReplyStatus.Ok, message.Data));
            handling.Enqueue((now + HandlerTime, lane, message.Receipt));
            var following = TakesRuns && message.RequestId == 0 ? lane.Inbox.PeekFollowing() : default;
            for (; following.TryPeek(out var next); following.Take())
            {
                Messages.Add((lane, next.ToArray()));
                handling.Enqueue((now + HandlerTime, lane, message.Receipt));
            }

            Table.Take(now, lane, following);
        }
    }
}
