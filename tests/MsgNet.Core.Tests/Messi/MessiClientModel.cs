using MsgNet.Messi;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Messi;

/// <summary>A client that lives through random events, and the arithmetic that says what it has to do.</summary>
internal sealed class MessiClientModel
{
    private readonly Random random;
    private readonly MessiClientMachine machine;
    private readonly int[] seen;

    private Instant now = Instant.Zero;
    private Instant lastPing;
    private Instant lastHeard;
    private bool judged;
    private bool paused;
    private bool heard;
    private int failures;

    /// <param name="seed">Chooses the events.</param>
    /// <param name="seen">Counts the actions of timers, and behind them the events of connections.</param>
    public MessiClientModel(int seed, int[] seen)
    {
        random = new Random(seed);
        machine = new MessiClientMachine(new MessiClientSettings(), new SeededRandom((ulong)seed));
        this.seen = seen;
        Assert.Equal(MessiClientAction.Connect, machine.Start(now));
    }

    /// <summary>The next event, at most at the time of the next timer, so that no timer is ever late.</summary>
    public void Step()
    {
        var wait = TimeSpan.FromMilliseconds(random.Next(900));
        var isTimer = now + wait >= machine.NextTimer;
        now = isTimer ? machine.NextTimer : now + wait;
        if (isTimer)
            OnTimer(machine.State);
        else if (machine.State == MessiClientState.Connecting && random.Next(8) == 0)
            OnAttempt();
        else if (machine.State == MessiClientState.Connected)
            OnConnection(random.Next(20));
    }

    private void OnTimer(MessiClientState state)
    {
        var action = machine.OnTimer(now);
        seen[(int)action]++;
        switch (state)
        {
            case MessiClientState.Connecting:
                Assert.Equal(MessiClientAction.CancelConnect, action);
                machine.OnConnectFailed(now);
                ExpectDelay();
                break;
            case MessiClientState.Connected:
                OnKeepAlive(action);
                break;
            default:
                Assert.Equal((MessiClientState.WaitReconnect, MessiClientAction.Connect), (state, action));
                Assert.Equal(now + TimeSpan.FromSeconds(5), machine.NextTimer);
                break;
        }
    }

    private void OnKeepAlive(MessiClientAction action)
    {
        Assert.Equal(lastPing + TimeSpan.FromSeconds(2), now);
        var isDead = judged && !paused && lastHeard < lastPing;
        Assert.Equal(isDead ? MessiClientAction.Close : MessiClientAction.SendPing, action);
        (lastPing, judged) = (now, true);
        if (isDead)
            OnEnd(MessiDisconnectReason.KeepAliveTimeout);
    }

    private void OnAttempt()
    {
        if (random.Next(2) == 0)
        {
            machine.OnConnectFailed(now);
            ExpectDelay();
            return;
        }

        Assert.Equal(MessiClientAction.SendPing, machine.OnConnected(now));
        (lastPing, judged, paused, heard) = (now, false, false, false);
    }

    private void OnConnection(int choice)
    {
        seen[^1]++;
        if (choice == 0)
        {
            Assert.True(machine.OnDisconnected(now, MessiDisconnectReason.ConnectionClosed));
            OnEnd(MessiDisconnectReason.ConnectionClosed);
        }
        else if (choice == 1)
        {
            machine.OnReadingPaused();
            paused = true;
        }
        else if (choice == 2)
        {
            machine.OnReadingResumed();
            (paused, judged) = (false, false);
        }
        else if (choice < 7)
        {
            machine.OnReceived();
            (lastHeard, heard) = (now, true);
        }
    }

    private void OnEnd(MessiDisconnectReason reason)
    {
        Assert.Equal(reason, machine.LastReason);
        failures = heard ? 0 : failures;
        ExpectDelay();
    }

    private void ExpectDelay()
    {
        var longest = Math.Min(Math.Pow(2, failures++), 30);
        Assert.Equal(MessiClientState.WaitReconnect, machine.State);
        Assert.InRange((machine.NextTimer - now).TotalSeconds, longest * 0.75, longest);
        Assert.Equal(failures, machine.FailuresInRow);
    }
}
