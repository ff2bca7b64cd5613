using System.Runtime.CompilerServices;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>A request that found no room at first: waits for room and tries again until it is sent or has ended.</summary>
internal sealed class RequestOperation : IThreadPoolWorkItem, IDisposable
{
    private readonly Gate gate;
    private readonly ICarrierSession session;
    private readonly RequestWaiter waiter;
    private readonly ReadOnlyMemory<byte> data;
    private readonly Instant deadline;
    private readonly CancellationToken cancellationToken;
    private readonly IPlatformTimer timer;
    private readonly Action resume;
    private ValueTaskAwaiter room;
    private bool waits;

    private RequestOperation(
        TransportContext context,
        ICarrierSession session,
        RequestWaiter waiter,
        ReadOnlyMemory<byte> data,
        Instant deadline,
        CancellationToken token)
    {
        gate = context.Gate;
        this.session = session;
        this.waiter = waiter;
        this.data = data;
        this.deadline = deadline;
        cancellationToken = token;
        resume = Execute;

        // Until the carrier knows the request, nobody else watches its deadline.
        timer = context.Platform.CreateTimer(() => waiter.FailTimedOut());
    }

    /// <summary>
    /// Sends a request, now or as soon as there is room. Its end comes to <paramref name="waiter"/>. False when the session is closed:
    /// there is no request yet, and another session may take it.
    /// </summary>
    public static bool TrySend(
        TransportContext context,
        ICarrierSession session,
        RequestWaiter waiter,
        ReadOnlyMemory<byte> data,
        Instant deadline,
        CancellationToken token)
    {
        if (waiter.TrySend(session, data.Span, deadline))
            return true;

        using (context.Gate.Enter())
        {
            if (session.IsClosed)
                return false;
        }

        var operation = new RequestOperation(context, session, waiter, data, deadline, token);
        operation.timer.Set(deadline);

        // From the scheduler on, so that no caller's synchronization context is captured.
        context.Platform.Scheduler.Post(operation);
        return true;
    }

    /// <inheritdoc/>
    public void Execute()
    {
        try
        {
            while (!Step())
            {
                if (room.IsCompleted)
                    continue;

                room.UnsafeOnCompleted(resume);
                return;
            }
        }
        catch (ObjectDisposedException)
        {
            waiter.Fail(new SessionLostException(session.Remote.Id, PeerLoss.ClosedLocally, maybeDelivered: false)); // API-020
        }
        catch (Exception error) when (error is MsgNetException or OperationCanceledException)
        {
            waiter.Fail(error);
        }

        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    private bool Step()
    {
        if (waits)
        {
            waits = false;
            room.GetResult();
        }

        using (gate.Enter())
        {
            if (waiter.IsEnded || waiter.TrySend(session, data.Span, deadline))
                return true;

            // Asked for under the same gate as the refusal, so that no room can come unseen in between.
            room = session.WaitForRoom(cancellationToken).GetAwaiter();
            waits = true;
            return false;
        }
    }
}
