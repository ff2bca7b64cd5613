namespace MsgNet.Simulation;

/// <summary>How a simulation is set up.</summary>
public sealed class SimulationOptions
{
    /// <summary>What links do at first. Default: instant and perfect.</summary>
    public LinkOptions Link { get; init; } = LinkOptions.Perfect;

    /// <summary>Datagrams that may be sent in all before the simulation fails: a guard against storms. Default 10,000,000.</summary>
    public long DatagramsMax
    {
        get;
        init => field = value > 0
            ? value
            : throw new ArgumentOutOfRangeException(nameof(DatagramsMax), value, "At least one datagram must be allowed.");
    } = 10_000_000;
}
