namespace MsgNet.LoadBench.Contestants;

/// <summary>A thread that runs a blocking loop until it is disposed, which waits for it.</summary>
internal sealed class LoopThread : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Thread thread;
    private Exception? failure;

    /// <param name="name">The thread's.</param>
    /// <param name="loop">Returns soon after its token is cancelled.</param>
    public LoopThread(string name, Action<CancellationToken> loop)
    {
        thread = new Thread(() => Run(loop)) { IsBackground = true, Name = name };
        thread.Start();
    }

    /// <summary>Throws when the loop has failed.</summary>
    public void Check()
    {
        if (Volatile.Read(ref failure) is not null)
            throw new InvalidOperationException($"{thread.Name} failed: {failure!.Message}", failure);
    }

    public void Dispose()
    {
        stop.Cancel();
        thread.Join();
        stop.Dispose();
        Check();
    }

    private void Run(Action<CancellationToken> loop)
    {
        try
        {
            loop(stop.Token);
        }
        catch (Exception error)
        {
            Volatile.Write(ref failure, error);
        }
    }
}
