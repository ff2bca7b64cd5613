using System.Globalization;

namespace MsgNet.Simulation.Tests.Reliable;

/// <summary>What a <see cref="LinkFlow"/> measured.</summary>
/// <param name="Shares">Messages that arrived, by sender, as a share of what the link carries; headers are no part of it.</param>
/// <param name="QueueMedian">Time a datagram waits for the link, half of the time.</param>
/// <param name="QueueP99">Time a datagram waits for the link, 99 % of the time at most.</param>
/// <param name="PacketsSent">Packets with data.</param>
/// <param name="PacketsLost">Packets declared lost.</param>
/// <param name="PacketsSpurious">Packets declared lost that had arrived.</param>
internal sealed record LinkFigures(
    IReadOnlyList<double> Shares, TimeSpan QueueMedian, TimeSpan QueueP99, long PacketsSent, long PacketsLost, long PacketsSpurious)
{
    /// <summary>What all senders got through.</summary>
    public double Goodput => Shares.Sum();

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"goodput {Goodput:P1} ({string.Join(" + ", Shares.Select(share => share.ToString("P1", CultureInfo.InvariantCulture)))}), "
        + $"queue {QueueMedian.TotalMilliseconds:F1} ms, p99 {QueueP99.TotalMilliseconds:F1} ms, "
        + $"{PacketsSent} packets sent, {PacketsLost} declared lost, {PacketsSpurious} of them in vain");
}
