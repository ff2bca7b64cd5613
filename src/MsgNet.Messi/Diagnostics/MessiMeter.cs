using System.Diagnostics.Metrics;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>The instruments of one <see cref="Meter"/>. What is counted for each message is added up by write and read.</summary>
internal sealed class MessiMeter
{
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
    };

    private static readonly InstrumentAdvice<long> Bytes = new()
    {
        HistogramBucketBoundaries = [16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 16_777_216],
    };

    private readonly UpDownCounter<long> connections;
    private readonly Counter<long> ended;
    private readonly Counter<long> refused;
    private readonly Counter<long> messages;
    private readonly Counter<long> io;
    private readonly Counter<long> unknown;
    private readonly Histogram<long> writes;
    private readonly Histogram<double> pings;

    private MessiMeter(Meter meter)
    {
        // API-191
        connections = meter.CreateUpDownCounter<long>("messi.connections", "{connection}", "Connections that are open.");
        ended = meter.CreateCounter<long>("messi.disconnects", "{connection}", "Connections that have ended.");
        refused = meter.CreateCounter<long>("messi.refused", "{connection}", "Connections above the bound of clients.");
        messages = meter.CreateCounter<long>("messi.messages", "{message}", "Messages sent and received.");
        io = meter.CreateCounter<long>("messi.io", "By", "Bytes of frames sent and received.");
        unknown = meter.CreateCounter<long>("messi.messages.unknown", "{message}", "Messages of which no member is known.");
        writes = meter.CreateHistogram("messi.write.size", "By", "Bytes that had queued for one write.", [], Bytes);
        pings = meter.CreateHistogram("messi.ping.duration", "s", "Time from a ping to its pong, at clients.", [], Seconds);
    }

    /// <summary>That of clients and servers without a meter factory; lives as long as the process.</summary>
    public static MessiMeter OfProcess { get; } = new(new Meter(MessiDiagnostics.MeterName));

    public static MessiMeter For(IMeterFactory? factory) =>
        factory is null ? OfProcess : new(factory.Create(new MeterOptions(MessiDiagnostics.MeterName)));

    public void OnOpened(MessiRole role) => connections.Add(1, Role(role));

    public void OnEnded(MessiRole role, MessiDisconnectReason reason)
    {
        connections.Add(-1, Role(role));
        if (ended.Enabled)
            ended.Add(1, Role(role), new("messi.reason", reason.ToString()));
    }

    public void OnRefused() => refused.Add(1);

    public void OnUnknown(MessiRole role) => unknown.Add(1, Role(role));

    public void OnPong(TimeSpan roundTrip) => pings.Record(roundTrip.TotalSeconds);

    public void OnSent(MessiRole role, long count, long bytes)
    {
        messages.Add(count, Role(role), new("network.io.direction", "transmit"));
        io.Add(bytes, Role(role), new("network.io.direction", "transmit"));
        writes.Record(bytes, Role(role));
    }

    public void OnReceived(MessiRole role, long count, long bytes)
    {
        messages.Add(count, Role(role), new("network.io.direction", "receive"));
        io.Add(bytes, Role(role), new("network.io.direction", "receive"));
    }

    private static KeyValuePair<string, object?> Role(MessiRole role) =>
        new("messi.role", role == MessiRole.Client ? "client" : "server");
}
