using System.Runtime.CompilerServices;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// The sending side that sessions of every carrier share: a message that finds room is taken at once and allocates nothing; else its caller
/// waits in line. One pump per session takes them in the order they came, so ordered sessions stay in order under backpressure.
/// </summary>
/// <remarks>Safe on any thread. The pump starts on the scheduler, so no caller's synchronization context is ever captured.</remarks>
internal sealed class SendQueue : IThreadPoolWorkItem
{
    private readonly ICarrierSession session;
    private readonly ProtocolDiagnostics diagnostics;
    private readonly Lock gate;
    private readonly WaitQueue waiting;
    private readonly IScheduler scheduler;
    private readonly WaitQueue undelivered;
    private readonly Action resume;
    private ValueTaskAwaiter room;
    private bool waitsForRoom;
    private bool pumping;

    /// <param name="session">Whose messages these are.</param>
    /// <param name="diagnostics">Where they are measured.</param>
    /// <param name="gate">The host's gate.</param>
    /// <param name="scheduler">Where waiting callers go on.</param>
    public SendQueue(ICarrierSession session, ProtocolDiagnostics diagnostics, Lock gate, IScheduler scheduler)
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

    /// <summary>Sends a message, or waits for room in line. <paramref name="data"/> is read until the message is accepted.</summary>
    /// <param name="data">The message.</param>
    /// <param name="waitForDelivery">The send is done when the peer's handler is; the session then is an
    /// <see cref="IDeliveryTracker"/>.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public ValueTask Send(ReadOnlyMemory<byte> data, bool waitForDelivery, CancellationToken cancellationToken)
    {
        var observation = diagnostics.Begin(diagnostics.Send, session.Remote.Id, data.Length); // API-156
        observation.Leave();
        return observation.EndWith(Enqueue(data, waitForDelivery, cancellationToken));
    }

    /// <summary>The peer's handler is done with a message. Under the gate.</summary>
    public void OnDelivered(ulong message) => undelivered.Release(message);

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

    private ValueTask Enqueue(ReadOnlyMemory<byte> data, bool waitForDelivery, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken); // API-035
        if (!waitForDelivery && waiting.IsEmpty && session.TrySend(data.Span))
            return ValueTask.CompletedTask;

        lock (gate)
        {
            if (waiting.IsEmpty && TrySend(data.Span, waitForDelivery, out var number))
                return waitForDelivery ? undelivered.Wait(number, cancellationToken) : ValueTask.CompletedTask; // API-040

            var task = waiting.Wait(data, waitForDelivery ? 1UL : 0, cancellationToken); // API-032
            if (!pumping)
            {
                pumping = true;
                scheduler.Post(this);
            }

            return task;
        }
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
        catch (Exception error) when (error is MsgNetException or ObjectDisposedException or OperationCanceledException)
        {
            lock (gate)
            {
                waiting.FailAll(error);
                pumping = false;
            }

            return false;
        }
    }

    /// <summary>Sends what there is room for; false when it has to wait for more.</summary>
    private bool Pump()
    {
        lock (gate)
        {
            while (waiting.TryPeek(out var data, out var waitForDelivery)) // API-039
            {
                if (!TrySend(data.Span, waitForDelivery != 0, out var number))
                {
                    // Asked for under the same gate as the refusal, so that no room can come unseen in between.
                    room = session.WaitForRoom(CancellationToken.None).GetAwaiter();
                    waitsForRoom = true;
                    return false;
                }

                if (waitForDelivery == 0)
                    waiting.ReleaseFirst();
                else
                    waiting.MoveFirst(undelivered, number);
            }

            pumping = false;
            return true;
        }
    }

    private bool TrySend(ReadOnlySpan<byte> data, bool track, out ulong number)
    {
        number = 0;
        return track ? ((IDeliveryTracker)session).TrySendTracked(data, out number) : session.TrySend(data);
    }
}

/// <summary>A session that tells when the peer's handler is done with a message.</summary>
internal interface IDeliveryTracker
{
    /// <summary>
    /// As <see cref="ISocketSession.TrySend"/>, for a message whose <paramref name="number"/> the session will name when it is delivered.
    /// Numbers grow. Called under the gate.
    /// </summary>
    bool TrySendTracked(ReadOnlySpan<byte> data, out ulong number);
}
