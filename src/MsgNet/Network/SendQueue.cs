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
    private readonly WaitQueue? undelivered;
    private readonly Action resume;
    private ValueTaskAwaiter room;
    private bool waitsForRoom;
    private bool pumping;

    /// <param name="session">Whose messages these are.</param>
    /// <param name="diagnostics">Where they are measured.</param>
    /// <param name="gate">The host's gate.</param>
    /// <param name="scheduler">Where waiting callers go on.</param>
    /// <param name="waitForDelivery">Messages are done when <see cref="OnDelivered"/> says so; <paramref name="session"/> then is an
    /// <see cref="IDeliveryTracker"/>.</param>
    public SendQueue(
        ICarrierSession session, ProtocolDiagnostics diagnostics, Lock gate, IScheduler scheduler, bool waitForDelivery)
    {
        this.session = session;
        this.diagnostics = diagnostics;
        this.gate = gate;
        this.scheduler = scheduler;
        waiting = new WaitQueue(gate, scheduler);
        undelivered = waitForDelivery ? new WaitQueue(gate, scheduler) : null;
        resume = Execute;
    }

    /// <summary>True when no message waits for room.</summary>
    public bool IsEmpty => waiting.IsEmpty;

    /// <summary>Sends a message, or waits for room in line. <paramref name="data"/> is read until the returned task ends.</summary>
    public ValueTask Send(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var observation = diagnostics.Begin(diagnostics.Send, session.Remote.Id, data.Length); // API-156
        observation.Leave();
        return observation.EndWith(Enqueue(data, cancellationToken));
    }

    /// <summary>The peer's handler is done with a message. Under the gate.</summary>
    public void OnDelivered(ulong message) => undelivered?.Release(message);

    /// <summary>
    /// The session ended: who waits for room gets <paramref name="error"/>, who waits for delivery <paramref name="undeliveredError"/>.
    /// Under the gate.
    /// </summary>
    public void FailAll(Exception error, Exception undeliveredError)
    {
        waiting.FailAll(error);
        undelivered?.FailAll(undeliveredError);
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

    private ValueTask Enqueue(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken); // API-035
        if (undelivered is null && waiting.IsEmpty && session.TrySend(data.Span))
            return ValueTask.CompletedTask;

        lock (gate)
        {
            if (waiting.IsEmpty && session.TrySend(data.Span))
                return undelivered?.Wait(((IDeliveryTracker)session).LastSent, cancellationToken) ?? ValueTask.CompletedTask;

            var task = waiting.Wait(data, cancellationToken); // API-032
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
            while (waiting.TryPeek(out var data)) // API-039
            {
                if (!session.TrySend(data.Span))
                {
                    // Asked for under the same gate as the refusal, so that no room can come unseen in between.
                    room = session.WaitForRoom(CancellationToken.None).GetAwaiter();
                    waitsForRoom = true;
                    return false;
                }

                if (undelivered is null)
                    waiting.ReleaseFirst();
                else
                    waiting.MoveFirst(undelivered, ((IDeliveryTracker)session).LastSent);
            }

            pumping = false;
            return true;
        }
    }
}

/// <summary>A session that tells when the peer's handler is done with a message.</summary>
internal interface IDeliveryTracker
{
    /// <summary>The number of the message that <see cref="ISocketSession.TrySend"/> took last; read under the gate.</summary>
    ulong LastSent { get; }
}
