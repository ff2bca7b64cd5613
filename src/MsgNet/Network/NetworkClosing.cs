using MsgNet.Platform;

namespace MsgNet;

/// <summary>The end of a network: drains its sockets, closes them, frees the rest.</summary>
// The timer may still cancel the source while the rest is freed, and a source without a wait handle has nothing to free.
#pragma warning disable CA1001
internal sealed class NetworkClosing(
    TransportContext context, IReadOnlyList<ICarrier> carriers, Func<CancellationToken, ValueTask> drainHandlers, Action free)
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource drainEnd = new();
    private CancellationTokenRegistration cancellation;
    private IPlatformTimer? timer;

    /// <summary>Starts; the task ends when all is freed.</summary>
    public Task Start(TimeSpan drain, CancellationToken cancellationToken)
    {
        if (drain > TimeSpan.Zero)
        {
            // The platform's timer, so that a simulated drain takes simulated time.
            timer = context.Platform.CreateTimer(EndDrain);
            timer.Set(context.Platform.Now + drain);
            cancellation = cancellationToken.UnsafeRegister(static state => ((NetworkClosing)state!).EndDrain(), this);
        }
        else
        {
            drainEnd.Cancel();
        }

        // Handlers may still answer: what they send leaves before the goodbye (API-018).
        return Run([() => Each(Drain), DrainHandlers, () => Each(Drain), EndDraining, () => Each(socket => socket.DisposeAsync()), Free]);
    }

    private void EndDrain() => drainEnd.Cancel();

    // All sockets share the time, each starts with what the one before has left: an empty socket takes none.
    private ValueTask Each(Func<ISessionedSocket, ValueTask> step)
    {
        IEnumerable<ISessionedSocket> sockets;
        using (context.Gate.Enter())
            sockets = carriers.Union(context.Sockets.ToArray());
        return new ValueTask(Run([.. sockets.Select(socket => (Func<ValueTask>)(() => step(socket)))]));
    }

    private ValueTask Drain(ISessionedSocket socket) =>
        socket is ICarrier carrier && !drainEnd.IsCancellationRequested ? carrier.Drain(drainEnd.Token) : ValueTask.CompletedTask;

    private ValueTask DrainHandlers() =>
        drainEnd.IsCancellationRequested ? ValueTask.CompletedTask : drainHandlers(drainEnd.Token);

    private ValueTask EndDraining()
    {
        timer?.Dispose();
        cancellation.Dispose();
        return ValueTask.CompletedTask;
    }

    private ValueTask Free()
    {
        free();
        return ValueTask.CompletedTask;
    }

    private Task Run(IReadOnlyList<Func<ValueTask>> steps) => Sequence.RunAll(context.Platform.Scheduler, steps);
}
