using System.Diagnostics;
using System.Runtime.CompilerServices;
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
internal sealed class HandlerSlot : IThreadPoolWorkItem
{
    private const int CallsPerRunMax = 64;
    private static readonly TimeSpan InlineTimeMax = TimeSpan.FromMilliseconds(1);

    private readonly HandlerQueue queue;
    private readonly IHostPlatform platform;
    private readonly HandlerReports reports;
    private readonly Action resume;
    private ValueTaskAwaiter call;
    private Observation observation;
    private bool isCalling;
    private bool wasCalled;

    public HandlerSlot(HandlerQueue queue, IHostPlatform platform, HandlerReports reports, Lock gate)
    {
        this.queue = queue;
        this.platform = platform;
        this.reports = reports;
        resume = Repost;
        Token = new HandlerToken(platform, reports, gate);
    }

    /// <summary>The token of this slot's calls; changed under the queue's lock.</summary>
    public HandlerToken Token { get; }

    /// <summary>The message being handled; set by the queue, under its lock, as are the next three.</summary>
    public QueuedMessage? Message { get; set; }

    public MessageHandler? Handler { get; set; }

    public HandlerOptions Options { get; set; } = HandlerOptions.Default;

    public bool IsPosted { get; set; }

    /// <inheritdoc/>
    public void Execute()
    {
        if (isCalling)
            EndCall();

        // Inline calls stay on the receive thread, which takes no new messages meanwhile; others give way to other work now and then.
        for (var left = CallsPerRunMax; left > 0 || Options.Inline; left--)
        {
            if (!queue.TryNext(this) || !BeginCall())
                return;

            EndCall();
        }

        Repost();
    }

    private void Repost() => platform.Scheduler.Post(this);

    /// <summary>True when the call has ended already; else the slot belongs to who ends it.</summary>
    private bool BeginCall()
    {
        isCalling = true;
        call = CallHandler().GetAwaiter();
        if (call.IsCompleted)
            return true;

        call.UnsafeOnCompleted(resume);
        return false;
    }

    private ValueTask CallHandler()
    {
        Debug.Assert(Message is not null && Handler is not null);
        reports.Diagnostics.OnConsumed(); // API-152
        observation = reports.Diagnostics.Begin(reports.Diagnostics.Process, Message.From, Message.Length);
        var isInline = Options.Inline;
        var start = isInline ? platform.Now : default;
        try
        {
            return Handler(Message.ToMessage(), Token.Current);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }
        finally
        {
            observation.Leave();

            // The first call pays for the compiler: it says nothing about the handler.
            if (isInline && platform.Now - start is var took && took > InlineTimeMax && wasCalled)
                queue.ReportSlow(took);
            wasCalled = true;
        }
    }

    private void EndCall()
    {
        Debug.Assert(Message is not null);
        var ended = call;
        call = default;
        isCalling = false;
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
                reports.Failed(Message.From, exception); // API-060
        }

        observation.End(failure);
        observation = default;
        Message.Request?.TryAnswer(status, default);
        Message.Inbox?.OnHandled(Message.Token);
    }
}
