using MsgNet.Core;

namespace MsgNet;

/// <content>Inline calls, on the thread that received.</content>
internal sealed partial class HandlerSlot
{
    private bool wasCalled;

    /// <summary>Calls the handler with a run, until it is closed; false when the slot left with a call that goes on.</summary>
    public bool Call(InlineBatch batch, ref InlineRun run)
    {
        Token.Peer = run.From;
        var isObserved = reports.Diagnostics.IsObserved(reports.Diagnostics.Process);
        var hasLeft = false;
        while (run.Taken < run.Count && !hasLeft && !queue.IsClosed)
        {
            if (callsInRow == callsPerRow)
                NextRow();

            var index = run.First + run.Taken;
            var data = batch.DataAt(index);
            var request = run.ReplyTo is { } target ? new RequestContext(target, run.From, run.RequestId) : null;
            if (isObserved)
                observation = reports.Diagnostics.Begin(reports.Diagnostics.Process, run.From, data.Length);
            var begun = Invoke(new Message(run.From, queue.Protocol, data, run.Delivery, run.Early, request));
            if (isObserved)
                observation.Leave();

            hasLeft = !begun.IsCompleted;
            if (hasLeft)
                Leave(begun, batch, run, request);
            else
                End(begun, batch, ref run, request, isObserved);
            run.Taken++;
        }

        reports.Diagnostics.OnConsumed(run.Taken); // API-152
        return !hasLeft;
    }

    /// <summary>A row of inline calls has ended: says so when they were slow.</summary>
    // API-061
    public void EndInlineRow(Instant now)
    {
        if (callsInRow == 0)
            return;

        // The first call pays for the compiler: it says nothing about the handler.
        var average = EndRow(now);
        if (wasCalled && average > SlowRowMin)
            queue.ReportSlow(average);
        wasCalled = true;
    }

    private void NextRow()
    {
        var now = platform.Now;
        EndInlineRow(now);
        BeginRow(now);
        queue.RenewToken(this, now);
    }

    private void End(ValueTask ended, InlineBatch batch, ref InlineRun run, RequestContext? request, bool isObserved)
    {
        if (ended.IsCompletedSuccessfully && request is null && !isObserved)
            ended.GetAwaiter().GetResult();
        else
            End(ended.GetAwaiter(), run.From, request);

        batch.EndUse(run.First + run.Taken);
        run.Handled++;
        if (!Token.TryReuse())
            NextRow();
    }

    private void Leave(ValueTask begun, InlineBatch batch, in InlineRun run, RequestContext? request)
    {
        var now = platform.Now;
        EndInlineRow(now);
        queue.Adopt(this, now, batch, run, request);
        Leave(begun);
    }
}
