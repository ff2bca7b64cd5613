namespace MsgNet.Core;

/// <summary>
/// A moment on a monotonic clock, in ticks of 100 ns since an origin that the driver of a machine chose.
/// Machines never read a clock: every call that depends on time takes the moment as its first argument.
/// </summary>
/// <param name="Ticks">Ticks of 100 ns since the origin; never negative in practice.</param>
public readonly record struct Instant(long Ticks) : IComparable<Instant>
{
    /// <summary>The origin of the clock.</summary>
    public static Instant Zero => default;

    /// <summary>Later than every other moment: a timer that is not armed.</summary>
    public static Instant Never => new(long.MaxValue);

    /// <summary>The moment <paramref name="microseconds"/> after the origin.</summary>
    public static Instant FromMicroseconds(long microseconds) => new(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>Whole microseconds since the origin.</summary>
    public long Microseconds => Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>True when this timer is not armed.</summary>
    public bool IsNever => Ticks == long.MaxValue;

    /// <summary>The earlier of two moments.</summary>
    public static Instant Min(Instant a, Instant b) => a.Ticks <= b.Ticks ? a : b;

    /// <summary>The later of two moments.</summary>
    public static Instant Max(Instant a, Instant b) => a.Ticks >= b.Ticks ? a : b;

    /// <inheritdoc/>
    public int CompareTo(Instant other) => Ticks.CompareTo(other.Ticks);

    /// <summary>The moment <paramref name="span"/> later; <see cref="Never"/> stays never, and what lies beyond it is never.</summary>
    public static Instant operator +(Instant moment, TimeSpan span) =>
        moment.IsNever || moment.Ticks > long.MaxValue - Math.Max(0, span.Ticks) ? Never : new(moment.Ticks + span.Ticks);

    /// <summary>The moment <paramref name="span"/> earlier; <see cref="Never"/> stays never.</summary>
    public static Instant operator -(Instant moment, TimeSpan span) => moment.IsNever ? Never : new(moment.Ticks - span.Ticks);

    /// <summary>The time from <paramref name="earlier"/> to <paramref name="later"/>.</summary>
    public static TimeSpan operator -(Instant later, Instant earlier) => new(later.Ticks - earlier.Ticks);

    /// <summary>Order in time.</summary>
    public static bool operator <(Instant a, Instant b) => a.Ticks < b.Ticks;

    /// <summary>Order in time.</summary>
    public static bool operator >(Instant a, Instant b) => a.Ticks > b.Ticks;

    /// <summary>Order in time.</summary>
    public static bool operator <=(Instant a, Instant b) => a.Ticks <= b.Ticks;

    /// <summary>Order in time.</summary>
    public static bool operator >=(Instant a, Instant b) => a.Ticks >= b.Ticks;

    /// <inheritdoc/>
    public override string ToString() => IsNever ? "never" : $"{Ticks / (double)TimeSpan.TicksPerSecond:F6}s";
}
