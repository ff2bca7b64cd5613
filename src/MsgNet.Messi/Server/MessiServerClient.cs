using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>One client at its server: its machine, its timer, its connection. The gate guards machine and timer.</summary>
internal sealed class MessiServerClient : IMessiLinkOwner
{
    private readonly Lock gate = new();
    private readonly MessiServerCore server;
    private readonly MessiServerMachine machine;
    private readonly MessiTimer timer;
    private volatile bool isFormatKnown;
    private volatile bool isPaused;

    public MessiServerClient(MessiServerCore server, MessiCarrier carrier, MessiServerSettings times)
    {
        this.server = server;
        timer = new MessiTimer(server.Options.TimeProvider, OnTimer);
        machine = new MessiServerMachine(timer.Now, times);
        isFormatKnown = machine.Format is not null;
        Link = new MessiLink(carrier, MessiRole.Server, machine.Format, server.LinkSettings, this);
    }

    public MessiLink Link { get; }

    /// <summary>What the application holds of it; set before <see cref="Start"/>.</summary>
    public MessiConnection Connection { get; set; } = null!;

    public MessiServerOptions Options => server.Options;

    /// <summary>It has ended: broadcasts go past it. Guarded by the server's gate.</summary>
    public bool IsGone { get; set; }

    public void Start()
    {
        lock (gate)
            timer.Set(machine.NextTimer);
        Link.Start();
    }

    ValueTask IMessiLinkOwner.OnOpened(CancellationToken cancellationToken)
        => server.Application.OnConnected(Connection, cancellationToken);

    MessiWireFormat IMessiLinkOwner.OnReceived(byte first)
    {
        var isNew = false;
        lock (gate)
        {
            if (!isFormatKnown)
                isNew = machine.OnFirstByte(first) == MessiServerAction.FormatKnown; // MESSI-021
            Resume();
        }

        if (isNew)
            OnFormatKnown();
        return machine.Format ?? MessiWireFormat.Documented;
    }

    void IMessiLinkOwner.OnControl()
    {
        MessiServerAction action;
        lock (gate)
        {
            action = machine.OnPing(timer.Now); // MESSI-035
            timer.Set(machine.NextTimer);
        }

        if (action == MessiServerAction.SendPong)
            Link.Output.SendControl();
    }

    bool IMessiLinkOwner.TryComplete(ReadOnlySpan<byte> payload)
    {
        foreach (var pair in Connection.Calls)
        {
            if (pair.IsWaiting)
                return server.Application.TryComplete(Connection, payload);
        }

        return false;
    }

    bool IMessiLinkOwner.TryHandle(
        ReadOnlySpan<byte> payload, bool isLate, out ValueTask handling, out Exception? fault, CancellationToken cancellationToken)
        => server.Application.TryHandle(Connection, payload, isLate, out handling, out fault, cancellationToken);

    bool IMessiLinkOwner.OnHandlerFailed(Exception exception) => server.OnHandlerFailed(this, exception);

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
        lock (gate)
            machine.OnOutputDrained();
    }

    void IMessiLinkOwner.OnEnding(MessiDisconnect disconnect)
    {
        lock (gate)
            machine.OnDisconnected(disconnect.Reason);
        timer.Dispose();
        foreach (var pair in Connection.Calls)
        {
            pair.Fail(new MessiException(
                disconnect.Reason, $"The connection has ended: {disconnect.Reason.ToText()}", disconnect.Exception));
        }

        server.OnEnding(this, disconnect);
    }

    async ValueTask IMessiLinkOwner.OnEnded(MessiDisconnect disconnect)
    {
        try
        {
            await server.Application.OnDisconnected(Connection, disconnect);
        }
        finally
        {
            server.OnEnded(this);
        }
    }

    private void OnTimer()
    {
        var isNew = false;
        var isDead = false;
        lock (gate)
        {
            timer.OnFired();
            // A handler that blocks the loop keeps pings from being read as much as one that lets it wait.
            PauseUnless(Link);
            for (var action = machine.OnTimer(timer.Now); action != MessiServerAction.None; action = machine.OnTimer(timer.Now))
            {
                isNew |= action == MessiServerAction.FormatKnown;
                isDead |= action == MessiServerAction.Close;
            }

            timer.Set(machine.NextTimer);
        }

        if (isNew)
            OnFormatKnown();
        if (isDead)
            Link.End(MessiDisconnectReason.KeepAliveTimeout, null, MessiEnding.Abort);
    }

    private void OnFormatKnown()
    {
        isFormatKnown = true;
        Link.Output.SetFormat(machine.Format!.Value);
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
        machine.OnReadingResumed(timer.Now);
        timer.Set(machine.NextTimer);
    }
}
