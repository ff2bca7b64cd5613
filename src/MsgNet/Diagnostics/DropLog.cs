using Microsoft.Extensions.Logging;

namespace MsgNet;

/// <summary>Log events of drops: ids 1060 to 1079, never reused.</summary>
internal static partial class DropLog
{
    [LoggerMessage(1060, LogLevel.Warning, "Dropped since the last such line: {Counts}.")]
    public static partial void ChannelDropped(this ILogger logger, string counts);
}
