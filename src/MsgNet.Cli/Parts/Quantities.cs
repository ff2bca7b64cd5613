using System.Globalization;
using System.Numerics;

namespace MsgNet.Cli;

/// <summary>Sizes, durations and percentages as people write them. CLI-010.</summary>
internal static class Quantities
{
    public const string SizeForm = "a size such as 32, 4k or 1M (k, M, G = 1024)";
    public const string DurationForm = "a duration such as 20ms, 5s or 2m";
    public const string SecondsForm = "seconds, or a duration such as 500ms or 2m";
    public const string PercentForm = "a percentage such as 20% or a fraction of at most 1 such as 0.2";

    /// <summary>Reads a whole number; one beyond 64 bits is the last of those.</summary>
    public static bool TryWhole(string text, out long number) => TryWhole(text, NumberStyles.AllowLeadingSign, shift: 0, out number);

    /// <summary>Reads a size in bytes, 0 or more; one beyond 64 bits is the last of those.</summary>
    public static bool TrySize(string text, out long bytes)
    {
        var shift = text is [.., var unit] ? unit switch { 'k' => 10, 'M' => 20, 'G' => 30, _ => 0 } : 0;
        return TryWhole(shift == 0 ? text : text[..^1], NumberStyles.None, shift, out bytes);
    }

    /// <summary>Reads a duration with its unit, 0 or more.</summary>
    public static bool TryDuration(string text, out TimeSpan duration)
    {
        var (unit, length) = text switch
        {
            [.., 'u', 's'] => (TimeSpan.FromMicroseconds(1), 2),
            [.., 'm', 's'] => (TimeSpan.FromMilliseconds(1), 2),
            [.., 's'] => (TimeSpan.FromSeconds(1), 1),
            [.., 'm'] => (TimeSpan.FromMinutes(1), 1),
            [.., 'h'] => (TimeSpan.FromHours(1), 1),
            _ => (TimeSpan.Zero, 0),
        };
        duration = TimeSpan.Zero;
        return length > 0 && TryScale(text[..^length], unit, out duration);
    }

    /// <summary>Reads seconds without a unit, or a duration with one.</summary>
    public static bool TrySeconds(string text, out TimeSpan duration) =>
        TryDuration(text, out duration) || TryScale(text, TimeSpan.FromSeconds(1), out duration);

    /// <summary>Reads a share, 0 to 1.</summary>
    public static bool TryPercent(string text, out double share)
    {
        var isPercent = text.EndsWith('%');
        if (!TryNumber(isPercent ? text[..^1] : text, out share))
            return false;

        share = isPercent ? share / 100 : share;
        return share <= 1;
    }

    private static bool TryScale(string text, TimeSpan unit, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (!TryNumber(text, out var number))
            return false;

        duration = number < TimeSpan.MaxValue / unit ? number * unit : TimeSpan.MaxValue;
        return true;
    }

    private static bool TryWhole(string text, NumberStyles style, int shift, out long value)
    {
        var isWhole = BigInteger.TryParse(text, style, CultureInfo.InvariantCulture, out var number);
        value = (long)BigInteger.Clamp(number << shift, long.MinValue, long.MaxValue);
        return isWhole;
    }

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
}
