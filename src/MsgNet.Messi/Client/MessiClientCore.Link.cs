using MsgNet.Core;

namespace MsgNet.Messi;

/// <content>What the timer and the connection tell.</content>
internal sealed partial class MessiClientCore : IMessiLinkOwner
{
    ValueTask IMessiLinkOwner.OnOpened(CancellationToken cancellationToken) => application.OnConnected(cancellationToken);

    MessiWireFormat IMessiLinkOwner.OnReceived(byte first)
    {
        lock (gate)
        {
            machine.OnReceived(); // MESSI-034
            Resume();
        }

        return dialer.WireFormat;
    }

    void IMessiLinkOwner.OnControl()
    {
        TimeSpan? roundTrip;
        lock (gate)
        {
            machine.OnPong(timer.Now);
            roundTrip = machine.RoundTrip;
        }

        if (roundTrip is { } time)
            meter.OnPong(time);
    }

    bool IMessiLinkOwner.TryComplete(ReadOnlySpan<byte> payload)
    {
        foreach (var pair in calls)
        {
            if (pair.IsWaiting)
                return application.TryComplete(payload);
        }

        return false;
    }

    bool IMessiLinkOwner.TryHandle(
        ReadOnlySpan<byte> payload, bool isLate, out ValueTask handling, out Exception? fault, CancellationToken cancellationToken)
        => application.TryHandle(payload, isLate, out handling, out fault, cancellationToken);

    bool IMessiLinkOwner.OnHandlerFailed(Exception exception)
    {
        MessiLog.HandlerFailed(logger, exception, dialer.Remote);
        return options.DisconnectOnHandlerFailure;
    }

    bool IMessiLinkOwner.IsPaused => isPaused;

    // MESSI-036
    void IMessiLinkOwner.OnReading(bool isReading)
    {
        lock (gate)
        {
            if (isReading)
                Resume();
            else
                Pause();
        }
    }

    void IMessiLinkOwner.OnControlsSent()
    {
        // A client has one ping under way, and its machine does not count them.
    }

    void IMessiLinkOwner.OnEnding(MessiDisconnect disconnect)
    {
        lock (gate)
        {
            if (current is { } link)
                previous = link.Completion;
            current = null;
            machine.OnDisconnected(timer.Now, disconnect.Reason);
            timer.Set(machine.NextTimer);
        }

        foreach (var pair in calls)
        {
            pair.Fail(new MessiException(
                disconnect.Reason, $"The connection has ended: {disconnect.Reason.ToText()}", disconnect.Exception));
        }

        meter.OnEnded(MessiRole.Client, disconnect.Reason);
        MessiLog.Disconnected(logger, disconnect.Exception, dialer.Remote, disconnect.Reason.ToText());
    }

    ValueTask IMessiLinkOwner.OnEnded(MessiDisconnect disconnect) => application.OnDisconnected(disconnect);

    private void OnTimer()
    {
        MessiLink? dead = null;
        CancellationTokenSource? late = null;
        var batch = MessiBatch.Begin();
        try
        {
            lock (gate)
            {
                timer.OnFired();
                if (isDisposed)
                    return;

                // A handler that blocks the loop keeps pongs from being read as much as one that lets it wait.
                if (current is { } link)
                    PauseUnless(link);
                for (var action = machine.OnTimer(timer.Now); action != MessiClientAction.None; action = machine.OnTimer(timer.Now))
                {
                    if (action == MessiClientAction.Connect)
                        BeginConnect();
                    else if (action == MessiClientAction.CancelConnect)
                        (late, connecting) = (connecting, null);
                    else if (action == MessiClientAction.SendPing)
                        current?.Output.SendControl(); // MESSI-031
                    else
                        dead = current;
                }

                timer.Set(machine.NextTimer);
            }
        }
        finally
        {
            batch.End();
        }

        late?.Cancel();
        dead?.End(MessiDisconnectReason.KeepAliveTimeout, null, MessiEnding.Abort);
    }

    private void PauseUnless(MessiLink link)
    {
        if (!link.IsWaitingForBytes)
            Pause();
        Interlocked.MemoryBarrier();
        if (link.IsWaitingForBytes)
            Resume();
    }

    private void Pause()
    {
        isPaused = true;
        machine.OnReadingPaused();
    }

    private void Resume()
    {
        if (!isPaused)
            return;

        isPaused = false;
        machine.OnReadingResumed();
    }
}
