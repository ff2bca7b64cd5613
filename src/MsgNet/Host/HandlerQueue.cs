using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// One protocol's handler: a bounded queue of copies, and up to <see cref="HandlerOptions.Concurrency"/> slots that call the handler. Safe
/// on any thread.
/// </summary>
/// <remarks>
/// A slot is idle, or posted, or running; it is posted when a peer's message is ready and a slot is free. Messages for an inline handler
/// go through <see cref="InlineCalls"/>, and come here only to wait for a call that did not end at once. Whoever takes the lock here may
/// hold the host's gate; nothing is called under it but the platform's non-blocking calls.
/// </remarks>
internal sealed partial class HandlerQueue : IMessageConsumer
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
    private volatile bool closed;

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

    /// <summary>The handler was removed: no call begins any more.</summary>
    public bool IsClosed => closed;

    /// <inheritdoc/>
    public SinkResult Offer(in IncomingMessage message)
    {
        if (closed)
            return SinkResult.NoHandler;

        // What came before goes first, also when the handler is an inline one no longer (API-054).
        var taken = options.Inline || inlineCount > 0 ? TryAddInline(message) : TryAdd(message);
        if (taken)
            return SinkResult.Taken;

        if (message.Inbox is null && message.ReplyTo is null)
            reports.CountDropped(); // API-058, MP-042
        else
            reports.CountBusy();
        return SinkResult.Busy;
    }

    /// <summary>
    /// Replaces the handler: what is queued goes to the new one, calls under way end with the old one. Under the host's gate.
    /// </summary>
    public void SetHandler(MessageHandler next, HandlerOptions nextOptions)
    {
        lock (gate)
        {
            handler = next;
            options = nextOptions;
            slowLogged = false;
            AttachReports();
            Activate();
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
            dropped = backlog.TakeAll(reports);
            foreach (var slot in slots)
                slot.Token.Cancel();
            foreach (var slot in idle)
                slot.Token.Dispose();
        }

        services.Platform.Scheduler.Post(dropped);
    }

    /// <summary>Gives back the slot's messages and takes the next ones; when there are none the slot is idle, if it may be.</summary>
    public bool TryNext(HandlerSlot slot, Instant now, bool mayRest)
    {
        reports.LogDrops();
        DroppedMessages? dropped;
        bool took;
        bool tellOfRoom;
        lock (gate)
        {
            if (slot.IsPosted)
                posted--;
            slot.IsPosted = false;
            dropped = GiveBack(slot);
            took = TryTake(slot, now);
            tellOfRoom = took && backlog.HasWaiters;
            mayRest &= !took;
            if (mayRest)
                Rest(slot);
        }

        // From here on an idle slot may be at work on another thread.
        if (mayRest)
            services.OnSlotIdle();
        if (dropped is not null)
            services.Platform.Scheduler.Post(dropped);
        if (tellOfRoom)
            TellOfRoom();
        return took;
    }

    /// <summary>The slot's call goes on: those behind it wait in the queue.</summary>
    public void PutBack(HandlerSlot slot, Instant now) // API-214
    {
        lock (gate)
        {
            backlog.PutBack(slot.Message!);
            slot.Token.Restart(now);
        }
    }

    private static void AddWaiter(MessageBacklog backlog, in IncomingMessage message)
    {
        if (message.Inbox is { } inbox)
            backlog.AddWaiter(inbox);
    }

    private bool TryAdd(in IncomingMessage message)
    {
        lock (gate)
        {
            if (!backlog.TryAdd(message))
            {
                AddWaiter(backlog, message);
                return false;
            }

            reports.CountTaken(1);
            Activate();
            return true;
        }
    }

    // Under the lock. As many slots as there are peers to serve, at most as many as may run.
    private void Activate()
    {
        // API-054, API-055
        for (var missing = backlog.ReadyCount - posted; missing > 0 && slots.Count - idle.Count < options.Concurrency; missing--)
        {
            var slot = TakeIdle();
            posted++;
            services.OnSlotPosted();
            slot.IsPosted = true;
            services.Platform.Scheduler.Post(slot);
        }
    }

    private HandlerSlot TakeIdle()
    {
        if (idle.TryPop(out var slot))
            return slot;

        slot = new HandlerSlot(this, services, reports, gate);
        slots.Add(slot);
        return slot;
    }

    // Under the lock. What of a row was not handed over when the handler was removed, never is.
    private DroppedMessages? GiveBack(HandlerSlot slot)
    {
        if (slot.Row is not { } row)
            return null;

        backlog.PutBack(slot.Message!);
        slot.Row = slot.Message = null;
        slot.Token.End();
        backlog.Release(row);
        return closed && backlog.Count > 0 ? backlog.TakeAll(reports) : null;
    }

    // Under the lock.
    private bool TryTake(HandlerSlot slot, Instant now)
    {
        if (closed || slots.Count - idle.Count > options.Concurrency || !backlog.TryTake(slot.CallsPerQueueRow, out var row))
            return false;

        slot.Row = row;
        slot.Token.Peer = row.From;
        Prepare(slot, now);
        return true;
    }

    private void Prepare(HandlerSlot slot, Instant now)
    {
        slot.BeginRow(now);
        slot.Handler = handler;
        slot.Options = options;
        slot.Token.Begin(now, options.Timeout); // API-059
    }

    // A slot of a handler that was removed is done with for good.
    private void Rest(HandlerSlot slot)
    {
        if (closed)
            slot.Token.Dispose();
        else
            idle.Push(slot);
        isBehind &= backlog.Count > 0 || idle.Count < slots.Count;
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
