using System.Diagnostics;
using System.Runtime.CompilerServices;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// The pump: calls a handler, one message after the other. Run by the scheduler, or by a carrier's thread for inline handlers; one
/// thread at a time.
/// </summary>
/// <remarks>
/// A call that goes asynchronous leaves the thread; when it ends the slot posts itself, so that user code runs through the scheduler
/// and nowhere else. The awaiter is held by hand for that reason, and because it costs no allocation.
/// </remarks>
internal sealed partial class HandlerSlot : IThreadPoolWorkItem
{
    private const int CallsPerRunMax = 64;
    private const int CallsPerRowMax = 64;
    private const int CallsPerQueueRowMax = 16;
    private static readonly TimeSpan SlowRowMin = TimeSpan.FromMilliseconds(1);

    private readonly HandlerQueue queue;
    private readonly IHostPlatform platform;
    private readonly HandlerReports reports;
    private readonly Action resume;
    private readonly Receipts receipts;
    private Instant rowBegan;
    private int callsInRow;
    private int callsPerRow = 1;
    private ValueTaskAwaiter call;
    private Observation observation;
    private bool isCalling;

    public HandlerSlot(HandlerQueue queue, HandlerServices services, HandlerReports reports, Lock gate)
    {
        this.queue = queue;
        this.reports = reports;
        platform = services.Platform;
        receipts = new Receipts(services.HostGate);
        resume = Repost;
        Token = new HandlerToken(platform, reports, gate);
    }

    /// <summary>The token of this slot's calls; changed under the queue's lock.</summary>
    public HandlerToken Token { get; }

    /// <summary>The first of the messages it took from the queue; set by the queue, under its lock, as are handler and options.</summary>
    public QueuedMessage? Row { get; set; }

    /// <summary>The one of them that is being handled, or was last.</summary>
    public QueuedMessage? Message { get; set; }

    /// <summary>How many messages it may take from the queue at once: those behind a slow call should not wait here.</summary>
    public int CallsPerQueueRow => Math.Min(callsPerRow, CallsPerQueueRowMax);

    public MessageHandler? Handler { get; set; }

    public HandlerOptions Options { get; set; } = HandlerOptions.Default;

    public bool IsPosted { get; set; }

    /// <inheritdoc/>
    public void Execute()
    {
        if (isCalling)
            EndCall(TakeCall());

        // Gives way to other work now and then.
        for (var left = CallsPerRunMax; left > 0; left--)
        {
            if (!TryNext() || !BeginCall())
                return;
        }

        receipts.Tell();
        Repost();
    }

    private void Repost() => platform.Scheduler.Post(this);

    /// <summary>Calls that follow each other form rows, which share a look at the clock; the token was told.</summary>
    public void BeginRow(Instant now)
    {
        rowBegan = now;
        callsInRow = 0;
    }

    /// <summary>The row has ended; how long its calls took on average when they were slow, else zero.</summary>
    // API-214
    public TimeSpan EndRow(Instant now)
    {
        var (took, calls) = (now - rowBegan, callsInRow);
        callsInRow = 0;
        if (calls == 0)
            return TimeSpan.Zero;

        // Which call of a slow row was slow nobody knows: the next ones are looked at one by one.
        var isSlow = took > SlowRowMin;
        callsPerRow = isSlow ? 1 : Math.Min(2 * callsPerRow, CallsPerRowMax);
        return isSlow ? took / calls : TimeSpan.Zero;
    }

    // Carriers are told while the slot is this thread's: an idle one may be at work on another.
    private bool TryNext()
    {
        if (Message is { Next: { } next } && !queue.IsClosed)
        {
            Message = next;
            return true;
        }

        if (!TryNextRow())
            return false;

        Message = Row;
        return true;
    }

    private bool TryNextRow()
    {
        var now = platform.Now;
        EndRow(now);
        if (receipts.IsEmpty)
            return queue.TryNext(this, now, mayRest: true);
        if (queue.TryNext(this, now, mayRest: false))
            return true;

        receipts.Tell();
        return queue.TryNext(this, now, mayRest: true);
    }

    /// <summary>True when the call has ended already; else the slot belongs to who ends it.</summary>
    private bool BeginCall()
    {
        Debug.Assert(Message is not null);
        receipts.OnCall(rowBegan);
        reports.Diagnostics.OnConsumed(1); // API-152
        observation = reports.Diagnostics.Begin(reports.Diagnostics.Process, Message.From, Message.Length);
        var begun = Invoke(Message.ToMessage());
        observation.Leave();
        if (begun.IsCompleted)
        {
            EndCall(begun.GetAwaiter());
            return true;
        }

        receipts.Tell();
        queue.PutBack(this, platform.Now);
        Leave(begun);
        return false;
    }

    private ValueTask Invoke(in Message message)
    {
        callsInRow++;
        Token.OnCall();
        try
        {
            return Handler!(message, Token.Current);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }
    }

    // The last that happens to the slot on this thread.
    private void Leave(ValueTask begun)
    {
        isCalling = true;
        call = begun.GetAwaiter();
        call.UnsafeOnCompleted(resume);
    }

    private ValueTaskAwaiter TakeCall()
    {
        var ended = call;
        call = default;
        isCalling = false;
        return ended;
    }

    private void EndCall(ValueTaskAwaiter ended)
    {
        Debug.Assert(Message is not null);
        End(ended, Message.From, Message.Request);
        if (Message.Inbox is { } inbox)
            receipts.Add(inbox, Message.Token);
    }

    private void End(ValueTaskAwaiter ended, PeerId from, RequestContext? request)
    {
        var status = RequestStatus.NoReply; // REQ-013
        Exception? failure = null;
        try
        {
            ended.GetResult();
        }
        catch (Exception exception)
        {
            failure = exception;
            status = RequestStatus.HandlerFailed;
            if (exception is not OperationCanceledException || !Token.IsCancelled)
                reports.Failed(from, exception); // API-060
        }

        observation.End(failure);
        observation = default;
        request?.TryAnswer(status, default);
    }
}
