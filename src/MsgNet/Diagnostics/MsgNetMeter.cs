using System.Diagnostics.Metrics;
using System.Text;
using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// The instruments of one <see cref="Meter"/>, shared by the hosts that report to it. What is counted anyway is observed, so that it costs
/// nothing while nobody looks. Safe on any thread.
/// </summary>
internal sealed class MsgNetMeter
{
    // Those of the semantic conventions, and below them what a message takes within a data centre.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [
            0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    };

    private static readonly Source[] Sources = [.. CountersOfHosts()];
    private readonly Lock gate = new();
    private readonly long[] ofClosed = new long[Sources.Length];
    private volatile HostReadings[] hosts = [];

    public MsgNetMeter(Meter meter)
    {
        Sent = meter.CreateCounter<long>( // API-152
            "messaging.client.sent.messages", "{message}", "Messages and requests accepted for sending.");
        Consumed = meter.CreateCounter<long>(
            "messaging.client.consumed.messages", "{message}", "Messages handed to handlers and readers.");
        OperationDuration = meter.CreateHistogram(
            "messaging.client.operation.duration",
            "s",
            "Time of sends until they are accepted, and of requests until they end.",
            tags: [],
            Seconds);
        ProcessDuration = meter.CreateHistogram("messaging.process.duration", "s", "Time of handler calls.", [], Seconds);
        foreach (var name in Sources.Select(source => source.Instrument).Distinct())
        {
            var first = Array.Find(Sources, source => source.Instrument == name)!;
            meter.CreateObservableCounter(name, () => Observe(name), first.Unit, first.Description);
        }

        meter.CreateObservableUpDownCounter("msgnet.peers", () => Sum(host => host.Peers), "{peer}", "Peers with a live channel.");
        meter.CreateObservableUpDownCounter("msgnet.sessions", () => Sum(host => host.Sessions), "{session}", "Sessions that are open.");
        meter.CreateObservableUpDownCounter(
            "msgnet.handler.queue", () => hosts.SelectMany(host => host.QueueDepths), "{message}", "Messages that wait for their handler.");
    }

    /// <summary>That of hosts without a meter factory; lives as long as the process.</summary>
    public static MsgNetMeter OfProcess { get; } = new(new Meter(MsgNetDiagnostics.MeterName));

    public Counter<long> Sent { get; }

    public Counter<long> Consumed { get; }

    public Histogram<double> OperationDuration { get; }

    public Histogram<double> ProcessDuration { get; }

    /// <summary>That of a container's meter factory, or of the process when it has none.</summary>
    public static MsgNetMeter For(IMeterFactory? factory) => factory is null // API-151
        ? OfProcess
        : new(factory.Create(new MeterOptions(MsgNetDiagnostics.MeterName)));

    /// <summary>From now on the host is measured.</summary>
    public void Add(HostReadings host)
    {
        lock (gate)
            hosts = [.. hosts, host];
    }

    /// <summary>The host has closed: what it counted stays, so that no counter goes back.</summary>
    public void Remove(HostReadings host)
    {
        lock (gate)
        {
            if (!hosts.Contains(host))
                return;

            for (var i = 0; i < Sources.Length; i++)
                ofClosed[i] += Sources[i].Read(host);
            hosts = [.. hosts.Where(other => other != host)];
        }
    }

    private static IEnumerable<Source> CountersOfHosts() =>
    [
        Directed("msgnet.datagrams", "{datagram}", "UDP datagrams.", "receive", node => node.DatagramsReceived),
        Directed("msgnet.datagrams", "{datagram}", "UDP datagrams.", "transmit", node => node.DatagramsSent),
        new("msgnet.datagrams.refused", "{datagram}", "UDP datagrams the system did not send.", host => host.Lost(udp => udp.SendsDropped)),
        new("msgnet.receive.errors", "{error}", "Errors in place of UDP datagrams.", host => host.Lost(udp => udp.ReceiveErrors)),
        Directed("msgnet.io", "By", "Bytes of UDP payload.", "receive", node => node.BytesReceived),
        Directed("msgnet.io", "By", "Bytes of UDP payload.", "transmit", node => node.BytesSent),
        .. HandshakeCounters().Select(one => new Source(
            "msgnet.handshakes", "{handshake}", "Packets of handshakes.", host => host.Node(one.Read), "msgnet.handshake.kind", one.Kind)),
        new("msgnet.sessions.established", "{session}", "Channels confirmed on both ends.", host => host.Node(n => n.SessionsEstablished)),
        new("msgnet.peers.evicted", "{peer}", "Peers forgotten in a full table.", host => host.Node(node => node.PeersEvicted)),
        new("msgnet.peers.refused", "{peer}", "Peers that AcceptPeer refused.", host => host.Node(node => node.PeersRefused)),
        Laned("opened", node => node.LanesOpened),
        Laned("accepted", node => node.LanesAccepted),
        Laned("refused", node => node.LanesRefused),
        new("msgnet.segments", "{segment}", "Segments of lanes sent, each sending.", host => host.Node(node => node.SegmentsSent)),
        new("msgnet.segments.resent", "{segment}", "Segments sent again.", host => host.Node(node => node.SegmentsResent)),
        .. DropCounters().Select(one => new Source(
            "msgnet.dropped", "{drop}", "What was dropped.", one.Read, "msgnet.drop.reason", one.Reason)),
        new("msgnet.handler.busy", "{message}", "Requests and reliable messages put off: queue full.", host => host.Handlers.Busy),
        new("msgnet.handler.failed", "{call}", "Handler calls that threw.", host => host.Handlers.Failed),
        new("msgnet.handler.stuck", "{call}", "Handler calls that outlived their timeout.", host => host.Handlers.Stuck),
        new("msgnet.handler.slow", "{call}", "Inline calls above 1 ms.", host => host.Handlers.Slow),
    ];

    private static Source Directed(string name, string unit, string description, string direction, Func<NodeCounters, long> read) =>
        new(name, unit, description, host => host.Node(read), "network.io.direction", direction);

    private static Source Laned(string kind, Func<NodeCounters, long> read) =>
        new("msgnet.lanes", "{lane}", "Lanes of reliable messages and streams.", host => host.Node(read), "msgnet.lane.kind", kind);

    private static IEnumerable<(string Kind, Func<NodeCounters, long> Read)> HandshakeCounters() =>
        [("sent", counters => counters.HellosSent), ("answered", counters => counters.HandshakesAnswered),
        ("retried", counters => counters.RetriesTaken)];

    private static IEnumerable<(string Reason, Func<HostReadings, long> Read)> DropCounters()
    {
        foreach (var reason in Enum.GetValues<DropReason>())
            yield return (NameOf(reason), host => host.Node(counters => counters.Dropped(reason)));
        yield return ("handler_queue_full", host => host.Handlers.Dropped);
        yield return ("handler_removed", host => host.Handlers.Removed);
        yield return ("not_of_the_handlers_type", host => host.Handlers.Malformed);
        yield return ("inbox_full", host => host.Lost(udp => udp.InboxFull));
    }

    /// <summary>As OpenTelemetry writes values: <c>bad_mac</c>.</summary>
    internal static string NameOf(DropReason reason)
    {
        var name = new StringBuilder();
        foreach (var letter in reason.ToString())
        {
            if (char.IsUpper(letter) && name.Length > 0)
                name.Append('_');
            name.Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }

    private Measurement<long>[] Observe(string instrument)
    {
        lock (gate)
        {
            return [.. Sources.Index().Where(source => source.Item.Instrument == instrument).Select(source => new Measurement<long>(
                ofClosed[source.Index] + hosts.Sum(source.Item.Read), source.Item.Tags))];
        }
    }

    // Not under the lock: these take the hosts' gates.
    private long Sum(Func<HostReadings, long> read) => hosts.Sum(read);

    private sealed record Source(
        string Instrument, string Unit, string Description, Func<HostReadings, long> Read, string? Tag, string? Value)
    {
        public Source(string instrument, string unit, string description, Func<HostReadings, long> read)
            : this(instrument, unit, description, read, Tag: null, Value: null)
        {
        }

        public KeyValuePair<string, object?>[] Tags { get; } = Tag is null ? [] : [new(Tag, Value)];
    }
}
