using System.Diagnostics.Metrics;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>What can be read off one host at any time. Safe on any thread.</summary>
internal sealed class HostReadings(MessageNetwork network, HandlerTable handlers, Gate gate)
{
    private readonly UdpEndpoints? udp = network.Transports()
        .OfType<ICarrierTransport>()
        .Select(transport => transport.Channels)
        .OfType<UdpEndpoints>()
        .FirstOrDefault();

    /// <summary>The host's lock, for a probe to take.</summary>
    public Gate Gate => gate;

    public HandlerCounters Handlers => handlers.Counters;

    public int Peers => network.Peers().Count;

    public int Sessions => network.SessionCount;

    public bool IsClosed => network.IsClosed;

    /// <summary>Counters of the UDP machine; null without UDP. Written under the gate; a reader here sees recent values.</summary>
    public NodeCounters? Counters => udp?.Node.Counters;

    public IEnumerable<Measurement<long>> QueueDepths => handlers.QueueDepths.Select(
        queue => new Measurement<long>(queue.Count, new KeyValuePair<string, object?>(Tags.Destination, queue.Protocol.Name)));

    /// <summary>Everything dropped on the way in and out, for whatever reason.</summary>
    public long Dropped => Handlers.Dropped + Handlers.Removed + Handlers.Malformed + Lost(losses => losses.InboxFull) + Node(
        counters => Enum.GetValues<DropReason>().Sum(reason => counters.Dropped(reason)));

    /// <summary>Datagrams received and sent, and messages taken.</summary>
    public long Handled => Handlers.Taken + Node(counters => counters.DatagramsReceived + counters.DatagramsSent);

    public long Node(Func<NodeCounters, long> read) => Counters is { } counters ? read(counters) : 0;

    public long Lost(Func<UdpLosses, long> read) => udp is null ? 0 : read(udp.Losses);

    /// <summary>Ports that are open now.</summary>
    public IReadOnlyList<IDatagramPort> Ports
    {
        get
        {
            using (gate.Enter())
                return udp?.Ports ?? [];
        }
    }
}

/// <summary>Names of attributes, of OpenTelemetry's messaging conventions where there is one.</summary>
internal static class Tags
{
    public const string System = "messaging.system";
    public const string Destination = "messaging.destination.name";
    public const string Operation = "messaging.operation.name";
    public const string OperationType = "messaging.operation.type";
    public const string BodySize = "messaging.message.body.size";
    public const string BatchCount = "messaging.batch.message_count";
    public const string ErrorType = "error.type";
    public const string Peer = "msgnet.peer.id";
}
