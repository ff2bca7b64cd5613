using Google.Protobuf;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>
/// The calls of one pair of request and response that wait for their answers, first-in first-out: nothing on the wire tells which answer
/// belongs to which request, so the order does. Made by generated code. Safe on any thread.
/// </summary>
/// <typeparam name="TResponse">The Protobuf message that answers.</typeparam>
public sealed class MessiCalls<TResponse> : IMessiCalls
    where TResponse : class
{
    private readonly Lock gate = new();
    private readonly LinkedList<TaskCompletionSource<TResponse>> calls = new();

    private volatile int waiting;

    internal MessiCalls()
    {
    }

    bool IMessiCalls.IsWaiting => waiting > 0;

    /// <summary>
    /// Gives an answer to the call that waits for longest. An answer to a call that was cancelled is dropped.
    /// </summary>
    /// <param name="response">The answer.</param>
    /// <returns>False when no call waits: the answer is an ordinary message then.</returns>
    // MESSI-081, MESSI-084
    public bool TryComplete(TResponse response)
    {
        TaskCompletionSource<TResponse> call;
        lock (gate)
        {
            if (calls.First is not { } first)
                return false;

            call = first.Value;
            calls.RemoveFirst();
            waiting = calls.Count;
        }

        call.TrySetResult(response);
        return true;
    }

    // MESSI-083
    void IMessiCalls.Fail(MessiException exception)
    {
        TaskCompletionSource<TResponse>[] failed;
        lock (gate)
        {
            failed = [.. calls];
            calls.Clear();
            waiting = 0;
        }

        foreach (var call in failed)
        {
            call.TrySetException(exception.Again());
            _ = call.Task.Exception; // Nobody looks at one that was cancelled.
        }
    }

    internal async ValueTask<TResponse> Call(
        MessiOutput output, int field, IMessage request, TimeSpan? timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        // The continuation is the caller's code; it must not hold up the connection that it may call again.
        var call = new LinkedListNode<TaskCompletionSource<TResponse>>(new(TaskCreationOptions.RunContinuationsAsynchronously));
        ValueTask sending;
        var batch = MessiBatch.Begin();
        try
        {
            // One lock around both: the order of calls is that of their requests.
            lock (gate)
            {
                // MESSI-085
                if (calls.Count == Limits.MessiCallsWaitingMax)
                    throw TooMany();

                sending = output.Send(field, request, cancellationToken);
                calls.AddLast(call);
                waiting = calls.Count;
            }
        }
        finally
        {
            batch.End();
        }

        // Not put off: a handler may wait for this answer, and hold the batch it runs in.
        output.FlushCorked();
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch
        {
            // It was never sent, so that no answer will come.
            lock (gate)
            {
                call.List?.Remove(call);
                waiting = calls.Count;
            }

            throw;
        }

        // MESSI-082: cancelled, it keeps its place.
        return await call.Value.Task.WaitAsync(timeout ?? Timeout.InfiniteTimeSpan, time, cancellationToken).ConfigureAwait(false);
    }

    private static InvalidOperationException TooMany() => new(
        $"{Limits.MessiCallsWaitingMax} calls of this kind wait for their responses, those included that were cancelled or whose time "
        + "was up: await some first. If the peer never answers, disconnect.");
}
