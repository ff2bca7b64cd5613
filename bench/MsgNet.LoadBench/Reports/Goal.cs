using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Reports;

/// <summary>A figure to reach: a number, or its ratio to another of the same run.</summary>
internal sealed record Goal
{
    /// <summary>What for, as the table says.</summary>
    public required string Work { get; init; }

    /// <summary>What is judged, as the table says: "× ENet", "MB/s".</summary>
    public required string Unit { get; init; }

    public required Quantity Quantity { get; init; }

    /// <summary>What it is divided by, round by round; null when it stands for itself.</summary>
    public Quantity? Bar { get; init; }

    /// <summary>What it is multiplied with, for its unit.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>True when less is better.</summary>
    public bool IsCeiling { get; init; }

    /// <summary>What it has to be; null when it only stands beside others.</summary>
    public double? Reach { get; init; }

    /// <summary>What would be better still; null when nothing would.</summary>
    public double? Beyond { get; init; }

    /// <summary>Its values, one for each round.</summary>
    public double[] ValuesIn(RunFile run)
    {
        var values = Quantity.In(run);
        var ratios = Bar is null ? values.Select(value => value.Value) : Statistics.Ratios(values, Bar.In(run));
        return [.. ratios.Select(value => value * Scale)];
    }

    /// <summary>Whether a value is as good as a bound.</summary>
    public bool IsMet(double value, double bound) => IsCeiling ? value <= bound : value >= bound;
}
