using MsgNet.LoadBench.Contestants;

namespace MsgNet.LoadBench.Processes;

/// <summary>A line of a child's output: what became of an order.</summary>
internal sealed record Answer
{
    /// <summary>What went wrong; null when nothing did.</summary>
    public string? Error { get; init; }

    /// <summary>Where the listener is.</summary>
    public Target? Target { get; init; }

    /// <summary>What the process has done and used.</summary>
    public Mark? Mark { get; init; }

    /// <summary>How long round trips took.</summary>
    public RoundTripTimes? Times { get; init; }
}
