using System.Globalization;

namespace MsgNet.LoadBench.Reports;

/// <summary>Numbers as tables write them.</summary>
internal static class Numbers
{
    /// <summary>Three digits that count, with k, M or G: "12.7 M".</summary>
    public static string Short(double value)
    {
        if (!double.IsFinite(value))
            return "–";

        var (scaled, suffix) = Math.Abs(value) switch
        {
            >= 1e9 => (value / 1e9, " G"),
            >= 1e6 => (value / 1e6, " M"),
            >= 1e4 => (value / 1e3, " k"),
            _ => (value, ""),
        };
        return Plain(scaled) + suffix;
    }

    /// <summary>Three digits that count, or all before the point.</summary>
    public static string Plain(double value)
    {
        if (!double.IsFinite(value))
            return "–";

        var format = Math.Abs(value) switch
        {
            >= 100 => "F0",
            >= 10 => "F1",
            _ => "F2",
        };
        return value.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>The least and the greatest: "1.2..3.4".</summary>
    public static string Range(IReadOnlyCollection<double> values, Func<double, string> write) =>
        values.Count == 0 ? "–" : $"{write(values.Min())}..{write(values.Max())}";
}
