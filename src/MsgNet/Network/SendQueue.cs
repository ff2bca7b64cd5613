using System.Runtime.CompilerServices;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// The sending side that sessions of every carrier share: a message that finds room is taken at once and allocates nothing; else its caller
/// waits in line. One pump per session takes them in the order they came, so ordered sessions stay in order under backpressure.
/// </summary>
/// <remarks>
/// Safe on any thread, and free of allocations once callers have waited. No caller's synchronization context is ever captured.
/// </remarks>
// API-223
internal sealed class SendQueue : IThreadPoolWorkItem
{
    private readonly ICarrierSession session;
    private readonly ProtocolDiagnostics diagnostics;
    private readonly Gate gate;
    private readonly WaitQueue waiting;
    private readonly IScheduler scheduler;
    private readonly WaitQueue undelivered;
    private readonly Action resume;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter room;
    private bool waitsForRoom;
    private bool pumping;

    /// <param name="session">Whose messages these are.</param>
    /// <param name="diagnostics">Where they are measured.</param>
    /// <param name="gate">The host's gate.</param>
    /// <param name="scheduler">Where waiting callers go on.</param>
    public SendQueue(ICarrierSession session, ProtocolDiagnostics diagnostics, Gate gate, IScheduler scheduler)
    {
        this.session = session;
        this.diagnostics = diagnostics;
        this.gate = gate;
        this.scheduler = scheduler;
        waiting = new WaitQueue(gate, scheduler);
        undelivered = new WaitQueue(gate, scheduler);
        resume = Execute;
    }

    /// <summary>True when no message waits for room.</summary>
    public bool IsEmpty => waiting.IsEmpty;

    /// <summary>
    /// Sends a message for who holds the session, or waits for room in line. <paramref name="data"/> is read until it is accepted.
    /// </summary>
    /// <param name="data">The message.</param>
    /// <param name="waitForDelivery">The send is done when the peer's handler is; the session then numbers its messages.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public ValueTask Send(ReadOnlyMemory<byte> data, bool waitForDelivery, CancellationToken cancellationToken)
    {
        if (MessageSizes.Check(data.Length, session.Guarantees) is { } tooLarge)
            return ValueTask.FromException(tooLarge);

        var observation = diagnostics.BeginSend(session.Remote.Id, data.Length); // API-156
        var send = new PendingSend(data, waitForDelivery);
        return observation.EndWith(Submit(ref send, cancellationToken));
    }

    /// <summary>As <see cref="Send(ReadOnlyMemory{byte}, bool, CancellationToken)"/>, for several messages in order.</summary>
    public ValueTask Send(ReadOnlyMemory<ReadOnlyMemory<byte>> messages, bool waitForDelivery, CancellationToken cancellationToken)
    {
        var (largest, total) = MessageSizes.Of(messages.Span);
        if (MessageSizes.Check(largest, session.Guarantees) is { } tooLarge)
            return ValueTask.FromException(tooLarge); // API-221

        var observation = diagnostics.BeginSend(session.Remote.Id, total);
        observation.DescribeBatch(messages.Length);
        var send = new PendingSend(messages, waitForDelivery);
        return observation.EndWith(Submit(ref send, cancellationToken));
    }

    /// <summary>As <see cref="ICarrierSession.TrySubmit"/>.</summary>
    public bool TrySubmit(ref PendingSend send, CancellationToken cancellationToken, out ValueTask sending)
    {
        sending = ValueTask.CompletedTask;
        if (cancellationToken.IsCancellationRequested)
        {
            sending = ValueTask.FromCanceled(cancellationToken); // API-035
            return true;
        }

        if (!send.IsTracked && waiting.IsEmpty)
        {
            while (!send.IsTaken && Take(ref send))
            {
            }
        }

        return send.IsTaken || TryWait(ref send, cancellationToken, out sending);
    }

    /// <summary>The peer's handler is done with a message. Under the gate.</summary>
    public void OnDelivered(ulong message)
    {
        if (!undelivered.Release(message))
            waiting.Release(message); // of several messages, the last of which have no room yet
    }

    /// <summary>The peer's handler is done with every message up to this one. Under the gate.</summary>
    public void OnDeliveredUpTo(ulong message) => undelivered.ReleaseUpTo(message);

    /// <summary>Nothing more is accepted: who waits for room gets <paramref name="error"/>. Under the gate.</summary>
    public void FailWaiting(Exception error) => waiting.FailAll(error);

    /// <summary>
    /// The session ended: who waits for room gets <paramref name="error"/>, who waits for delivery <paramref name="undeliveredError"/>.
    /// Under the gate.
    /// </summary>
    public void FailAll(Exception error, Exception undeliveredError)
    {
        waiting.FailAll(error);
        undelivered.FailAll(undeliveredError);
    }

    /// <inheritdoc/>
    public void Execute()
    {
        while (TakeRoom() && !Pump())
        {
            if (room.IsCompleted)
                continue;

            room.UnsafeOnCompleted(resume);
            return;
        }
    }

    // Who holds a closed session is told so.
    private ValueTask Submit(ref PendingSend send, CancellationToken cancellationToken) =>
        TrySubmit(ref send, cancellationToken, out var sending) ? sending : session.WaitForRoom(cancellationToken);

    private bool TryWait(ref PendingSend send, CancellationToken cancellationToken, out ValueTask sending)
    {
        sending = ValueTask.CompletedTask;
        using (gate.Enter())
        {
            var isRefused = waiting.IsEmpty && !Take(ref send);
            if (send.IsTaken)
            {
                if (send.IsTracked)
                    sending = undelivered.Wait(send, cancellationToken); // API-040
                return true;
            }

            if (session.IsClosed && !send.IsBegun)
                return false;

            sending = waiting.Wait(send, cancellationToken); // API-032
            if (!pumping)
                StartPump(isRefused);
            return true;
        }
    }

    // Who was refused goes on when there is room; who was taken in part may find more of it at once.
    private void StartPump(bool isRefused)
    {
        pumping = true;
        if (isRefused)
            AskForRoom();
        if (isRefused && !room.IsCompleted)
            room.UnsafeOnCompleted(resume);
        else
            scheduler.Post(this);
    }

    // Under the gate of the refusal, so that no room can come unseen in between.
    private void AskForRoom()
    {
        room = session.WaitForRoom(CancellationToken.None).ConfigureAwait(false).GetAwaiter();
        waitsForRoom = true;
    }

    /// <summary>False when there will never be room: everybody was told.</summary>
    private bool TakeRoom()
    {
        if (!waitsForRoom)
            return true;

        waitsForRoom = false;
        try
        {
            room.GetResult();
            return true;
        }
        catch (ObjectDisposedException)
        {
            Fail(new SessionLostException(session.Remote.Id, PeerLoss.ClosedLocally, maybeDelivered: false)); // API-020
        }
        catch (Exception error) when (error is MsgNetException or OperationCanceledException)
        {
            Fail(error);
        }

        return false;
    }

    private void Fail(Exception error)
    {
        using (gate.Enter())
        {
            waiting.FailAll(error);
            pumping = false;
        }
    }

    /// <summary>
    /// Sends for the caller that waits longest what there is room for, and so on; false when that has to wait for more. The gate is free
    /// for others in between.
    /// </summary>
    private bool Pump()
    {
        // What the first refusal left to do at the gate may have made room.
        var wasRefused = false;
        while (true)
        {
            using (gate.Enter())
            {
                pumping = !waiting.IsEmpty;
                if (!pumping)
                    return true;

                ref var send = ref waiting.First; // API-039
                if (!Take(ref send))
                {
                    if (!wasRefused)
                    {
                        wasRefused = true;
                        continue;
                    }

                    AskForRoom();
                    return false;
                }

                wasRefused = false;
                if (!send.IsTaken)
                    continue;
                if (send.IsTracked)
                    waiting.MoveFirst(undelivered);
                else
                    waiting.ReleaseFirst();
            }
        }
    }

    /// <summary>Sends as many as there is room for, in one entry; false when that is none.</summary>
    private bool Take(ref PendingSend send) // API-220
    {
        var taken = session.TryTake(send.Rest, send.IsTracked, out var lastNumber);
        if (taken > 0)
            send.OnTaken(taken, lastNumber);
        return taken > 0;
    }
}
