namespace MsgNet.Cli.Workloads;

/// <summary>
/// Sends that are under way: so many at once that round trips overlap, and no more, so that a long run stays small. When there are too
/// many, or at the end, the oldest is waited for, at most <paramref name="patience"/>.
/// </summary>
internal sealed class SendWindow(int max, TimeSpan patience)
{
    private readonly Queue<Task> pending = new();

    /// <summary>Adds a send that has begun, unless it has failed already; when there are too many, waits for the oldest.</summary>
    /// <exception cref="TimeoutException">It took too long.</exception>
    public Task Add(Task send, CancellationToken cancellationToken)
    {
        // What was never sent dials nobody: whoever waited for the peer first would blame the peer.
        if (send.IsFaulted)
            return send;

        pending.Enqueue(send);
        return pending.Count > max ? pending.Dequeue().WaitAsync(patience, cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Waits for all of them.</summary>
    /// <exception cref="TimeoutException">One took too long.</exception>
    public async Task Drain(CancellationToken cancellationToken)
    {
        while (pending.TryDequeue(out var send))
            await send.WaitAsync(patience, cancellationToken);
    }
}
