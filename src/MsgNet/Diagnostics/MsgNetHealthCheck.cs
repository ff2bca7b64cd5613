using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace MsgNet;

/// <summary>
/// The health of the container's message host. Unhealthy: closed, not listening where it should, or something it lives by does not answer.
/// Degraded: it drops more than a tenth of what it handles. One per container; safe on any thread.
/// </summary>
internal sealed class MsgNetHealthCheck(MessageHost host, IOptions<MsgNetOptions> options, TimeSpan patience) : IHealthCheck
{
    /// <summary>How long a thread may take to answer: what stalls longer stalls every peer.</summary>
    public static readonly TimeSpan PatienceDefault = TimeSpan.FromSeconds(5);

    /// <summary>Drops below this number say nothing about a share.</summary>
    public const long DropsMin = 100;

    /// <summary>Drops among all that was handled, above which a host is degraded.</summary>
    public const double DropShareMax = 0.1;

    private readonly Lock gate = new();
    private long dropped;
    private long handled;

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var readings = host.Diagnostics.Readings!;
        if (readings.IsClosed)
            return HealthCheckResult.Unhealthy("The message host is closed."); // API-161
        if (options.Value.Listen.Count > 0 && host.Addresses.Count == 0)
            return HealthCheckResult.Unhealthy("The message host does not listen: it has not been started yet, or could not be.");

        var probe = new HealthProbe(host.Diagnostics.Platform, readings.Gate, patience);
        if (await probe.FindFault(readings.Ports, cancellationToken) is { } fault)
            return HealthCheckResult.Unhealthy($"The message host hangs: {fault}."); // API-162

        return JudgeDrops(readings);
    }

    private HealthCheckResult JudgeDrops(HostReadings readings)
    {
        long drops, all;
        lock (gate)
        {
            var (droppedNow, handledNow) = (readings.Dropped, readings.Handled);
            (drops, all) = (droppedNow - dropped, droppedNow - dropped + handledNow - handled);
            (dropped, handled) = (droppedNow, handledNow);
        }

        var data = new Dictionary<string, object> { ["peers"] = readings.Peers, ["dropped"] = drops, ["handled"] = all - drops };
        return drops >= DropsMin && drops > all * DropShareMax // API-163
            ? HealthCheckResult.Degraded($"Dropped {drops} of {all} datagrams and messages since the last check.", data: data)
            : HealthCheckResult.Healthy($"{(host.Addresses.Count == 0 ? "Dials only" : "Listens")}; {readings.Peers} peers.", data);
    }
}
