namespace MsgNet.Simulation;

/// <summary>
/// Loss in bursts after Gilbert and Elliott: a link is either good or bad, and while it is bad every datagram is lost. A datagram that
/// finds it good turns it bad with probability <see cref="Enter"/> and is the first to be lost; one that finds it bad turns it good with
/// probability <see cref="Leave"/> and passes. Bursts are 1 / <see cref="Leave"/> datagrams long on average, and Enter / (Enter + Leave)
/// of all datagrams are lost.
/// </summary>
public readonly record struct BurstLoss
{
    /// <param name="enter">Probability, for each datagram, that a burst begins; 0 to 1.</param>
    /// <param name="leave">Probability, for each datagram, that the burst is over; above 0 to 1.</param>
    public BurstLoss(double enter, double leave)
    {
        Enter = LinkOptions.Probability(enter, nameof(enter));
        Leave = LinkOptions.Probability(leave, nameof(leave));
        if (enter > 0 && leave == 0)
            throw new ArgumentOutOfRangeException(nameof(leave), "A burst that never ends is a partition; use Partition instead.");
    }

    /// <summary>No bursts.</summary>
    public static BurstLoss None => default;

    /// <summary>Probability, for each datagram, that a burst begins.</summary>
    public double Enter { get; }

    /// <summary>Probability, for each datagram, that the burst is over.</summary>
    public double Leave { get; }
}
