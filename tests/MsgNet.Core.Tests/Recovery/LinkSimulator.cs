using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Recovery;

/// <summary>
/// Senders with a <see cref="PathRecovery"/> each, one bottleneck with a tail-drop queue, random loss behind it, receivers that report
/// through the real frame, and a lossy way back. Discrete events, seeded: the same run every time.
/// </summary>
internal sealed class LinkSimulator(LinkOptions options, ulong seed)
{
    private readonly SeededRandom random = new(seed);
    private readonly PriorityQueue<Event, (long Ticks, long Order)> events = new();
    private readonly List<SimulatedFlow> flows = [];
    private readonly List<TimeSpan> waits = [];
    private long order;
    private Instant linkFree;

    public Instant Now { get; private set; }

    public TimeSpan QueueDelayMax { get; private set; }

    public long QueueDrops { get; private set; }

    /// <summary>While true nothing gets through, either way.</summary>
    public bool IsDark { get; set; }

    /// <summary>The link; may change while packets are under way.</summary>
    public LinkOptions Options { get; set; } = options;

    public double BytesPerSecond => Options.BitsPerSecond / 8.0;

    /// <summary>Adds a sender; a null interval is one with unlimited data, else one datagram comes due per interval.</summary>
    public SimulatedFlow Add(
        Instant start, TimeSpan? interval = null, bool reliable = false, CongestionControl control = CongestionControl.Model)
    {
        var flow = new SimulatedFlow(this, flows.Count, start, interval, reliable, control);
        flows.Add(flow);
        Wake(flow, start);
        return flow;
    }

    public void RunUntil(Instant end)
    {
        while (events.TryPeek(out _, out var at) && at.Ticks <= end.Ticks)
        {
            var next = events.Dequeue();
            Now = new Instant(at.Ticks);
            var flow = flows[next.Flow];
            if (next.Report is not null)
                flow.OnReport(Now, next.Report);
            else if (next.Bytes > 0)
                flow.OnArrival(Now, next.Number, next.Bytes, next.Segment);
            flow.Pump(Now, isWake: next is { Report: null, Bytes: 0 });
        }

        Now = end;
    }

    public void RunFor(TimeSpan span) => RunUntil(Now + span);

    /// <summary>Forgets the queueing delays and the drops seen so far.</summary>
    public void ResetQueueStatistics()
    {
        (QueueDelayMax, QueueDrops) = (TimeSpan.Zero, 0);
        waits.Clear();
    }

    /// <summary>What share <paramref name="part"/> of the packets waited for at most in the queue.</summary>
    public TimeSpan QueueDelay(double part)
    {
        waits.Sort();
        return waits[(int)((waits.Count - 1) * part)];
    }

    public bool Chance(double probability) => random.NextUInt64() < probability * ulong.MaxValue;

    public int Draw(int low, int high) => random.NextInt32(low, high);

    public void SendData(SimulatedFlow flow, ulong number, int bytes, long segment)
    {
        if (IsDark)
            return;
        var begins = Instant.Max(Now, linkFree);
        var wait = begins - Now;
        if (wait.TotalSeconds * BytesPerSecond > Options.QueueBytes)
        {
            QueueDrops++;
            return;
        }

        QueueDelayMax = wait > QueueDelayMax ? wait : QueueDelayMax;
        waits.Add(wait);
        linkFree = begins + TimeSpan.FromSeconds(bytes / BytesPerSecond);
        if (!Chance(Options.Loss))
            Schedule(linkFree + Options.OneWay + Jitter(), new Event(flow.Id, number, bytes, null, segment));
    }

    public void SendReport(SimulatedFlow flow, byte[] report)
    {
        // A little jitter on the way back: without it drop-tail queues lock some senders out by pure phase.
        if (!IsDark && !Chance(Options.Loss))
            Schedule(Now + Options.OneWay + TimeSpan.FromMicroseconds(Draw(0, 200)) + Jitter(), new Event(flow.Id, 0, 0, report));
    }

    public void Wake(SimulatedFlow flow, Instant at) => Schedule(Instant.Max(at, Now), new Event(flow.Id, 0, 0, null));

    private void Schedule(Instant at, Event what) => events.Enqueue(what, (at.Ticks, order++));

    // Each packet by itself, so packets overtake each other.
    private TimeSpan Jitter() => Options.Jitter == default ? default : new TimeSpan(Draw(0, (int)Options.Jitter.Ticks));

    private readonly record struct Event(int Flow, ulong Number, int Bytes, byte[]? Report, long Segment = 0);
}

/// <summary>A bottleneck.</summary>
internal sealed record LinkOptions(double BitsPerSecond, TimeSpan OneWay, long QueueBytes, double Loss)
{
    /// <summary>Greatest extra delay of a packet, either way, drawn evenly.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>100 Mbit/s, 20 ms each way, a queue of one bandwidth-delay product.</summary>
    public static LinkOptions Usual => new(100e6, TimeSpan.FromMilliseconds(20), 500_000, 0);
}
