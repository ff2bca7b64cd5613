using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <content>What goes into the machine and what comes out of it.</content>
internal sealed partial class UdpEndpoints
{
    private const int TimerRoundsMax = 4;
    private static readonly TimeSpan WallClockInterval = TimeSpan.FromSeconds(1);

    // Whose datagrams this thread is taking: what their handlers send leaves together, at the end of the batch.
    [ThreadStatic]
    private static UdpEndpoints? receiving;
    private readonly OutgoingRun run = new();
    private readonly FlushCredit credit;
    private Instant nextWallClock;
    private bool hasDeferred;

    /// <summary>
    /// Hands over what the machine has to send and arms its timer. Under the gate; call after every entry into the machine.
    /// </summary>
    public void Pump(Instant now)
    {
        NoteWallClock(now);
        WriteDatagrams(now);
        for (var round = 0; round < TimerRoundsMax && Node.NextTimer <= now; round++)
        {
            Node.OnTimer(now, events.List);
            events.Handle(now, default);
            WriteDatagrams(now);
        }

        Resolver.OnTimer(now);
        SetTimer();
        if (drained is { IsEmpty: false } && IsDrained)
            drained.ReleaseAll();
    }

    /// <summary>
    /// As <see cref="Pump"/>, but nothing happens meanwhile to sessions and handlers: what is due comes by the timer.
    /// </summary>
    public void Flush(Instant now)
    {
        NoteWallClock(now);
        WriteDatagrams(now);
        SetTimer();
    }

    /// <summary>
    /// A send has queued something: it leaves now, or soon, together with others. Under the gate; nothing happens meanwhile to sessions.
    /// </summary>
    public void FlushSoon(Instant now)
    {
        hasDeferred = true;
        if (receiving != this && credit.TryTake(now)) // API-226
            Flush(now);
    }

    /// <summary>As <see cref="FlushSoon(Instant)"/>, without a look at the clock while this thread takes datagrams.</summary>
    public void FlushSoon()
    {
        if (receiving == this)
            hasDeferred = true; // API-226
        else
            FlushSoon(Now);
    }

    /// <summary>A queue is full: what was left for later leaves now. False when nothing was.</summary>
    public bool TryFlushDeferred(Instant now) // API-225
    {
        if (!hasDeferred)
            return false;

        Flush(now);
        return true;
    }

    /// <inheritdoc/>
    public void OnDatagrams(in NetAddress from, Span<byte> datagrams, int segmentSize)
    {
        var received = new DatagramRun(datagrams.Length, segmentSize);
        receiving = this;
        bool hasMore;
        do
        {
            hasMore = TakeDatagrams(from, datagrams, ref received, out var calls);
            if (calls)
                Context.Sink.MakeInlineCalls();
        }
        while (hasMore);
        receiving = null;
    }

    /// <inheritdoc/>
    public void OnBatchEnd()
    {
        Instant now;
        lock (Context.Gate)
        {
            now = Now;
            credit.OnReceived();
            if (!closed)
                Pump(now);
        }

        drops.Sample(now);
    }

    // No further than to where a batch of inline calls is half full: what one datagram holds fits the other half, what a run holds may not.
    // True when there are more. The calls are begun under the same lock, which then need not be taken for it.
    private bool TakeDatagrams(in NetAddress from, Span<byte> datagrams, ref DatagramRun received, out bool calls) // API-203
    {
        calls = false;
        lock (Context.Gate)
        {
            if (closed)
                return false;

            var now = Now;
            while (received.TryNext(out var range))
            {
                var datagram = datagrams[range];
                Node.OnDatagram(now, from, datagram, events.List);
                events.Handle(now, datagram);
                if (Context.Sink.WantsToRunInline)
                    break;
            }

            calls = Context.Sink.TryBeginInlineCalls();
            return !received.IsEnded;
        }
    }

    // What callers left to do.
    private void OnDeferred()
    {
        lock (Context.Gate)
        {
            credit.OnRun();
            if (!closed)
                Pump(Now);
        }

        Context.Sink.RunInline();
    }

    private void OnTimer()
    {
        Instant now;
        lock (Context.Gate)
        {
            if (closed)
                return;

            now = Now;
            Node.OnTimer(now, events.List);
            events.Handle(now, default);
            Pump(now);
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

    private void SetTimer() => timer.Set(closed ? Instant.Never : Instant.Min(Node.NextTimer, Resolver.NextTimer));

    private void WriteDatagrams(Instant now)
    {
        hasDeferred = false;
        var writer = new DatagramWriter(run.Room) { PreviousLength = run.SegmentSize };
        while (Node.WriteDatagram(now, ref writer))
        {
            if (!run.TryAdd(writer.To, writer.Length))
            {
                SendRun();
                run.Restart(writer.To, writer.Length);
            }

            // API-232: what the machine does when all is written, its timers among it, is not what somebody waits for.
            if (run.IsFull || !Node.HasMoreToWrite)
            {
                SendRun();
                run.Clear();
            }

            writer = new DatagramWriter(run.Room) { PreviousLength = run.SegmentSize };
        }

        if (run.IsEmpty)
            return;

        SendRun();
        run.Clear();
    }

    private void SendRun()
    {
        if (run.To.LocalPort < ports.Count && ports[run.To.LocalPort] is { } open)
            open.Port.Send(run.To, run.Datagrams, run.SegmentSize);
    }
}
