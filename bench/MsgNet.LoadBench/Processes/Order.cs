using MsgNet.LoadBench.Contestants;

namespace MsgNet.LoadBench.Processes;

/// <summary>A line of a child's input: what it is to do.</summary>
internal sealed record Order
{
    /// <summary>What to do.</summary>
    public required OrderKind Kind { get; init; }

    /// <summary>With which contestant; for opening an end.</summary>
    public string Contestant { get; init; } = "";

    /// <summary>For what; for opening an end.</summary>
    public LoadWork? Work { get; init; }

    /// <summary>Where to; for connecting.</summary>
    public Target? Target { get; init; }

    /// <summary>How long; for what takes a time.</summary>
    public double Seconds { get; init; }
}
