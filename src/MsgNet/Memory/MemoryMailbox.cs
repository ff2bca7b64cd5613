using System.Collections.Concurrent;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// What other hosts tell a socket, in order. Nobody ever holds two hosts' gates: a sender, under its own gate or none, only puts the event
/// here; the receiver takes it on its own scheduler, under its own gate.
/// </summary>
internal sealed class MemoryMailbox(MemorySocket socket, IScheduler scheduler) : IThreadPoolWorkItem
{
    // Enough to share the cost of one post, few enough to let others run.
    private const int EventsPerTurnMax = 64;
    private readonly ConcurrentQueue<MemoryEvent> events = new();
    private int posted;

    /// <summary>Puts an event; never blocks. Safe on any thread.</summary>
    public void Put(in MemoryEvent happened)
    {
        events.Enqueue(happened);
        if (Interlocked.Exchange(ref posted, 1) == 0)
            scheduler.Post(this);
    }

    /// <inheritdoc/>
    public void Execute()
    {
        socket.Receive(events, EventsPerTurnMax);
        Interlocked.Exchange(ref posted, 0);

        // What was put before the mark was cleared saw it set, and did not post.
        if (!events.IsEmpty && Interlocked.Exchange(ref posted, 1) == 0)
            scheduler.Post(this);
    }
}
