using System.Diagnostics;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Measures the messages of one protocol. While nobody listens a message costs a look at a flag; while somebody does, counting it
/// allocates nothing. Safe on any thread.
/// </summary>
internal sealed class ProtocolDiagnostics
{
    private readonly MsgNetMeter? meter;

    public ProtocolDiagnostics(IHostPlatform platform, MsgNetMeter? meter, string name)
    {
        Platform = platform;
        this.meter = meter;
        Send = new Operation("send", "send", name, ActivityKind.Producer, meter?.OperationDuration);
        Request = new Operation("request", "send", name, ActivityKind.Client, meter?.OperationDuration);
        Process = new Operation("process", "process", name, ActivityKind.Consumer, meter?.ProcessDuration);
    }

    public IHostPlatform Platform { get; }

    public Operation Send { get; }

    public Operation Request { get; }

    public Operation Process { get; }

    /// <summary>Messages were accepted for sending.</summary>
    public void OnSent(int count) => meter?.Sent.Add(count, Send.Tags);

    /// <summary>A request was accepted for sending.</summary>
    public void OnRequested() => meter?.Sent.Add(1, Request.Tags);

    /// <summary>Messages go to their handler or reader.</summary>
    public void OnConsumed(int count) => meter?.Consumed.Add(count, Process.Tags);

    /// <summary>Somebody listens.</summary>
    public bool IsObserved(Operation operation) =>
        meter is not null && (operation.Duration!.Enabled || MsgNetDiagnostics.Source.HasListeners());

    /// <summary>Begins to measure, when somebody listens; else gives what does nothing.</summary>
    // API-154
    public Observation Begin(Operation operation, PeerId peer, int size) =>
        IsObserved(operation) ? new Observation(operation, Platform, peer, size) : default;

    /// <summary>Begins to measure a send whose caller goes on by himself.</summary>
    public Observation BeginSend(PeerId peer, int size)
    {
        var observation = Begin(Send, peer, size);
        observation.Leave();
        return observation;
    }

    /// <summary>Notes a request that failed before it began; returns the failure.</summary>
    public Exception RequestRefused(PeerId peer, int size, Exception error)
    {
        var observation = Begin(Request, peer, size);
        observation.Leave();
        observation.End(error);
        return error;
    }
}
