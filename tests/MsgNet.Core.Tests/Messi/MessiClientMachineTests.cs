using MsgNet.Messi;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Messi;

/// <summary>A client's times and states, in virtual time; "Conformance" names what the original's own tests check.</summary>
public sealed class MessiClientMachineTests
{
    private static readonly byte[] Pong = MessiBytes.Compact(4);
    private bool isServerThere = true;

    [Fact]
    [Covers("MESSI-023", "MESSI-031")]
    public void Conformance_keep_alive_pings_at_0_2_and_4_seconds()
    {
        var client = Started();
        foreach (var seconds in new[] { 0.5, 2.5, 4.5, 6.5 })
        {
            client.Advance(seconds);
            client.Receive(Pong);
        }

        Assert.Equal("accept@0 ping@0 ping@2 ping@4 ping@6", client.LogText);
        Assert.Equal(TimeSpan.FromMilliseconds(500), client.Machine.RoundTrip);
    }

    [Fact]
    [Covers("MESSI-032", "MESSI-037")]
    public void Conformance_missing_pong_closes_and_connects_again()
    {
        var client = Started();
        client.Advance(0.1);
        client.Receive(Pong);
        client.Advance(3.999);
        Assert.Equal("accept@0 ping@0 ping@2", client.LogText);
        client.Advance(5.5);
        Assert.Equal("accept@0 ping@0 ping@2 close@4 accept@5 ping@5", client.LogText);
        Assert.Equal(["Keep alive timeout."], client.Reasons);
    }

    [Fact]
    [Covers("MESSI-032")]
    public void A_server_that_never_says_anything_is_given_up_4_seconds_after_connect()
    {
        var client = Started();
        client.Advance(4.5);
        Assert.Equal("accept@0 ping@0 ping@2 close@4", client.LogText);
        Assert.Equal(MessiClientState.WaitReconnect, client.Machine.State);
    }

    [Fact]
    [Covers("MESSI-032")]
    public void A_pong_up_to_the_next_ping_is_in_time()
    {
        var client = Started();
        client.Advance(3.9999);
        client.Receive(Pong);
        client.Advance(5.9);
        Assert.Equal("accept@0 ping@0 ping@2 ping@4", client.LogText);
        Assert.Equal(TimeSpan.FromSeconds(1.9999), client.Machine.RoundTrip);
        client.Advance(6);
        Assert.EndsWith("close@6", client.LogText, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("MESSI-034")]
    public void Bytes_of_a_large_message_count_as_the_pong_behind_it()
    {
        var client = Started();
        client.Advance(1);
        client.Receive([2, 0, 0, 100]);
        for (var seconds = 3; seconds < 13; seconds += 2)
        {
            client.Advance(seconds);
            client.Receive([0]);
        }

        client.Advance(14.1);
        Assert.EndsWith("ping@10 ping@12 close@14", client.LogText, StringComparison.Ordinal);
        Assert.Null(client.Machine.RoundTrip);
    }

    [Fact]
    [Covers("MESSI-033")]
    public void Pongs_nobody_asked_for_do_no_harm_and_measure_nothing()
    {
        var client = Started();
        client.Advance(0.25);
        client.Receive([.. Pong, .. Pong, .. MessiBytes.Compact(4, 1, 2, 3)]);
        Assert.Equal(TimeSpan.FromSeconds(0.25), client.Machine.RoundTrip);
        client.Advance(1);
        client.Receive(Pong);
        Assert.Equal(TimeSpan.FromSeconds(0.25), client.Machine.RoundTrip);
        client.Advance(4.1);
        Assert.EndsWith("close@4", client.LogText, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("MESSI-037")]
    public void Conformance_connect_successful_on_second_attempt()
    {
        isServerThere = false;
        var client = Started();
        client.Advance(0.5);
        isServerThere = true;
        client.Advance(1.5);
        Assert.Equal("refused@0 accept@1 ping@1", client.LogText);
    }

    [Fact]
    [Covers("MESSI-037")]
    public void Attempts_in_vain_come_after_1_2_4_8_16_and_30_seconds_and_1_again_after_a_connection_that_worked()
    {
        isServerThere = false;
        var client = Started();
        client.Advance(100);
        Assert.Equal("refused@0 refused@1 refused@3 refused@7 refused@15 refused@31 refused@61 refused@91", client.LogText);
        Assert.Equal(8, client.Machine.FailuresInRow);
        isServerThere = true;
        client.Advance(121);
        client.Receive(Pong);
        client.OnServerClosed();
        Assert.Equal(1, client.Machine.FailuresInRow);
        client.Advance(122);
        Assert.EndsWith("accept@121 ping@121 closed@121 accept@122 ping@122", client.LogText, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("MESSI-038")]
    public void Delays_are_spread_over_the_last_quarter_and_never_longer()
    {
        var random = new SeededRandom(7);
        var delays = Enumerable.Range(0, 2_000).Select(_ => Delay(random).TotalSeconds).Order().ToArray();
        Assert.InRange(delays[0], 0.75, 0.755);
        Assert.InRange(delays[1_000], 0.86, 0.89);
        Assert.InRange(delays[^1], 0.995, 1);

        static TimeSpan Delay(IRandom random)
        {
            var machine = new MessiClientMachine(new MessiClientSettings(), random);
            machine.Start(Instant.Zero);
            machine.OnConnectFailed(Instant.Zero);
            return machine.NextTimer - Instant.Zero;
        }
    }

    [Fact]
    [Covers("MESSI-037")]
    public void Conformance_connection_refused_retries_after_the_delay_the_application_returned()
    {
        var machine = Connecting();
        machine.OnConnectFailed(Instant.Zero, TimeSpan.Zero);
        Assert.Equal(MessiClientAction.Connect, machine.OnTimer(Instant.Zero));
        machine.OnConnectFailed(Instant.Zero, TimeSpan.FromHours(1));
        Assert.Equal(Instant.Zero + TimeSpan.FromHours(1), machine.NextTimer);
        Assert.Throws<ArgumentOutOfRangeException>(() => machine.OnConnectFailed(Instant.Zero, TimeSpan.FromTicks(-1)));
    }

    [Fact]
    [Covers("MESSI-037")]
    public void Conformance_connection_refused_no_reconnect()
    {
        var machine = Connecting();
        Assert.Equal(MessiClientAction.CancelConnect, machine.Stop());
        machine.OnConnectFailed(Instant.Zero);
        Assert.Equal((MessiClientState.Stopped, true), (machine.State, machine.NextTimer.IsNever));
    }

    [Fact]
    [Covers("MESSI-039")]
    public void Conformance_connect_timeout()
    {
        var machine = Connecting();
        var due = Instant.Zero + TimeSpan.FromSeconds(5);
        Assert.Equal(due, machine.NextTimer);
        Assert.Equal(MessiClientAction.None, machine.OnTimer(due - TimeSpan.FromTicks(1)));
        Assert.Equal(MessiClientAction.CancelConnect, machine.OnTimer(due));
        Assert.Equal(MessiClientAction.None, machine.OnTimer(due));
        Assert.True(machine.NextTimer.IsNever);
        machine.OnConnectFailed(due);
        Assert.Equal((MessiClientState.WaitReconnect, due + TimeSpan.FromSeconds(1)), (machine.State, machine.NextTimer));
    }

    [Fact]
    [Covers("MESSI-042")]
    public void Conformance_server_disconnects_and_the_first_reason_stands()
    {
        var client = Started();
        client.Advance(0.5);
        client.OnServerClosed();
        Assert.False(client.Machine.OnDisconnected(client.Now, MessiDisconnectReason.MessageDecodeError));
        client.OnServerClosed();
        Assert.Equal(["Connection closed."], client.Reasons);
        Assert.Equal(MessiDisconnectReason.ConnectionClosed, client.Machine.LastReason);
    }

    [Fact]
    [Covers("MESSI-042")]
    public void Conformance_connect_and_disconnect()
    {
        var client = Started();
        client.Stop();
        client.Advance(100);
        Assert.Equal("accept@0 ping@0 close@0", client.LogText);
        Assert.Equal((MessiClientState.Stopped, MessiDisconnectReason.Stopped), (client.Machine.State, client.Machine.LastReason));
        Assert.False(client.Machine.OnDisconnected(client.Now, MessiDisconnectReason.ConnectionClosed));
        client.Start();
        Assert.Equal("accept@0 ping@0 close@0 accept@100 ping@100", client.LogText);
        Assert.Throws<InvalidOperationException>(client.Start);
    }

    [Fact]
    public void A_connection_that_comes_after_stop_is_closed()
    {
        var machine = Connecting();
        machine.Stop();
        Assert.Equal(MessiClientAction.Close, machine.OnConnected(Instant.Zero));
        Assert.Equal(MessiClientState.Stopped, machine.State);
        Assert.Equal(MessiClientAction.None, machine.Stop());
    }

    [Fact]
    [Covers("MESSI-036")]
    public void While_reading_is_paused_pings_go_on_and_nobody_times_out()
    {
        var client = Started();
        client.Machine.OnReadingPaused();
        client.Advance(9);
        Assert.Equal("accept@0 ping@0 ping@2 ping@4 ping@6 ping@8", client.LogText);
        client.Machine.OnReadingResumed();
        client.Advance(11.9);
        Assert.EndsWith("ping@8 ping@10", client.LogText, StringComparison.Ordinal);
        client.Advance(12);
        Assert.EndsWith("ping@10 close@12", client.LogText, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("MESSI-036")]
    public void A_timer_that_is_more_than_half_an_interval_late_judges_nobody()
    {
        foreach (var (lateMilliseconds, action) in new[] { (1_000, MessiClientAction.Close), (1_001, MessiClientAction.SendPing) })
        {
            var machine = Connecting();
            machine.OnConnected(Instant.Zero);
            var now = machine.NextTimer;
            Assert.Equal(MessiClientAction.SendPing, machine.OnTimer(now));
            now = machine.NextTimer + TimeSpan.FromMilliseconds(lateMilliseconds);
            Assert.Equal(action, machine.OnTimer(now));
            if (action == MessiClientAction.Close)
                continue;

            Assert.Equal(now + TimeSpan.FromSeconds(2), machine.NextTimer);
            Assert.Equal(MessiClientAction.Close, machine.OnTimer(machine.NextTimer));
        }
    }

    [Fact]
    [Covers("MESSI-062")]
    public void Over_a_carrier_that_watches_the_peer_there_are_no_pings_and_no_timeouts()
    {
        var machine = new MessiClientMachine(new MessiClientSettings { HasLiveness = true }, new MessiClientDouble.NoJitter());
        machine.Start(Instant.Zero);
        Assert.Equal(MessiClientAction.None, machine.OnConnected(Instant.Zero));
        Assert.True(machine.NextTimer.IsNever);
        Assert.Equal(MessiClientAction.None, machine.OnTimer(Instant.Zero + TimeSpan.FromDays(1)));
        machine.OnPong(Instant.Zero);
        Assert.Null(machine.RoundTrip);
    }

    [Fact]
    public void Settings_that_make_no_sense_are_refused()
    {
        foreach (var settings in new MessiClientSettings[]
                 {
                     new() { KeepAliveInterval = TimeSpan.Zero }, new() { ConnectTimeout = TimeSpan.Zero },
                     new() { ReconnectDelay = TimeSpan.Zero },
                     new() { ReconnectDelay = TimeSpan.FromSeconds(2), ReconnectDelayMax = TimeSpan.FromSeconds(1) },
                 })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new MessiClientMachine(settings, new MessiClientDouble.NoJitter()));
        }
    }

    private static MessiClientMachine Connecting()
    {
        var machine = new MessiClientMachine(new MessiClientSettings(), new MessiClientDouble.NoJitter());
        Assert.Equal(MessiClientAction.Connect, machine.Start(Instant.Zero));
        return machine;
    }

    private MessiClientDouble Started()
    {
        var client = new MessiClientDouble(MessiWireFormat.Compact, new MessiClientSettings(), new MessiClientDouble.NoJitter())
        {
            IsServerThere = _ => isServerThere,
        };
        client.Start();
        return client;
    }
}
