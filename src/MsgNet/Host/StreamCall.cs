using System.Runtime.CompilerServices;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>One call of a stream handler: begins and ends on the scheduler. Its token is cancelled when the stream is lost.</summary>
// A cancellation may come at any time, and a source without a timer or a wait handle has nothing to free.
#pragma warning disable CA1001
internal sealed class StreamCall : IThreadPoolWorkItem
#pragma warning restore CA1001
{
    private readonly StreamQueue queue;
    private readonly LaneStream stream;
    private readonly StreamHandler handler;
    private readonly IScheduler scheduler;
    private readonly HandlerReports reports;

    private readonly CancellationTokenSource cancellation = new();
    private ValueTaskAwaiter call;
    private bool isCalling;

    public StreamCall(StreamQueue queue, LaneStream stream, StreamHandler handler, IScheduler scheduler, HandlerReports reports)
    {
        this.queue = queue;
        this.stream = stream;
        this.handler = handler;
        this.scheduler = scheduler;
        this.reports = reports;
    }

    /// <summary>Begins the call, and ends it when the handler's task has ended.</summary>
    public void Execute()
    {
        if (!isCalling)
        {
            // Completion is set on the scheduler: callbacks of the user's run there.
            stream.Completion.ContinueWith(
                static (ended, call) => ((StreamCall)call!).OnStreamEnded(ended),
                this,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            isCalling = true;
            call = CallHandler().GetAwaiter();
            if (!call.IsCompleted)
            {
                call.UnsafeOnCompleted(() => scheduler.Post(this));
                return;
            }
        }

        End();
    }

    /// <summary>Cancels the handler's token, on the scheduler. Never blocks.</summary>
    public void CancelSoon() => scheduler.Post(new Cancelling(this));

    private ValueTask CallHandler()
    {
        try
        {
            return handler(stream, stream.Remote, cancellation.Token);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }
    }

    private void End()
    {
        try
        {
            call.GetResult();
        }
        catch (Exception exception)
        {
            if (exception is not OperationCanceledException || !cancellation.IsCancellationRequested)
                reports.Failed(stream.Remote, exception);
            stream.Abort(); // API-180: what went wrong must not pass for the end.
        }

        stream.Dispose(); // API-179
        queue.OnEnded(this);
    }

    private void OnStreamEnded(Task ended)
    {
        if (ended.IsFaulted)
            Cancel();
    }

    private void Cancel()
    {
        try
        {
            cancellation.Cancel();
        }
        catch (AggregateException exception)
        {
            reports.CallbackFailed(exception);
        }
    }

    private sealed class Cancelling(StreamCall call) : IThreadPoolWorkItem
    {
        public void Execute() => call.Cancel();
    }
}
