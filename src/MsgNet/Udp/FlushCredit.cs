using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Decides who hands over what a send has queued. While little is sent its caller does, which is the fastest way there is. Beyond
/// that a work item does it once for all that came together, and the datagrams are full. Under the gate.
/// </summary>
/// <param name="scheduler">Where the work item runs.</param>
/// <param name="flush">What it does.</param>
internal sealed class FlushCredit(IScheduler scheduler, Action flush) : IThreadPoolWorkItem
{
    private int credit = Limits.CallerFlushesMax;
    private Instant nextRefill;
    private bool isPosted;
    private int left;

    /// <summary>True when the caller of a send is to flush; else somebody will, who was told of it.</summary>
    public bool TryTake(Instant now) // API-224, API-225
    {
        if (now >= nextRefill)
        {
            credit = Limits.CallerFlushesMax;
            nextRefill = now + Limits.CallerFlushesInterval;
        }

        if (credit > 0 && !isPosted)
        {
            credit--;
            return true;
        }

        Post();

        // Whoever sends faster than the work item comes to run does its work.
        left = (left + 1) % Limits.SendsLeftMax;
        return left == 0;
    }

    /// <summary>The work item is to run, unless it is on its way already.</summary>
    public void Post()
    {
        if (isPosted)
            return;

        isPosted = true;
        scheduler.Post(this);
    }

    /// <summary>Something was received: who answers it waits for nothing.</summary>
    public void OnReceived() => credit = Limits.CallerFlushesMax;

    /// <summary>The work item has come to run.</summary>
    public void OnRun()
    {
        isPosted = false;
        left = 0;
    }

    /// <inheritdoc/>
    public void Execute() => flush();
}
