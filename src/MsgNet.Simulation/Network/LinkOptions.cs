using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>
/// What a link does to datagrams on their way from one host to another, in that direction. The default does nothing: instant and perfect.
/// </summary>
public sealed record LinkOptions
{
    /// <summary>Instant and perfect.</summary>
    public static LinkOptions Perfect { get; } = new();

    /// <summary>Probability that a datagram is lost, each by itself; 0 to 1.</summary>
    public double Loss { get; init => field = Probability(value, nameof(Loss)); }

    /// <summary>Loss in bursts, on top of <see cref="Loss"/>.</summary>
    public BurstLoss BurstLoss { get; init; }

    /// <summary>Probability that a datagram arrives twice, the copy with a jitter of its own; 0 to 1.</summary>
    public double Duplicate { get; init => field = Probability(value, nameof(Duplicate)); }

    /// <summary>
    /// Probability that a datagram is held back by up to <see cref="ReorderDelay"/>, so that later ones overtake it; 0 to 1.
    /// </summary>
    public double Reorder { get; init => field = Probability(value, nameof(Reorder)); }

    /// <summary>Longest time a datagram is held back by <see cref="Reorder"/>. Default 10 ms.</summary>
    public TimeSpan ReorderDelay { get; init => field = Time(value, nameof(ReorderDelay)); } = TimeSpan.FromMilliseconds(10);

    /// <summary>Time every datagram takes, one way.</summary>
    public TimeSpan Delay { get; init => field = Time(value, nameof(Delay)); }

    /// <summary>Each datagram takes up to this much longer, uniformly; reorders as well.</summary>
    public TimeSpan Jitter { get; init => field = Time(value, nameof(Jitter)); }

    /// <summary>Bytes of UDP payload that leave per second; 0 for no limit.</summary>
    public long Rate { get; init => field = NotNegative(value, nameof(Rate)); }

    /// <summary>
    /// Bytes that wait for <see cref="Rate"/>, those just leaving included; a datagram that finds no room is lost. Default 64 KiB; no
    /// meaning without a rate.
    /// </summary>
    public int QueueBytesMax { get; init => field = (int)NotNegative(value, nameof(QueueBytesMax)); } = 64 * 1024;

    /// <summary>
    /// Largest UDP payload that passes; larger ones vanish without a word, as in a path whose MTU nobody is told. Default 1,472, what
    /// Ethernet carries over IPv4.
    /// </summary>
    public int DatagramSizeMax { get; init => field = (int)NotNegative(value, nameof(DatagramSizeMax)); } = Limits.DatagramSizeEthernet;

    internal static double Probability(double value, string name) => value is >= 0 and <= 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} is a probability from 0 to 1; 20 % is 0.2.");

    private static TimeSpan Time(TimeSpan value, string name) => value >= TimeSpan.Zero && value <= TimeMax
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be between 0 and {TimeMax.TotalHours} hours.");

    private static long NotNegative(long value, string name) => value >= 0
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must not be negative.");

    private static readonly TimeSpan TimeMax = TimeSpan.FromHours(1);
}
