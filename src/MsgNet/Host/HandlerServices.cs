using Microsoft.Extensions.Logging;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>What every consumer of one host shares.</summary>
internal sealed record HandlerServices(IHostPlatform Platform, ILogger Logger, bool PoisonReturnedBuffers)
{
    public HandlerCounters Counters { get; } = new();

    public InlineWork Inline { get; } = new();

    public HandlerReports ReportsFor(ProtocolId protocol) => new(protocol, Counters, Logger, Platform);
}
