using System.Collections.Concurrent;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// What makes a context caller-driven: work that waits for the next pass, and a clock that stands still during one.
/// </summary>
internal sealed class MspPasses(IHostPlatform platform) : IScheduler
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromHours(1);
    // MSP-140
    private readonly ConcurrentQueue<IThreadPoolWorkItem> posted = new();
    private readonly object inputGate = new();
    private Instant last;
    private bool isProcessing;
    private bool hasInput;

    /// <summary>The moment of the pass, or the platform's between two; never goes back.</summary>
    public Instant Now => isProcessing ? last : Instant.Max(last, platform.Now);

    /// <summary>There is work for another pass.</summary>
    public bool HasPosted => !posted.IsEmpty;

    /// <summary>A pass begins. Under the gate, as <see cref="End"/>.</summary>
    public void Begin(Instant now)
    {
        if (isProcessing)
            throw new InvalidOperationException("A pass is under way: call Process from one thread, and not from a handler.");

        last = Instant.Max(last, now);
        isProcessing = true;
        lock (inputGate)
            hasInput = false;
    }

    /// <summary>The pass is over.</summary>
    public void End() => isProcessing = false;

    /// <inheritdoc/>
    public void Post(IThreadPoolWorkItem work)
    {
        posted.Enqueue(work);
        OnInput();
    }

    /// <summary>Runs what was posted so far, not what that posts: a handler that never has enough does not hold up the pass.</summary>
    public void RunPosted()
    {
        for (var left = posted.Count; left > 0 && posted.TryDequeue(out var work); left--)
            work.Execute();
    }

    /// <summary>A socket was used; a pass that is under way does what is to be done. Under the gate.</summary>
    public void Wake()
    {
        if (!isProcessing)
            OnInput();
    }

    /// <summary>Something has arrived.</summary>
    public void OnInput()
    {
        lock (inputGate)
        {
            hasInput = true;
            Monitor.PulseAll(inputGate);
        }
    }

    /// <summary>Blocks until there is something to do, or until then.</summary>
    public void Wait(Instant until)
    {
        lock (inputGate)
        {
            var left = until.IsNever ? WaitMax : until - Now;
            if (!hasInput && left > TimeSpan.Zero)
                Monitor.Wait(inputGate, left < WaitMax ? left : WaitMax);
        }
    }
}
