using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Reports;

/// <summary>One number of a run, which has as many values as there were rounds.</summary>
internal sealed record Quantity(MeasureKind Kind, string Contestant, int Size, string Setting, Figure Figure)
{
    /// <summary>Its values by round; none when it was not measured, or failed.</summary>
    public (int Round, double Value)[] In(RunFile run) =>
    [
        .. run.Samples
            .Where(sample => sample.Kind == Kind && sample.Contestant == Contestant && sample.Size == Size && sample.Setting == Setting)
            .Where(sample => sample.Figures.ContainsKey(Figure))
            .Select(sample => (sample.Round, sample.Figures[Figure])),
    ];
}
