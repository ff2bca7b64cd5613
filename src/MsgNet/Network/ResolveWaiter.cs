using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>One <see cref="IMessageNetwork.Resolve"/> that waits for its answer. Its owner calls every member under the gate.</summary>
internal sealed class ResolveWaiter(IScheduler scheduler, Multiaddress address, Instant deadline)
{
    private readonly OneShot<PeerId> end = new(scheduler);

    /// <summary>What is asked.</summary>
    public Multiaddress Address => address;

    /// <summary>When it has waited long enough.</summary>
    public Instant Deadline => deadline;

    /// <summary>Addresses asked, and names looked up, that may still answer.</summary>
    public int Open { get; set; }

    /// <summary>Why the last address could not even be asked; null when all were.</summary>
    public Exception? Failure { get; set; }

    /// <summary>True once it has ended in any way.</summary>
    public bool IsEnded => end.IsEnded;

    /// <summary>The answer; to be awaited once.</summary>
    public ValueTask<PeerId> Answer => end.Wait;

    /// <summary>Ends with an answer, unless it has ended.</summary>
    public void Complete(PeerId peer)
    {
        if (end.TryClaim())
            end.Complete(peer);
    }

    /// <summary>Ends with <paramref name="why"/>, unless it has ended.</summary>
    public void Fail(Exception why) => end.Fail(why);

    /// <summary>From now on the end of <paramref name="cancellationToken"/> ends the wait. Called once, before anything is asked.</summary>
    // Its questions stay open until their deadline; an answer then finds the wait ended.
    public void CancelWith(CancellationToken cancellationToken) => end.CancelWith(cancelled: null, cancellationToken);
}
