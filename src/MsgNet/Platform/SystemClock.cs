using System.Diagnostics;
using MsgNet.Core;

namespace MsgNet.Platform;

/// <summary>The monotonic clock of this process, from its first use on, and the wall clock at that moment.</summary>
internal static class SystemClock
{
    private static readonly long Origin = Stopwatch.GetTimestamp();
    private static readonly long OriginUnixMicroseconds = UnixMicroseconds;

    /// <summary>Time since the first use.</summary>
    public static Instant Now => new(Stopwatch.GetElapsedTime(Origin).Ticks);

    /// <summary>The wall clock now, microseconds since 1970.</summary>
    public static long UnixMicroseconds => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>
    /// Wall clock at <see cref="Instant.Zero"/>, microseconds since 1970; read once, so that a step of the wall clock moves nothing.
    /// </summary>
    public static long UnixMicrosecondsAtZero => OriginUnixMicroseconds;
}
