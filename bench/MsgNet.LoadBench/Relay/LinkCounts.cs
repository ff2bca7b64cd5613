namespace MsgNet.LoadBench.Relay;

/// <summary>What happened to datagrams of one direction.</summary>
/// <param name="Offered">Datagrams handed to the link.</param>
/// <param name="OfferedBytes">Their bytes.</param>
/// <param name="Lost">Of them, lost at random.</param>
/// <param name="QueueDropped">Of them, dropped because the bottleneck's queue was full.</param>
/// <param name="QueueP99Milliseconds">What one of a hundred waited longer than for the bottleneck.</param>
internal sealed record LinkCounts(long Offered, long OfferedBytes, long Lost, long QueueDropped, double QueueP99Milliseconds)
{
    public static LinkCounts None { get; } = new(0, 0, 0, 0, 0);

    /// <summary>What one of a hundred came out later than it was to: the fault of the relay.</summary>
    public double LateP99Milliseconds { get; init; }
}
