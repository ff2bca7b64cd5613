using MsgNet.Core;

namespace MsgNet.Core.Tests.Recovery;

/// <summary>One sender and its receiver, on either end of a <see cref="LinkSimulator"/>.</summary>
internal sealed class SimulatedFlow
{
    public const int Datagram = 1200;
    private const uint Index = 0x5566_7788;

    private readonly LinkSimulator link;
    private ReceivedPackets received = new();
    private readonly byte[] buffer = new byte[Datagram];
    private readonly ReliableSource? source;
    private Instant due;
    private Instant wakeAt = Instant.Never;
    private ulong number;
    private int burst;
    private ulong nextSkip;

    public SimulatedFlow(LinkSimulator link, int id, Instant start, TimeSpan? interval, bool reliable, CongestionControl control)
    {
        (this.link, Id, due, Interval) = (link, id, start, interval);
        Recovery = new PathRecovery(Datagram, control);
        source = reliable ? new ReliableSource() : null;
        Recovery.AddKey(Index);
        nextSkip = (ulong)link.Draw(512, 1024);
    }

    public int Id { get; }

    public PathRecovery Recovery { get; }

    /// <summary>Bytes that arrived; of a reliable flow, without what had arrived before.</summary>
    public long BytesArrived { get; private set; }

    /// <summary>Packets that brought a segment again.</summary>
    public long Duplicates { get; private set; }

    /// <summary>The source of a flow that sends again what is lost; null otherwise.</summary>
    public ReliableSource? Source => source;

    /// <summary>The longest a datagram of a paced application waited for leave.</summary>
    public TimeSpan LongestWait { get; private set; }

    public long BytesInFlightMax { get; private set; }

    /// <summary>The time between two datagrams of the application; null when it always has one.</summary>
    public TimeSpan? Interval
    {
        get;
        set
        {
            field = value;
            due = Instant.Max(due, link.Now);
        }
    }

    /// <summary>False stops the application.</summary>
    public bool IsSending { get; set; } = true;

    public void OnArrival(Instant now, ulong packet, int bytes, long segment)
    {
        if (source is null || source.Receive(now, segment))
            BytesArrived += bytes;
        else
            Duplicates++;
        received.OnReceived(now, packet, eliciting: true);
        received.OnBatchEnd(now);
    }

    public void OnReport(Instant now, byte[] bytes)
    {
        Assert.True(ReportFrame.TryRead(bytes.AsSpan(2), out var report));
        Recovery.OnPacketReceived();
        Assert.True(Recovery.OnReport(now, report) is ReportOutcome.Accepted or ReportOutcome.NothingNew);
        TakeOutcomes();
    }

    public void Pump(Instant now, bool isWake)
    {
        if (isWake && wakeAt <= now)
            wakeAt = Instant.Never;
        Report(now);
        if (Recovery.NextTimer <= now)
            Recovery.OnTimer(now);
        TakeOutcomes();
        if (Recovery.IsProbeDue && source!.TryTakeProbe(out var probe))
            Send(now, probe);
        while (HasData(now) && Recovery.CanSend(now, Datagram))
            Send(now, source?.Take(now) ?? 0);

        var wake = Instant.Min(received.ReportDue, Recovery.NextTimer);
        if (HasData(now))
            wake = Instant.Min(wake, Recovery.NextSend(now));
        else if (IsSending)
            wake = Instant.Min(wake, due);
        if (wake < wakeAt)
        {
            wakeAt = wake;
            link.Wake(this, wake);
        }
    }

    /// <summary>Sends some segments, the last of which is lost.</summary>
    public void SendTailLost(int segments)
    {
        burst = segments;
        link.Wake(this, link.Now);
    }

    public void ResetStatistics() => (LongestWait, BytesInFlightMax) = (TimeSpan.Zero, 0);

    private void TakeOutcomes()
    {
        while (Recovery.TryTakeOutcome(out var outcome))
            source!.OnOutcome(outcome);
    }

    private bool HasData(Instant now) => (IsSending && due <= now) || burst > 0 || source is { HasLost: true };

    private void Send(Instant now, long segment)
    {
        if (number == nextSkip)
        {
            Recovery.OnNumberSkipped(now, Index, number++);
            nextSkip = number + (ulong)link.Draw(512, 1024);
        }

        if (Interval is { } step && source is not { IsRepeating: true })
        {
            LongestWait = now - due > LongestWait ? now - due : LongestWait;
            due += step;
        }

        ReadOnlySpan<PacketItem> items = source is null ? [] : [new PacketItem(PacketItemKind.Segment, 0, (ulong)segment)];
        Recovery.OnPacketSent(now, Index, number, Datagram, eliciting: true, appLimited: !HasData(now), items);
        var isTail = burst > 0 && source is { IsRepeating: false } && --burst == 0;
        if (isTail)
            number++;
        else
            link.SendData(this, number++, Datagram, segment);
        BytesInFlightMax = Math.Max(BytesInFlightMax, Recovery.BytesInFlight);
    }

    private void Report(Instant now)
    {
        if (received.ReportDue > now)
            return;
        var writer = new WireWriter(buffer);
        Assert.True(received.TryWriteReport(now, Index, ref writer));
        // The tests read the body behind a one-byte length.
        Assert.True(writer.Position <= 128);
        link.SendReport(this, writer.Written.ToArray());
    }
}
