using MsgNet.Messi;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Messi;

/// <summary>Random inputs at random times: both machines do what a few lines of arithmetic say.</summary>
public sealed class MessiModelTests
{
    private readonly int[] seen = new int[6];

    [Fact]
    [Covers("MESSI-031", "MESSI-032", "MESSI-034", "MESSI-036", "MESSI-037", "MESSI-038", "MESSI-039")]
    public void Client_follows_its_model()
    {
        for (var seed = 0; seed < 200; seed++)
            RunClient(seed);
        Assert.All(seen.Skip((int)MessiClientAction.Connect), count => Assert.True(count > 100, string.Join(' ', seen)));
    }

    [Fact]
    [Covers("MESSI-022", "MESSI-035", "MESSI-036", "MESSI-040")]
    public void Server_follows_its_model()
    {
        for (var seed = 0; seed < 2_000; seed++)
            RunServer(seed);
        Assert.True(seen[0] > 100 && seen[1] > 100, string.Join(' ', seen));
    }

    private void RunClient(int seed)
    {
        var random = new Random(seed);
        var machine = new MessiClientMachine(new MessiClientSettings(), new SeededRandom((ulong)seed));
        var now = Instant.Zero;
        var (lastPing, lastHeard) = (Instant.Zero, Instant.Zero);
        var (judged, paused, heard) = (false, false, false);
        var failures = 0;
        Assert.Equal(MessiClientAction.Connect, machine.Start(now));
        for (var step = 0; step < 500; step++)
        {
            // At most the time to the next timer, so that it is never late.
            var wait = TimeSpan.FromMilliseconds(random.Next(900));
            var isTimer = now + wait >= machine.NextTimer;
            now = isTimer ? machine.NextTimer : now + wait;
            var state = machine.State;
            if (isTimer)
                OnTimer(state);
            else if (state == MessiClientState.Connecting && random.Next(8) == 0)
                OnAttempt();
            else if (state == MessiClientState.Connected)
                OnConnection(random.Next(20));
        }

        void OnTimer(MessiClientState state)
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
                    Assert.Equal(lastPing + TimeSpan.FromSeconds(2), now);
                    var isDead = judged && !paused && lastHeard < lastPing;
                    Assert.Equal(isDead ? MessiClientAction.Close : MessiClientAction.SendPing, action);
                    (lastPing, judged) = (now, true);
                    if (isDead)
                        OnEnd(MessiDisconnectReason.KeepAliveTimeout);
                    break;
                default:
                    Assert.Equal((MessiClientState.WaitReconnect, MessiClientAction.Connect), (state, action));
                    Assert.Equal(now + TimeSpan.FromSeconds(5), machine.NextTimer);
                    break;
            }
        }

        void OnAttempt()
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

        void OnConnection(int choice)
        {
            seen[5]++;
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

        void OnEnd(MessiDisconnectReason reason)
        {
            Assert.Equal(reason, machine.LastReason);
            failures = heard ? 0 : failures;
            ExpectDelay();
        }

        void ExpectDelay()
        {
            var longest = Math.Min(Math.Pow(2, failures++), 30);
            Assert.Equal(MessiClientState.WaitReconnect, machine.State);
            Assert.InRange((machine.NextTimer - now).TotalSeconds, longest * 0.75, longest);
            Assert.Equal(failures, machine.FailuresInRow);
        }
    }

    private void RunServer(int seed)
    {
        var random = new Random(seed);
        var machine = new MessiServerMachine(Instant.Zero, new MessiServerSettings { KeepAliveTimeout = TimeSpan.FromSeconds(4) });
        var now = Instant.Zero;
        Instant? silentSince = now;
        var pongs = 0;
        for (var step = 0; step < 300 && machine.Reason is null; step++)
        {
            var wait = TimeSpan.FromMilliseconds(random.Next(1_200));
            var isTimer = now + wait >= machine.NextTimer;
            now = isTimer ? machine.NextTimer : now + wait;
            if (isTimer)
            {
                var isDead = silentSince is { } since && now >= since + TimeSpan.FromSeconds(4);
                var action = machine.OnTimer(now);
                Assert.Equal(isDead ? MessiServerAction.Close : MessiServerAction.FormatKnown, action);
                Assert.True(isDead || now == Instant.Zero + TimeSpan.FromSeconds(3));
                seen[isDead ? 0 : 1]++;
                continue;
            }

            switch (random.Next(8))
            {
                case 0 or 1:
                    Assert.Equal(pongs < 64, machine.OnPing(now) == MessiServerAction.SendPong);
                    pongs = Math.Min(pongs + 1, 64);
                    silentSince = silentSince is null ? null : now;
                    break;
                case 2:
                    machine.OnReadingPaused();
                    silentSince = null;
                    break;
                case 3:
                    machine.OnReadingResumed(now);
                    silentSince ??= now;
                    break;
                case 4 when random.Next(20) == 0:
                    machine.OnOutputDrained();
                    pongs = 0;
                    break;
            }
        }
    }
}
