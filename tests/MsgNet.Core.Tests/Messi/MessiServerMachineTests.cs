using MsgNet.Messi;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Messi;

/// <summary>A connection's times at a server, in virtual time; "Conformance" names what the original's own tests check.</summary>
public sealed class MessiServerMachineTests
{
    private static readonly byte[] Ping = MessiBytes.Compact(3);

    [Fact]
    [Covers("MESSI-035")]
    public void Conformance_keep_alive_ping_at_2_5_s_moves_the_end_to_5_5_s()
    {
        var server = new MessiServerDouble(100);
        server.Receive(Ping);
        server.Advance(TimeSpan.FromSeconds(2.5));
        server.Receive(Ping);
        server.Receive(MessiBytes.Compact(1, 10, 0));
        server.Advance(TimeSpan.FromSeconds(5.4999));
        server.Receive(MessiBytes.Compact(1, 10, 0));
        Assert.Null(server.Reason);
        server.Advance(TimeSpan.FromSeconds(5.5));
        Assert.Equal(MessiDisconnectReason.KeepAliveTimeout, server.Reason);
        Assert.Equal("0400000004000000", Convert.ToHexStringLower(server.Sent));
        Assert.True(server.Machine.NextTimer.IsNever);
    }

    [Fact]
    [Covers("MESSI-035")]
    public void Half_a_frame_keeps_nobody_alive()
    {
        var server = new MessiServerDouble(100);
        server.Receive([1, 0, 0, 50]);
        for (var seconds = 0.5; seconds < 3; seconds += 0.5)
        {
            server.Advance(TimeSpan.FromSeconds(seconds));
            server.Receive([0]);
        }

        server.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(MessiDisconnectReason.KeepAliveTimeout, server.Reason);
    }

    [Fact]
    [Covers("MESSI-021", "MESSI-022")]
    public void The_format_is_the_clients_or_after_3_s_the_configured_one()
    {
        foreach (var (configured, timeout) in new[] { (MessiWireFormat.Documented, 10), (MessiWireFormat.Compact, 10) })
        {
            var settings = new MessiServerSettings { FormatOfSilent = configured, KeepAliveTimeout = TimeSpan.FromSeconds(timeout) };
            var machine = new MessiServerMachine(Instant.Zero, settings);
            var due = Instant.Zero + TimeSpan.FromSeconds(3);
            Assert.Equal(due, machine.NextTimer);
            Assert.Equal(MessiServerAction.None, machine.OnTimer(due - TimeSpan.FromTicks(1)));
            Assert.Null(machine.Format);
            Assert.Equal(MessiServerAction.FormatKnown, machine.OnTimer(due));
            Assert.Equal(MessiServerAction.None, machine.OnTimer(due));
            Assert.Equal(configured, machine.Format);
            Assert.Equal(MessiServerAction.None, machine.OnFirstByte(configured == MessiWireFormat.Compact ? (byte)0 : (byte)1));
            Assert.Equal(configured, machine.Format);

            var other = new MessiServerMachine(Instant.Zero, settings);
            Assert.Equal(MessiServerAction.FormatKnown, other.OnFirstByte(configured == MessiWireFormat.Compact ? (byte)0 : (byte)3));
            Assert.NotEqual(configured, other.Format);
            Assert.Equal(Instant.Zero + TimeSpan.FromSeconds(timeout), other.NextTimer);
        }
    }

    [Fact]
    [Covers("MESSI-022", "MESSI-035")]
    public void A_silent_client_is_closed_rather_than_spoken_to_when_both_are_due()
    {
        var machine = new MessiServerMachine(Instant.Zero, new MessiServerSettings());
        Assert.Equal(MessiServerAction.Close, machine.OnTimer(Instant.Zero + TimeSpan.FromSeconds(3)));
        Assert.Equal((MessiDisconnectReason.KeepAliveTimeout, null), (machine.Reason!.Value, machine.Format));
        Assert.Equal(MessiServerAction.None, machine.OnTimer(Instant.Zero + TimeSpan.FromSeconds(9)));
        Assert.Equal(MessiServerAction.None, machine.OnPing(Instant.Zero));
        Assert.Equal(MessiServerAction.None, machine.OnFirstByte(1));
    }

    [Fact]
    [Covers("MESSI-040")]
    public void A_client_that_pings_and_does_not_read_gets_64_pongs()
    {
        var machine = new MessiServerMachine(Instant.Zero, new MessiServerSettings());
        var pongs = Enumerable.Range(0, 1_000).Count(_ => machine.OnPing(Instant.Zero) == MessiServerAction.SendPong);
        Assert.Equal(64, pongs);
        machine.OnOutputDrained();
        Assert.Equal(MessiServerAction.SendPong, machine.OnPing(Instant.Zero));
    }

    [Fact]
    [Covers("MESSI-035")]
    public void Pings_that_get_no_pong_count_nevertheless()
    {
        var machine = new MessiServerMachine(Instant.Zero, new MessiServerSettings());
        for (var i = 0; i < 100; i++)
            machine.OnPing(Instant.Zero + TimeSpan.FromMilliseconds(i));
        machine.OnFirstByte(3);
        Assert.Equal(Instant.Zero + TimeSpan.FromMilliseconds(3_099), machine.NextTimer);
    }

    [Fact]
    [Covers("MESSI-036")]
    public void While_reading_is_paused_nobody_times_out_and_a_whole_time_begins_after()
    {
        var machine = new MessiServerMachine(Instant.Zero, new MessiServerSettings());
        machine.OnFirstByte(3);
        machine.OnReadingPaused();
        Assert.True(machine.NextTimer.IsNever);
        Assert.Equal(MessiServerAction.SendPong, machine.OnPing(Instant.Zero + TimeSpan.FromSeconds(1)));
        Assert.True(machine.NextTimer.IsNever);
        var now = Instant.Zero + TimeSpan.FromSeconds(60);
        Assert.Equal(MessiServerAction.None, machine.OnTimer(now));
        machine.OnReadingResumed(now);
        Assert.Equal(now + TimeSpan.FromSeconds(3), machine.NextTimer);
        machine.OnReadingResumed(now + TimeSpan.FromSeconds(1));
        Assert.Equal(MessiServerAction.Close, machine.OnTimer(now + TimeSpan.FromSeconds(3)));
    }

    [Fact]
    [Covers("MESSI-036")]
    public void A_timer_that_is_more_than_half_its_time_late_judges_nobody()
    {
        foreach (var (lateMilliseconds, action) in new[] { (1_500, MessiServerAction.Close), (1_501, MessiServerAction.None) })
        {
            var machine = new MessiServerMachine(Instant.Zero, new MessiServerSettings());
            machine.OnFirstByte(3);
            var now = machine.NextTimer + TimeSpan.FromMilliseconds(lateMilliseconds);
            Assert.Equal(action, machine.OnTimer(now));
            if (action == MessiServerAction.None)
                Assert.Equal(now + TimeSpan.FromSeconds(3), machine.NextTimer);
        }
    }

    [Fact]
    [Covers("MESSI-061", "MESSI-062")]
    public void Over_a_carrier_that_watches_the_peer_the_format_is_documented_and_nothing_times_out()
    {
        var settings = new MessiServerSettings { HasLiveness = true, FormatOfSilent = MessiWireFormat.Compact };
        var machine = new MessiServerMachine(Instant.Zero, settings);
        Assert.Equal(MessiWireFormat.Documented, machine.Format);
        Assert.Equal(MessiServerAction.None, machine.OnFirstByte(1));
        Assert.Equal(MessiWireFormat.Documented, machine.Format);
        Assert.True(machine.NextTimer.IsNever);
        Assert.Equal(MessiServerAction.SendPong, machine.OnPing(Instant.Zero));
        machine.OnReadingPaused();
        machine.OnReadingResumed(Instant.Zero);
        Assert.True(machine.NextTimer.IsNever);
        Assert.Equal(MessiServerAction.None, machine.OnTimer(Instant.Zero + TimeSpan.FromDays(1)));
    }

    [Fact]
    [Covers("MESSI-042")]
    public void The_first_reason_stands()
    {
        var machine = new MessiServerMachine(Instant.Zero, new MessiServerSettings());
        Assert.True(machine.OnDisconnected(MessiDisconnectReason.MessageTooBig));
        Assert.False(machine.OnDisconnected(MessiDisconnectReason.ConnectionClosed));
        Assert.Equal(MessiDisconnectReason.MessageTooBig, machine.Reason);
        Assert.True(machine.NextTimer.IsNever);
    }

    [Fact]
    public void A_timeout_of_nothing_is_refused()
        => Assert.Throws<ArgumentOutOfRangeException>(
            () => new MessiServerMachine(Instant.Zero, new MessiServerSettings { KeepAliveTimeout = TimeSpan.Zero }));

    [Fact]
    [Covers("MESSI-041")]
    public void Conformance_disconnect_reason_string()
    {
        Assert.Equal(
            [
                "Message encode error.", "Message decode error.", "Connection closed.", "Keep alive timeout.", "General error.",
                "Message too big.",
            ],
            Enumerable.Range(0, 6).Select(value => ((MessiDisconnectReason)value).ToText()));
        Assert.Equal("*** Unknown ***", ((MessiDisconnectReason)6).ToText());
        var own = Enum.GetValues<MessiDisconnectReason>().Where(reason => (int)reason > 5).ToArray();
        Assert.All(own, reason => Assert.True((int)reason >= 100));
        Assert.Equal(own.Length, own.Select(reason => reason.ToText()).Distinct().Count(text => text != "*** Unknown ***"));
    }
}
