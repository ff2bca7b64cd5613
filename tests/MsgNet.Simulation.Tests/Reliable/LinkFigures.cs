using System.Globalization;

namespace MsgNet.Simulation.Tests.Reliable;

/// <summary>What a <see cref="LinkFlow"/> measured.</summary>
/// <param name="Goodputs">Bytes of messages that arrived in a second, by sender; headers are no part of it.</param>
/// <param name="Rate">Bytes of UDP payload that the link carries in a second; 0 for a link that is never full.</param>
/// <param name="QueueMedian">Time a datagram waits for the link, half of the time.</param>
/// <param name="QueueP99">Time a datagram waits for the link, 99 % of the time at most.</param>
/// <param name="PacketsSent">Packets with data.</param>
/// <param name="PacketsLost">Packets declared lost.</param>
/// <param name="PacketsSpurious">Packets declared lost that had arrived.</param>
/// <param name="SegmentsDelivered">Segments of lanes, each counted once, that the receiver is done with.</param>
internal sealed record LinkFigures(
    IReadOnlyList<double> Goodputs,
    long Rate,
    TimeSpan QueueMedian,
    TimeSpan QueueP99,
    long PacketsSent,
    long PacketsLost,
    long PacketsSpurious,
    long SegmentsDelivered)
{
    /// <summary>Bytes of messages in a second that all senders got through.</summary>
    public double Goodput => Goodputs.Sum();

    /// <summary>The same, as a share of what the link carries.</summary>
    public double Use => Goodput / Rate;

    /// <summary>Packets sent for each segment that was delivered: all that was sent twice, and all beside data.</summary>
    public double SentPerDelivered => (double)PacketsSent / SegmentsDelivered;

    /// <summary>Of what arrived, that of the first sender, 0 to 1.</summary>
    public double FirstShare => Goodputs[0] / Goodput;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"goodput {Goodput / 1e6:F1} MB/s (of it the first sender {FirstShare:P1}), "
        + $"queue {QueueMedian.TotalMilliseconds:F1} ms, p99 {QueueP99.TotalMilliseconds:F1} ms, "
        + $"{PacketsSent} packets sent, {PacketsLost} declared lost, {PacketsSpurious} of them in vain, "
        + $"{SentPerDelivered:F3} sent per delivered");
}
