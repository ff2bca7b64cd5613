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

    // Messages in the hands of the inline calls. Under the host's gate.
    private int inlineCount;

    // Slots on their way to take a message: one message must not wake several.
    private int posted;
    private bool slowLogged;

    // An inline call goes on, or what came after it waits.
    private volatile bool isBehind;
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

    /// <summary>Replaces the handler: what is queued goes to the new one, calls under way end with the old one. Under the host's gate.</summary>
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
            dropped = backlog.TakeAll(Protocol);
            foreach (var slot in slots)
                slot.Token.Cancel();
            foreach (var slot in idle)
                slot.Token.Dispose();
        }

        services.Platform.Scheduler.Post(dropped);
    }

    /// <summary>Gives back the slot's message and takes the next one; when there is none the slot is idle, if it may be.</summary>
    public bool TryNext(HandlerSlot slot, bool mayRest)
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
            mayRest &= !took;
            if (mayRest)
                Rest(slot);
        }

        // From here on an idle slot may be at work on another thread.
        if (mayRest)
            services.OnSlotIdle();
        if (tellOfRoom)
            TellOfRoom();
        return took;
    }

    /// <summary>Calls the handler with inline messages, on this thread; those behind a call that goes on wait for it.</summary>
    public void Call(InlineBatch batch, Span<InlineRun> runs)
    {
        reports.LogDrops();
        var now = services.Platform.Now;
        var slot = TryClaim(now);
        slot?.BeginRow(now);
        foreach (ref var run in runs)
        {
            reports.CountTaken(run.Count);
            if (slot?.Call(batch, ref run) == false)
                slot = null;
            if (run.Taken < run.Count)
                Add(batch, run);
        }

        if (slot is null)
            return;

        slot.EndRow(services.Platform.Now);
        Release(slot);
    }

    /// <summary>The inline calls are done with that many messages. Under the host's gate.</summary>
    public void OnInlineLeft(int count) => inlineCount -= count;

    /// <summary>The slot's next inline calls have a token that is not cancelled, and their whole time.</summary>
    public void RenewToken(HandlerSlot slot, Instant now)
    {
        lock (gate)
            slot.Token.Begin(now, slot.Options.Timeout);
    }

    /// <summary>An inline call goes on: from here on it is one like those from the queue.</summary>
    public void Adopt(HandlerSlot slot, Instant now, InlineBatch batch, in InlineRun run, RequestContext? request)
    {
        var index = run.First + run.Taken;
        var (arena, offset) = batch.Lend(index);
        services.OnSlotPosted();
        lock (gate)
        {
            slot.Message = backlog.Adopt(batch.MessageAt(run, index), request, arena, offset);
            slot.Token.Restart(now);
            isBehind = true;
        }
    }

    /// <summary>Notes an inline call of above 1 ms.</summary>
    public void ReportSlow(TimeSpan took)
    {
        reports.Slow(took, log: !slowLogged);
        slowLogged = true;
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

    // Under the host's gate.
    private bool TryAddInline(in IncomingMessage message)
    {
        if ((isBehind && !HasRoomBehind(message)) || !services.Inline.TryAdd(this, message))
            return false;

        inlineCount++;
        return true;
    }

    // API-212: for those behind a call that goes on, the queue's bounds hold.
    private bool HasRoomBehind(in IncomingMessage message)
    {
        lock (gate)
        {
            if (backlog.HasRoom(message))
                return true;

            AddWaiter(backlog, message);
            return false;
        }
    }

    // What is left of a run waits for a call that goes on, or on the scheduler for a handler that is inline no longer.
    private void Add(InlineBatch batch, in InlineRun run)
    {
        DroppedMessages? dropped = null;
        lock (gate)
        {
            for (var i = run.Taken; i < run.Count; i++)
                backlog.Add(batch.MessageAt(run, run.First + i));
            if (closed)
                dropped = backlog.TakeAll(Protocol);
            else
                Activate();
            isBehind = true;
        }

        if (dropped is not null)
            services.Platform.Scheduler.Post(dropped);
    }

    // One call at a time, and none before those that wait.
    private HandlerSlot? TryClaim(Instant now)
    {
        lock (gate)
        {
            if (closed || !options.Inline || backlog.Count > 0 || idle.Count < slots.Count)
                return null;

            var slot = TakeIdle();
            Prepare(slot, now);
            return slot;
        }
    }

    private void Release(HandlerSlot slot)
    {
        lock (gate)
        {
            slot.Token.End();
            Rest(slot);
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

    // Under the lock.
    private void GiveBack(HandlerSlot slot)
    {
        if (slot.Message is not { } done)
            return;

        slot.Message = null;
        slot.Token.End();
        backlog.Release(done);
    }

    // Under the lock.
    private bool TryTake(HandlerSlot slot)
    {
        if (closed || slots.Count - idle.Count > options.Concurrency || !backlog.TryTake(out var next))
            return false;

        slot.Message = next;
        slot.Token.Peer = next.From;
        Prepare(slot, services.Platform.Now);
        return true;
    }

    private void Prepare(HandlerSlot slot, Instant now)
    {
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
