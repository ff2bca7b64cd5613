using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <content>What goes into the machine and what comes out of it.</content>
internal sealed partial class UdpEndpoints : IGateWork
{
    private const int TimerRoundsMax = 4;
    private static readonly TimeSpan WallClockInterval = TimeSpan.FromSeconds(1);

    private readonly OutgoingLine line;
    private readonly FlushCredit credit;
    private int previousLength;
    private Instant nextWallClock;
    private Instant packingAt;
    private bool hasDeferred;
    private bool wantsTimers;
    private int timerRounds;

    /// <inheritdoc/>
    public bool IsPending { get; private set; }

    /// <summary>
    /// Whoever leaves the gate hands over what the machine has to send, and arms its timer. Under the gate; call after every entry into the
    /// machine.
    /// </summary>
    public void Pump()
    {
        wantsTimers = true;
        IsPending = true;
    }

    /// <summary>
    /// As <see cref="Pump"/>, but nothing happens meanwhile to sessions and handlers: what is due comes by the timer.
    /// </summary>
    public void Flush() => IsPending = true;

    /// <summary>As <see cref="Pump"/>, but all has left on return, and that under the gate: what follows needs it.</summary>
    public void PumpNow()
    {
        Pump();
        line.WaitUntilSent();
        while (Begin(isOver: false) is { } deliver)
            deliver();
    }

    /// <summary>A goodbye to a peer that the machine has forgotten leaves before whatever is said to it anew.</summary>
    public void WaitForGoodbye(PeerId peer) => line.WaitUntilSent(peer);

    /// <summary>
    /// A send has queued something: it leaves now, or soon, together with others. Under the gate; nothing happens meanwhile to sessions.
    /// </summary>
    public void FlushSoon(Instant now)
    {
        hasDeferred = true;
        if (!UdpArrivals.IsTakingFor(this) && credit.TryTake(now)) // API-226
            Flush();
    }

    /// <summary>As <see cref="FlushSoon(Instant)"/>, without a look at the clock while this thread takes datagrams.</summary>
    public void FlushSoon()
    {
        if (UdpArrivals.IsTakingFor(this))
            hasDeferred = true; // API-226
        else
            FlushSoon(Now);
    }

    /// <summary>
    /// A queue is full: what was left for later leaves now. True when the caller, once he has left the gate, may find room at once.
    /// </summary>
    public bool TryFlushDeferred() // API-225
    {
        if (!hasDeferred)
            return false;

        Flush();
        return !Context.Gate.IsNested;
    }

    /// <inheritdoc/>
    public Action? Begin(bool isOver) // API-234
    {
        // Whoever comes back goes on at the moment he began: what the pacer would let go since is better sent with what follows.
        if (line.TryTakeBack())
            IsPending = true;
        else
            packingAt = Now;
        if (isOver && IsPending)
            credit.Post();
        while (IsPending && !isOver && !IsClosed && line.TryRent(out var batch))
        {
            NoteWallClock(packingAt);
            if (TryPack(packingAt, batch))
            {
                line.Add(batch);
                return batch.Delivery;
            }

            line.GiveBack(batch);
            OnAllPacked(packingAt);
        }

        return null;
    }

    /// <inheritdoc/>
    public void OnFailed()
    {
        IsPending = true;
        credit.Post();
    }

    /// <summary>A batch of datagrams has ended: what is better done once than for each of them.</summary>
    public void OnBatchEnd()
    {
        Instant now;
        using (Context.Gate.Enter())
        {
            now = Now;
            credit.OnReceived();
            if (!IsClosed)
                Pump();
        }

        drops.Sample(now);
    }

    // What callers left to do.
    private void OnDeferred()
    {
        using (Context.Gate.Enter())
        {
            credit.OnRun();
            if (!IsClosed)
                Pump();
        }

        Context.Sink.RunInline();
    }

    private void OnTimer()
    {
        Instant now;
        using (Context.Gate.Enter())
        {
            if (IsClosed)
                return;

            now = Now;
            Node.OnTimer(now, events.List);
            events.Handle(now, default);
            Pump();
        }

        drops.Sample(now);
        Context.Sink.RunInline();
    }

    // SEC-068: before anything is sent, so that nothing leaves under keys that aged while the machine slept.
    private void NoteWallClock(Instant now)
    {
        if (now < nextWallClock)
            return;

        nextWallClock = now + WallClockInterval;
        Node.NoteWallClock(now, Context.Platform.UnixMicroseconds);
    }

    private void SetTimer() => timer.Set(IsClosed ? Instant.Never : Instant.Min(Node.NextTimer, Resolver.NextTimer));

    // True when the batch is to leave.
    private bool TryPack(Instant now, OutgoingBatch batch)
    {
        try
        {
            Pack(now, batch);
        }
        catch
        {
            batch.Clear();
            line.GiveBack(batch);
            throw;
        }

        return !batch.IsEmpty;
    }

    private void Pack(Instant now, OutgoingBatch batch)
    {
        hasDeferred = false;
        var writer = batch.Next(previousLength);
        while (Node.WriteDatagram(now, ref writer))
        {
            batch.Add(writer.To, writer.Length, PortAt(writer.To.LocalPort), writer.Peer);
            previousLength = batch.SegmentSize;

            // API-232: what the machine does when all is written, its timers among it, is not what somebody waits for.
            if (batch.IsFull || !Node.HasMoreToWrite)
                return;

            writer = batch.Next(previousLength);
        }
    }

    private void OnAllPacked(Instant now)
    {
        if (wantsTimers && timerRounds < TimerRoundsMax && Node.NextTimer <= now)
        {
            timerRounds++;
            Node.OnTimer(now, events.List);
            events.Handle(now, default);
            return;
        }

        IsPending = false;
        timerRounds = 0;
        if (wantsTimers)
        {
            wantsTimers = false;
            Resolver.OnTimer(now);
        }

        SetTimer();
        if (drained is { IsEmpty: false } && IsDrained)
            drained.ReleaseAll();
    }

    private IDatagramPort? PortAt(int number) => number < ports.Count ? ports[number]?.Port : null;
}
