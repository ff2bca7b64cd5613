using MsgNet.Core;

namespace MsgNet.Core.Tests.Recovery;

/// <summary>Segments without end, lost ones first, and the far end that counts each once.</summary>
internal sealed class ReliableSource
{
    private readonly List<Segment> segments = [];
    private readonly SortedSet<long> lost = [];
    private int oldest;

    /// <summary>Something has to be sent again.</summary>
    public bool HasLost => lost.Count > 0;

    /// <summary>What was taken last had been sent before.</summary>
    public bool IsRepeating { get; private set; }

    /// <summary>Packets that carried a segment sent before.</summary>
    public long Repetitions { get; private set; }

    /// <summary>From the first sending of a segment to its arrival.</summary>
    public TimeSpan DelayOf(int segment) => segments[segment].ArrivedAt - segments[segment].SentAt;

    public int Sent => segments.Count;

    /// <summary>Whether everything sent has arrived.</summary>
    public bool IsComplete => segments.TrueForAll(one => !one.ArrivedAt.IsNever);

    /// <summary>The segment to send next.</summary>
    public long Take(Instant now)
    {
        IsRepeating = HasLost;
        if (HasLost)
        {
            var first = lost.Min;
            lost.Remove(first);
            Repetitions++;
            return first;
        }

        segments.Add(new Segment { SentAt = now });
        return segments.Count - 1;
    }

    /// <summary>The oldest segment not known to have arrived; false when there is none.</summary>
    public bool TryTakeProbe(out long segment)
    {
        while (oldest < segments.Count && segments[oldest].Known)
            oldest++;
        segment = oldest;
        if (oldest == segments.Count)
            return false;

        IsRepeating = true;
        Repetitions++;
        lost.Remove(segment);
        return true;
    }

    public void OnOutcome(in PacketOutcome outcome)
    {
        var segment = (int)outcome.Item.Number;
        if (outcome.Arrived)
        {
            segments[segment].Known = true;
            lost.Remove(segment);
        }
        else if (!segments[segment].Known)
        {
            lost.Add(segment);
        }
    }

    /// <summary>The far end; false for what it has had.</summary>
    public bool Receive(Instant now, long segment)
    {
        var one = segments[(int)segment];
        if (!one.ArrivedAt.IsNever)
            return false;
        one.ArrivedAt = now;
        return true;
    }

    private sealed class Segment
    {
        public Instant SentAt { get; init; }

        public Instant ArrivedAt { get; set; } = Instant.Never;

        public bool Known { get; set; }
    }
}
