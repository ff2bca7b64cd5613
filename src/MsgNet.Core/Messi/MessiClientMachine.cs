using MsgNet.Messi;

namespace MsgNet.Core;

/// <summary>
/// A Messi client without I/O: when to connect, when to ping, when the server counts as dead, when to try again. Its driver does what
/// each call returns, calls <see cref="OnTimer"/> at <see cref="NextTimer"/>, and reports what happens. One machine serves all
/// connections of a client, one after another; the driver makes a new <see cref="MessiFrameReader"/> for each. Not thread-safe.
/// </summary>
public sealed class MessiClientMachine
{
    private readonly MessiClientSettings settings;
    private readonly IRandom random;

    private Instant pingSentAt = Instant.Never;
    private bool answerDue;
    private bool isReadingPaused;
    private bool wasHeard;

    /// <param name="settings">How it works.</param>
    /// <param name="random">Spreads reconnections of many clients over time.</param>
    /// <exception cref="ArgumentOutOfRangeException">A time is not above zero, or the longest delay is below the first.</exception>
    public MessiClientMachine(MessiClientSettings settings, IRandom random)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(settings.KeepAliveInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(settings.ConnectTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(settings.ReconnectDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.ReconnectDelayMax, settings.ReconnectDelay);
        this.settings = settings;
        this.random = random;
    }

    /// <summary>Where it is.</summary>
    public MessiClientState State { get; private set; }

    /// <summary>When to call <see cref="OnTimer"/>.</summary>
    public Instant NextTimer { get; private set; } = Instant.Never;

    /// <summary>Why the last connection ended; null before one did.</summary>
    public MessiDisconnectReason? LastReason { get; private set; }

    /// <summary>Attempts and connections in a row in which nothing was heard of the server.</summary>
    public int FailuresInRow { get; private set; }

    /// <summary>Time from the last ping that was answered to its pong; null while there is none.</summary>
    public TimeSpan? RoundTrip { get; private set; }

    /// <summary>Begins to connect.</summary>
    /// <exception cref="InvalidOperationException">It is not stopped.</exception>
    public MessiClientAction Start(Instant now)
    {
        if (State != MessiClientState.Stopped)
            throw new InvalidOperationException("The client runs already: stop it before starting it again.");

        FailuresInRow = 0;
        return Connect(now);
    }

    /// <summary>A connection was made.</summary>
    /// <returns><see cref="MessiClientAction.Close"/> when it is not wanted any more.</returns>
    public MessiClientAction OnConnected(Instant now)
    {
        if (State != MessiClientState.Connecting)
            return MessiClientAction.Close;

        State = MessiClientState.Connected;
        answerDue = false;
        isReadingPaused = false;
        wasHeard = false;
        RoundTrip = null;
        pingSentAt = Instant.Never;
        NextTimer = Instant.Never;
        // MESSI-062: the carrier watches over the peer.
        if (settings.HasLiveness)
            return MessiClientAction.None;

        // MESSI-023, MESSI-031: this ping tells the server the format; whether the next ones are answered decides.
        NextTimer = now + settings.KeepAliveInterval;
        pingSentAt = now;
        return MessiClientAction.SendPing;
    }

    /// <summary>The attempt failed; the next one comes after the usual delay.</summary>
    public void OnConnectFailed(Instant now) => OnConnectFailed(now, null);

    /// <summary>The attempt failed; the next one comes after a delay that the application chose, or the usual one.</summary>
    /// <param name="now">The time.</param>
    /// <param name="delay">At least zero; null for the usual one. To give up call <see cref="Stop"/> instead.</param>
    public void OnConnectFailed(Instant now, TimeSpan? delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay.GetValueOrDefault(), TimeSpan.Zero);
        if (State == MessiClientState.Connecting)
            WaitReconnect(now, delay);
    }

    /// <summary>
    /// Draws the delay that comes next by itself. Give it to <see cref="OnConnectFailed(Instant, TimeSpan?)"/>, after telling the
    /// application of it.
    /// </summary>
    public TimeSpan DrawDelay()
    {
        // MESSI-037, MESSI-038
        var longest = settings.ReconnectDelay;
        for (var i = 0; i < FailuresInRow && longest < settings.ReconnectDelayMax; i++)
            longest = longest > settings.ReconnectDelayMax / 2 ? settings.ReconnectDelayMax : longest * 2;
        var spread = (ulong)(longest.Ticks / 4) + 1;
        return longest - TimeSpan.FromTicks((long)(random.NextUInt64() % spread));
    }

    /// <summary>A pong came.</summary>
    public void OnPong(Instant now)
    {
        if (State != MessiClientState.Connected)
            return;

        // MESSI-033: with or without a ping, and with whatever payload.
        OnReceived();
        if (pingSentAt.IsNever)
            return;

        RoundTrip = now - pingSentAt;
        pingSentAt = Instant.Never;
    }

    /// <summary>Bytes came: the server lives, even if its pong stands behind much else. To be called once per read.</summary>
    public void OnReceived()
    {
        // MESSI-034
        answerDue = false;
        wasHeard = true;
    }

    /// <summary>The driver stops reading because handlers are slow: silence says nothing about the server now.</summary>
    public void OnReadingPaused() => isReadingPaused = true;

    /// <summary>The driver reads again: a pong has a full interval to come.</summary>
    public void OnReadingResumed()
    {
        isReadingPaused = false;
        answerDue = false;
    }

    /// <summary>
    /// The connection is over and its socket closed, for whatever reason the driver found. Without effect when it was over already: the
    /// first reason stands.
    /// </summary>
    /// <returns>True when this is the news that the connection has ended.</returns>
    public bool OnDisconnected(Instant now, MessiDisconnectReason reason)
    {
        // MESSI-042
        if (State != MessiClientState.Connected)
            return false;

        LastReason = reason;
        if (wasHeard)
            FailuresInRow = 0;
        WaitReconnect(now, null);
        return true;
    }

    /// <summary>Does what is due; to be called again until it returns <see cref="MessiClientAction.None"/>.</summary>
    public MessiClientAction OnTimer(Instant now)
    {
        if (now < NextTimer)
            return MessiClientAction.None;

        switch (State)
        {
            case MessiClientState.Connecting:
                NextTimer = Instant.Never;
                return MessiClientAction.CancelConnect;
            case MessiClientState.Connected:
                return KeepAlive(now);
            case MessiClientState.WaitReconnect:
                return Connect(now);
            default:
                return MessiClientAction.None;
        }
    }

    /// <summary>Ends everything; <see cref="Start"/> begins anew.</summary>
    /// <returns><see cref="MessiClientAction.Close"/> when there is a connection, <see cref="MessiClientAction.CancelConnect"/> while one
    /// is being made.</returns>
    public MessiClientAction Stop()
    {
        var action = State switch
        {
            MessiClientState.Connected => MessiClientAction.Close,
            MessiClientState.Connecting => MessiClientAction.CancelConnect,
            _ => MessiClientAction.None,
        };
        if (State == MessiClientState.Connected)
            LastReason = MessiDisconnectReason.Stopped;
        State = MessiClientState.Stopped;
        NextTimer = Instant.Never;
        return action;
    }

    private MessiClientAction Connect(Instant now)
    {
        State = MessiClientState.Connecting;
        // MESSI-039
        NextTimer = now + settings.ConnectTimeout;
        return MessiClientAction.Connect;
    }

    private MessiClientAction KeepAlive(Instant now)
    {
        // MESSI-036: pongs may wait unread while this process stood still.
        var isLate = now - NextTimer > settings.KeepAliveInterval / 2;
        // MESSI-032
        if (answerDue && !isReadingPaused && !isLate)
        {
            OnDisconnected(now, MessiDisconnectReason.KeepAliveTimeout);
            return MessiClientAction.Close;
        }

        NextTimer = (isLate ? now : NextTimer) + settings.KeepAliveInterval;
        answerDue = true;
        pingSentAt = now;
        return MessiClientAction.SendPing;
    }

    private void WaitReconnect(Instant now, TimeSpan? delay)
    {
        State = MessiClientState.WaitReconnect;
        NextTimer = now + (delay ?? DrawDelay());
        FailuresInRow++;
    }
}
