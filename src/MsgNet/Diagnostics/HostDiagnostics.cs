using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Where one host's life, metrics and traces go. Without a meter nothing is measured or traced: a simulated host's times would mean
/// nothing to a collector. Safe on any thread.
/// </summary>
internal sealed class HostDiagnostics
{
    private readonly ConcurrentDictionary<ProtocolId, ProtocolDiagnostics> protocols = [];
    private readonly ProtocolDiagnostics others;
    private readonly MsgNetMeter? meter;
    private readonly ILogger logger;
    private HostReadings? readings;
    private PeerId id;
    private int closing;

    public HostDiagnostics(IHostPlatform platform, ILogger logger, MsgNetMeter? meter)
    {
        Platform = platform;
        this.logger = logger;
        this.meter = meter;
        others = new ProtocolDiagnostics(platform, meter, "_OTHER");
    }

    public IHostPlatform Platform { get; }

    public ILogger Logger => logger;

    /// <summary>What happened to the messages of its handlers, those of sessions among them.</summary>
    public HandlerCounters Handlers { get; } = new();

    /// <summary>What the host counts; null before it is made.</summary>
    public HostReadings? Readings => readings;

    /// <summary>Somebody listens to what sends and requests take.</summary>
    public bool IsObserved => meter is not null && (meter.OperationDuration.Enabled || MsgNetDiagnostics.Source.HasListeners());

    /// <summary>What is measured of one protocol. Of the first 256 names each has its own; those after share one.</summary>
    public ProtocolDiagnostics For(ProtocolId protocol)
    {
        if (protocol.IsEmpty)
            return others;
        if (protocols.TryGetValue(protocol, out var known))
            return known;

        // Names may come from a remote by way of the application: whoever pays by series must not pay for each. API-153
        return protocols.Count >= Limits.MeasuredProtocolsMax
            ? others
            : protocols.GetOrAdd(protocol, static (name, host) => new(host.Platform, host.meter, name.Name), this);
    }

    public void OnMade(PeerId host, HostReadings counts)
    {
        id = host;
        readings = counts;
        meter?.Add(counts);
    }

    public void OnStarted(IReadOnlyList<Multiaddress> addresses)
    {
        if (logger.IsEnabled(LogLevel.Information))
            logger.HostStarted(id, addresses.Count == 0 ? "no address, it only dials" : string.Join(", ", addresses));
    }

    public void OnClosing(TimeSpan drain)
    {
        if (Interlocked.Exchange(ref closing, 1) == 0)
            logger.HostClosing(id, drain);
    }

    /// <summary>All is freed; called once.</summary>
    public void OnClosed()
    {
        if (readings is null)
            return;

        meter?.Remove(readings);
        logger.HostClosed(
            id,
            readings.Node(node => node.DatagramsReceived),
            readings.Node(node => node.DatagramsSent),
            readings.Handlers.Taken,
            readings.Dropped);
    }
}
