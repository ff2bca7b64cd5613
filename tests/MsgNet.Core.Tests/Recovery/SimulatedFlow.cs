using MsgNet.Core;

namespace MsgNet.Core.Tests.Recovery;

/// <summary>One sender and its receiver, on either end of a <see cref="LinkSimulator"/>.</summary>
internal sealed class SimulatedFlow
{
    public const int Datagram = 1200;
    private const uint Index = 0x5566_7788;

    private readonly LinkSimulator link;
    private readonly ReceivedPackets received = new();
    private readonly byte[] buffer = new byte[Datagram];
    private Instant due;
    private Instant wakeAt = Instant.Never;
    private ulong number;
    private ulong nextSkip;

    public SimulatedFlow(LinkSimulator link, int id, Instant start, TimeSpan? interval)
    {
        (this.link, Id, due, Interval) = (link, id, start, interval);
        Recovery.AddKey(Index);
        nextSkip = (ulong)link.Draw(512, 1024);
    }

    public int Id { get; }

    public PathRecovery Recovery { get; } = new(Datagram);

    public long BytesArrived { get; private set; }

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

    public void OnArrival(Instant now, ulong packet, int bytes)
    {
        BytesArrived += bytes;
        received.OnReceived(now, packet, eliciting: true);
        received.OnBatchEnd(now);
    }

    public void OnReport(Instant now, byte[] bytes)
    {
        Assert.True(ReportFrame.TryRead(bytes.AsSpan(2), out var report));
        Recovery.OnPacketReceived();
        Assert.True(Recovery.OnReport(now, report) is ReportOutcome.Accepted or ReportOutcome.NothingNew);
    }

    public void Pump(Instant now, bool isWake)
    {
        if (isWake && wakeAt <= now)
            wakeAt = Instant.Never;
        Report(now);
        if (Recovery.NextTimer <= now)
            Recovery.OnTimer(now);
        while (HasData(now) && Recovery.CanSend(now, Datagram))
            Send(now);

        var wake = Instant.Min(received.ReportDue, Recovery.NextTimer);
        if (IsSending)
            wake = Instant.Min(wake, HasData(now) ? Recovery.NextSend(now) : due);
        if (wake < wakeAt)
        {
            wakeAt = wake;
            link.Wake(this, wake);
        }
    }

    public void ResetStatistics() => (LongestWait, BytesInFlightMax) = (TimeSpan.Zero, 0);

    private bool HasData(Instant now) => IsSending && due <= now;

    private void Send(Instant now)
    {
        if (number == nextSkip)
        {
            Recovery.OnNumberSkipped(now, Index, number++);
            nextSkip = number + (ulong)link.Draw(512, 1024);
        }

        if (Interval is { } step)
        {
            LongestWait = now - due > LongestWait ? now - due : LongestWait;
            due += step;
        }

        Recovery.OnPacketSent(now, Index, number, Datagram, eliciting: true, appLimited: !HasData(now));
        link.SendData(this, number++, Datagram);
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
