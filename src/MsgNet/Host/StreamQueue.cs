using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// One protocol's streams: a bounded number of calls of its handler, one per stream, and the streams that wait for a call in the order they
/// came, unread. Safe on any thread.
/// </summary>
internal sealed class StreamQueue(HandlerServices services, ProtocolId protocol, StreamHandler handler) : IMessageConsumer
{
    private readonly Lock gate = new();
    private readonly HandlerReports reports = services.ReportsFor(protocol);
    private readonly Queue<LaneStream> waiting = [];
    private readonly HashSet<StreamCall> calls = [];
    private StreamHandler handler = handler;
    private bool closed;

    /// <summary>Streams that wait; when read without its lock, a recent value.</summary>
    public int Count => waiting.Count;

    /// <summary>Who takes streams takes no messages.</summary>
    public SinkResult Offer(in IncomingMessage message) => SinkResult.NoHandler;

    /// <inheritdoc/>
    public bool Offer(LaneStream stream)
    {
        lock (gate)
        {
            if (closed)
                return false;

            if (calls.Count < Limits.StreamHandlersMax) // API-179
                Start(stream);
            else
                waiting.Enqueue(stream);
            return true;
        }
    }

    /// <summary>Replaces the handler: streams that wait go to the new one, calls under way end with the old one.</summary>
    public void SetHandler(StreamHandler next)
    {
        lock (gate)
            handler = next;
    }

    /// <summary>Takes no more streams, and aborts those that wait. Calls under way go on.</summary>
    // API-182
    public void Stop()
    {
        LaneStream[] dropped;
        lock (gate)
        {
            closed = true;
            dropped = [.. waiting];
            waiting.Clear();
        }

        foreach (var stream in dropped)
            stream.Abort();
    }

    /// <inheritdoc/>
    public void Close()
    {
        Stop();
        lock (gate)
        {
            foreach (var call in calls)
                call.CancelSoon(); // API-181
        }
    }

    /// <summary>A call has ended: the next stream gets its place.</summary>
    public void OnEnded(StreamCall call)
    {
        lock (gate)
        {
            calls.Remove(call);

            // Who was lost while it waited has nobody to talk to.
            while (waiting.TryDequeue(out var next))
            {
                if (next.IsLost)
                    continue;

                Start(next);
                break;
            }
        }

        services.OnSlotIdle();
    }

    // Under the lock.
    private void Start(LaneStream stream)
    {
        var call = new StreamCall(this, stream, handler, services.Platform.Scheduler, reports);
        calls.Add(call);
        services.OnSlotPosted();
        services.Platform.Scheduler.Post(call);
    }
}
