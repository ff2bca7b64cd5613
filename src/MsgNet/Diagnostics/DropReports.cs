using Microsoft.Extensions.Logging;
using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Logs what a node dropped, at most one line a second, whatever a remote does: it looks at the counters that there are. Safe on any
/// thread; to be called under no lock.
/// </summary>
internal sealed class DropReports(NodeCounters counters, ILogger logger)
{
    private static readonly DropReason[] Reasons = Enum.GetValues<DropReason>();
    private readonly long[] logged = new long[Reasons.Length];
    private readonly LogThrottle lines = new();

    /// <summary>Logs what was dropped since the last line, if that is a second ago.</summary>
    public void Sample(Instant now)
    {
        if (!lines.TryPass(now))
            return;
        if (!logger.IsEnabled(LogLevel.Warning))
            return;

        var parts = new List<string>();
        foreach (var (index, reason) in Reasons.Index())
        {
            var total = counters.Dropped(reason);
            if (total > logged[index])
                parts.Add($"{total - logged[index]} {MsgNetMeter.NameOf(reason)}");
            logged[index] = total;
        }

        if (parts.Count > 0)
            logger.ChannelDropped(string.Join(", ", parts)); // API-143
    }
}
