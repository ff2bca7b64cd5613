namespace MsgNet.Simulation;

/// <summary>How a host of a simulation is set up, at its first start and after every crash.</summary>
public sealed class SimulatedHostOptions
{
    /// <summary>Its name, also for DNS. Null: <c>host</c> and its number.</summary>
    public string? Name { get; init; }

    /// <summary>How wrong its wall clock is; ± 50 years at most. Default zero.</summary>
    public TimeSpan ClockSkew
    {
        get;
        init => field = value.Duration() <= ClockSkewMax
            ? value
            : throw new ArgumentOutOfRangeException(nameof(ClockSkew), value, "A wall clock may be wrong by 18,262 days at most.");
    }

    /// <summary>
    /// True for a machine whose wall clock stands still while it is off: every start begins at the time of the first one. Default false.
    /// </summary>
    public bool ClockResets { get; init; }

    /// <summary>How many seconds pass for this machine, timers and all, in one of the simulation; 1 to 1,000. Default 1.</summary>
    public int ClockRate
    {
        get;
        init => field = value is >= 1 and <= 1_000
            ? value
            : throw new ArgumentOutOfRangeException(nameof(ClockRate), value, "A clock may run 1 to 1,000 times as fast.");
    } = 1;

    /// <summary>
    /// Called with the options of the message host before each start. They begin with one address, <c>/ip4/0.0.0.0/udp/4001</c>; clear
    /// <see cref="MsgNetOptions.Listen"/> for a host that only dials. Identity and key file have no effect here.
    /// </summary>
    public Action<MsgNetOptions>? Configure { get; init; }

    /// <summary>Called after each start: the place to set handlers, because a crash loses them.</summary>
    public Action<SimulatedHost>? Started { get; init; }

    private static readonly TimeSpan ClockSkewMax = TimeSpan.FromDays(18_262);
}
