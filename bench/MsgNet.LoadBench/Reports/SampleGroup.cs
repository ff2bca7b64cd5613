using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Reports;

/// <summary>The rounds of one measurement.</summary>
internal sealed class SampleGroup(IReadOnlyList<Sample> samples)
{
    public string Contestant => samples[0].Contestant;

    public int Size => samples[0].Size;

    public string Setting => samples[0].Setting;

    /// <summary>Why there are no figures at all; null when there are.</summary>
    public string? Error => samples.All(sample => sample.Error is not null) ? samples[0].Error : null;

    /// <summary>The groups of one kind, in the order they were measured.</summary>
    public static IEnumerable<SampleGroup> Of(RunFile run, MeasureKind kind) => run.Samples
        .Where(sample => sample.Kind == kind)
        .GroupBy(sample => (sample.Size, sample.Setting, sample.Contestant))
        .Select(group => new SampleGroup([.. group]));

    public double Median(Figure figure) => Statistics.Median(Values(figure));

    public string Range(Figure figure, double scale, Func<double, string> write) =>
        Numbers.Range([.. Values(figure).Select(value => value * scale)], write);

    private IEnumerable<double> Values(Figure figure) =>
        samples.Where(sample => sample.Figures.ContainsKey(figure)).Select(sample => sample.Figures[figure]);
}
