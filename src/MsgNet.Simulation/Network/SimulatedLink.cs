using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>One direction between two hosts: its options, and the state that loss in bursts and a rate need.</summary>
internal sealed class SimulatedLink
{
    private bool inBurst;
    private Instant freeAt;

    /// <summary>Options of this direction alone; null when those of a host or of the network hold.</summary>
    public LinkOptions? Own { get; set; }

    /// <summary>True while a partition cuts this direction.</summary>
    public bool IsCut { get; set; }

    /// <summary>Decides on one datagram of <paramref name="length"/> bytes that enters now.</summary>
    /// <param name="options">What holds on this link now.</param>
    /// <param name="random">Drawn from in a fixed order.</param>
    /// <param name="now">The time.</param>
    /// <param name="length">UDP payload in bytes.</param>
    /// <param name="leavesAt">When the datagram, if it passes, is through the queue; delays come on top.</param>
    public DatagramFate Admit(LinkOptions options, SeededRandom random, Instant now, int length, out Instant leavesAt)
    {
        leavesAt = now;
        if (IsCut)
            return DatagramFate.Partitioned;
        if (length > options.DatagramSizeMax)
            return DatagramFate.TooLarge;
        if (IsInBurst(options.BurstLoss, random))
            return DatagramFate.LostInBurst;
        if (options.Loss > 0 && random.NextBool(options.Loss))
            return DatagramFate.Lost;

        return options.Rate > 0 && !TryQueue(options, now, length, out leavesAt) ? DatagramFate.QueueFull : DatagramFate.Delivered;
    }

    /// <summary>How long what enters now waits until it begins to leave.</summary>
    public TimeSpan QueueDelay(Instant now) => Instant.Max(freeAt, now) - now;

    private bool IsInBurst(BurstLoss burst, SeededRandom random)
    {
        if (burst.Enter == 0)
            return inBurst = false;

        return inBurst = inBurst ? !random.NextBool(burst.Leave) : random.NextBool(burst.Enter);
    }

    private bool TryQueue(LinkOptions options, Instant now, int length, out Instant leavesAt)
    {
        // What waits is the time until the link is free, at its rate. An idle link takes a datagram of any size: it does not wait.
        var start = Instant.Max(freeAt, now);
        var waiting = QueueDelay(now).Ticks * (double)options.Rate / TimeSpan.TicksPerSecond;
        var passes = start == now || waiting + length <= options.QueueBytesMax;
        leavesAt = start + TimeSpan.FromTicks((long)((double)length * TimeSpan.TicksPerSecond / options.Rate));
        if (passes)
            freeAt = leavesAt;
        return passes;
    }
}
