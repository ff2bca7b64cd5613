using MsgNet.Core;

namespace MsgNet;

/// <content>Messages for inline handlers: by the batch to the handler, or behind a call that goes on.</content>
internal sealed partial class HandlerQueue
{
    // Messages in the hands of the inline calls. Under the host's gate.
    private int inlineCount;

    // An inline call goes on, or what came after it waits.
    private volatile bool isBehind;
    private bool slowLogged;

    /// <inheritdoc/>
    public void OfferFollowing(ref LaneRun following) => AddFollowing(ref following);

    /// <inheritdoc/>
    public void OfferFollowing(ref MessageRun following) => AddFollowing(ref following);

    /// <summary>Calls the handler with inline messages, on this thread; those behind a call that goes on wait for it.</summary>
    public void Call(InlineBatch batch, Span<InlineRun> runs)
    {
        reports.LogDrops();
        var now = services.Platform.Now;
        var slot = TryClaim(now);
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

        slot.EndInlineRow(services.Platform.Now);
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
            slot.Row = slot.Message = backlog.Adopt(batch.MessageAt(run, index), request, arena, offset);
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

    private void AddFollowing<TRun>(ref TRun following)
        where TRun : struct, IMessageRun, allows ref struct
    {
        // The one before is the last that the inline calls were given, then.
        if (!closed && options.Inline && !isBehind)
            inlineCount += services.Inline.AddFollowing(ref following);
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
                dropped = backlog.TakeAll(reports);
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
}
