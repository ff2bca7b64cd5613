using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MsgNet;

/// <summary>What is done with messages of one protocol, as it is named in metrics and traces.</summary>
internal sealed class Operation(string name, string type, string protocol, ActivityKind kind, Histogram<double>? duration)
{
    private readonly TagList tags = new(
        [new(MsgNet.Tags.System, "msgnet"), new(MsgNet.Tags.Destination, protocol), new(MsgNet.Tags.Operation, name)]);

    /// <summary>System, destination and operation: three, which a measurement takes without allocating.</summary>
    public ref readonly TagList Tags => ref tags;

    public Histogram<double>? Duration => duration;

    public string SpanName { get; } = $"{name} {protocol}";

    public string Type => type;

    public ActivityKind Kind => kind;
}
