using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Calls of one host's inline handlers. Carriers add messages under the gate; the thread that has released it makes the calls, and whoever
/// comes meanwhile leaves his to that thread, so that there is one order.
/// </summary>
internal sealed class InlineCalls
{
    private readonly HandlerServices services;
    private readonly List<(ICarrierInbox Inbox, ProtocolId Protocol)> waiters = [];
    private readonly List<(ICarrierInbox Inbox, ProtocolId Protocol)> told = [];
    private InlineBatch filled;
    private InlineBatch called;
    private volatile bool isEmpty = true;
    private bool isCalling;

    public InlineCalls(HandlerServices services)
    {
        this.services = services;
        var arenas = new MessageArenas(services.PoisonReturnedBuffers);
        filled = new InlineBatch(arenas);
        called = new InlineBatch(arenas);
    }

    /// <summary>What waits leaves no room for as much again. Under the host's gate.</summary>
    public bool IsHalfFull => filled.IsHalfFull;

    /// <summary>Copies a message; false when there is no room before the next <see cref="Run"/>. Under the host's gate.</summary>
    public bool TryAdd(HandlerQueue queue, in IncomingMessage message)
    {
        if (!filled.TryAdd(queue, message))
        {
            if (message.Inbox is { } inbox && !waiters.Contains((inbox, message.Protocol)))
                waiters.Add((inbox, message.Protocol));
            return false;
        }

        if (isEmpty)
        {
            isEmpty = false;
            services.OnSlotPosted();
        }

        return true;
    }

    /// <summary>
    /// Copies messages that follow the one added just before, as many as there is room for; returns how many. Under the host's gate.
    /// </summary>
    public int AddFollowing<TRun>(ref TRun following)
        where TRun : struct, IMessageRun, allows ref struct => filled.AddFollowing(ref following);

    /// <summary>Makes the calls, if there are any and no other thread makes them, on this thread, under no lock.</summary>
    // API-061, API-211
    public void Run()
    {
        if (isEmpty)
            return;

        bool begun;
        using (services.HostGate.Enter())
            begun = TryBegin();
        if (begun)
            MakeCalls();
    }

    /// <summary>
    /// True when there are calls to make and no other thread makes them: this thread then does, by <see cref="MakeCalls"/>. Under the
    /// host's gate.
    /// </summary>
    public bool TryBegin() => !isCalling && TrySwap();

    /// <summary>Makes the calls that <see cref="TryBegin"/> gave to this thread, and those that come meanwhile, under no lock.</summary>
    public void MakeCalls()
    {
        do
            Call(called);
        while (EndBatch());
    }

    // Runs of one handler that follow each other share what a turn of it costs.
    private static void Call(InlineBatch batch)
    {
        var runs = batch.Runs;
        while (runs.Length > 0)
        {
            var queue = runs[0].Queue;
            var count = 1;
            while (count < runs.Length && ReferenceEquals(runs[count].Queue, queue))
                count++;

            queue.Call(batch, runs[..count]);
            runs = runs[count..];
        }
    }

    // True when more has come meanwhile.
    private bool EndBatch()
    {
        using (services.HostGate.Enter())
        {
            TellHandled(called);
            called.Clear();
            services.OnSlotIdle();
            if (waiters.Count == 0)
                return TrySwap();

            told.AddRange(waiters);
            waiters.Clear();
        }

        foreach (var (inbox, protocol) in told)
            inbox.OnRoom(protocol);
        told.Clear();
        using (services.HostGate.Enter())
            return TrySwap();
    }

    private static void TellHandled(InlineBatch batch)
    {
        foreach (ref var run in batch.Runs)
        {
            run.Queue.OnInlineLeft(run.Count);
            if (run.Handled > 0)
                run.Inbox?.OnHandled(batch.TokensOfHandled(run));
        }

        ICarrierInbox? told = null;
        foreach (ref var run in batch.Runs)
        {
            if (ReferenceEquals(run.Inbox, told))
                continue;

            told = run.Inbox;
            told?.AfterHandled();
        }
    }

    private bool TrySwap()
    {
        isCalling = !isEmpty;
        if (isCalling)
            Swap();
        return isCalling;
    }

    private void Swap()
    {
        (filled, called) = (called, filled);
        isEmpty = true;
    }
}
