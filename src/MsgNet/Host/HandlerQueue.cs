using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// One protocol's handler: a bounded queue of copies, and up to <see cref="HandlerOptions.Concurrency"/> slots that call the handler. Safe
/// on any thread.
/// </summary>
/// <remarks>
/// A slot is idle, or posted, or running; it is posted when a peer's message is ready and a slot is free. Whoever takes the lock here may
/// hold the host's gate; nothing is called under it but the platform's non-blocking calls.
/// </remarks>
internal sealed class HandlerQueue : IMessageConsumer
{
    private readonly Lock gate = new();
    private readonly HandlerServices services;
    private readonly HandlerReports reports;
    private readonly MessageBacklog backlog;
    private readonly Stack<HandlerSlot> idle = [];
    private readonly List<HandlerSlot> slots = [];
    private MessageHandler handler;
    private HandlerOptions options;

    // Slots on their way to take a message: one message must not wake several.
    private int posted;
    private bool slowLogged;
    private bool closed;

    public HandlerQueue(HandlerServices services, ProtocolId protocol, MessageHandler handler, HandlerOptions options)
    {
        Protocol = protocol;
        this.services = services;
        this.handler = handler;
        this.options = options;
        reports = services.ReportsFor(protocol);
        backlog = new MessageBacklog(new MessageBuffers(services.PoisonReturnedBuffers));
        AttachReports();
    }

    public ProtocolId Protocol { get; }

    /// <inheritdoc/>
    public int Count => backlog.Count;

    /// <inheritdoc/>
    public SinkResult Offer(in IncomingMessage message)
    {
        lock (gate)
        {
            if (closed)
                return SinkResult.NoHandler;

            if (backlog.TryAdd(message))
            {
                reports.CountTaken();
                Activate(options.Inline);
                return SinkResult.Taken;
            }

            if (message.Inbox is { } inbox)
                backlog.AddWaiter(inbox);
            if (message.Inbox is null && message.ReplyTo is null)
                reports.CountDropped(); // API-058, MP-042
            else
                reports.CountBusy();
            return SinkResult.Busy;
        }
    }

    /// <summary>Replaces the handler: what is queued goes to the new one, calls under way end with the old one.</summary>
    public void SetHandler(MessageHandler next, HandlerOptions nextOptions)
    {
        lock (gate)
        {
            handler = next;
            options = nextOptions;
            slowLogged = false;
            AttachReports();

            // No carrier runs inline work for this thread, so what waits runs on the scheduler.
            Activate(inline: false);
        }
    }

    /// <summary>Drops what is queued and cancels the calls under way.</summary>
    public void Close()
    {
        DroppedMessages dropped;
        lock (gate)
        {
            if (closed)
                return;

            closed = true;
            dropped = backlog.TakeAll(Protocol);
            foreach (var slot in slots)
                slot.Token.Cancel();
            foreach (var slot in idle)
                slot.Token.Dispose();
        }

        services.Platform.Scheduler.Post(dropped);
    }

    /// <summary>Gives back the slot's message and takes the next one; false when the slot has nothing to do and is idle now.</summary>
    public bool TryNext(HandlerSlot slot)
    {
        reports.LogDrops();
        bool took;
        bool tellOfRoom;
        lock (gate)
        {
            if (slot.IsPosted)
                posted--;
            slot.IsPosted = false;
            GiveBack(slot);
            took = TryTake(slot);
            tellOfRoom = took && backlog.HasWaiters;
        }

        // From here on a slot without a message may be at work on another thread.
        if (!took)
            services.OnSlotIdle();
        if (tellOfRoom)
            TellOfRoom();
        return took;
    }

    /// <summary>Notes an inline call of above 1 ms.</summary>
    public void ReportSlow(TimeSpan took)
    {
        reports.Slow(took, log: !slowLogged);
        slowLogged = true;
    }

    // Under the lock. As many slots as there are peers to serve, at most as many as may run.
    private void Activate(bool inline)
    {
        // API-054, API-055
        for (var missing = backlog.ReadyCount - posted; missing > 0 && slots.Count - idle.Count < options.Concurrency; missing--)
        {
            if (!idle.TryPop(out var slot))
            {
                slot = new HandlerSlot(this, services.Platform, reports, gate);
                slots.Add(slot);
            }

            posted++;
            services.OnSlotPosted();
            slot.IsPosted = true;
            if (inline)
                services.Inline.Add(slot); // API-061
            else
                services.Platform.Scheduler.Post(slot);
        }
    }

    // Under the lock.
    private void GiveBack(HandlerSlot slot)
    {
        if (slot.Message is not { } done)
            return;

        slot.Message = null;
        slot.Token.End();
        backlog.Release(done);
    }

    // Under the lock. A slot that takes nothing is idle, or done with for good.
    private bool TryTake(HandlerSlot slot)
    {
        if (closed)
        {
            slot.Token.Dispose();
            return false;
        }

        if (slots.Count - idle.Count > options.Concurrency || !backlog.TryTake(out var next))
        {
            idle.Push(slot);
            return false;
        }

        slot.Message = next;
        slot.Handler = handler;
        slot.Options = options;
        slot.Token.Begin(next.From, options.Timeout); // API-059
        return true;
    }

    private void TellOfRoom()
    {
        while (true)
        {
            ICarrierInbox? inbox;
            lock (gate)
            {
                if (!backlog.TryTakeWaiter(out inbox))
                    return;
            }

            inbox.OnRoom(Protocol);
        }
    }

    private void AttachReports() => (handler.Target as IReportingHandler)?.Attach(reports);
}
