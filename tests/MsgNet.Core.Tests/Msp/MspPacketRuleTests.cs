using MsgNet.Testing;

namespace MsgNet.Core.Tests.Msp;

/// <summary>specs/msp.md sections 1 to 3, packet by packet.</summary>
public sealed class MspPacketRuleTests : IDisposable
{
    private readonly MspBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    [Covers("MSP-005")]
    public void A_message_has_1_to_1024_bytes_and_an_empty_one_sends_nothing()
    {
        var connection = bench.Connected(MspProfile.Default);
        Assert.Throws<ArgumentOutOfRangeException>(() => connection.TrySend(bench.Now, new byte[1025]));
        Assert.True(connection.TrySend(bench.Now, []));
        Assert.Equal("", bench.Out());
        Assert.Equal(0, connection.Sent);
        Assert.True(connection.TrySend(bench.Now, new byte[1024]));
        Assert.Equal(2 * 1029, bench.Out().Length);
    }

    [Fact]
    [Covers("MSP-005", "MSP-013")]
    public void Data_of_1138_bytes_is_taken_a_longer_one_is_not_and_an_empty_one_is_no_message()
    {
        bench.Connected(MspProfile.Default);
        bench.In("00ffff0000" + new string('0', 2 * 1139));
        Assert.False(bench.Connection.TryPeek(out _));
        Assert.Equal(1, bench.Endpoint.Counters.Malformed);
        bench.In("00ffff0000" + new string('0', 2 * 1138));
        Assert.Equal(1138, bench.Read().Length);
        bench.In("00ffff0100");
        Assert.False(bench.Connection.TryPeek(out _));
        Assert.Equal("020100", bench.Wait(1));
    }

    [Fact]
    [Covers("MSP-011", "MSP-013")]
    public void What_is_sent_again_has_its_number_and_data_and_the_newest_acknowledgement()
    {
        bench.Connected(MspProfile.Serval);
        bench.Send("a");
        Assert.Equal("00ffff000061", bench.Out());
        bench.In("00ffff000078");
        bench.Read();
        Assert.Equal("020000 02000000" + "0061", bench.Wait(1501));
    }

    [Fact]
    [Covers("MSP-013", "MSP-014", "MSP-025")]
    public void Only_what_was_consumed_to_its_end_is_acknowledged()
    {
        bench.Connected(MspProfile.Default);
        bench.In("00ffff0000616263");
        // It was heard, and says so; but nothing was consumed.
        Assert.Equal("02ffff", bench.Wait(1));
        bench.Consume(2);
        Assert.Equal("", bench.Wait(100));
        Assert.Equal("c", bench.Read());
        Assert.Equal("020000", bench.Wait(1));
    }

    [Fact]
    [Covers("MSP-015")]
    public void FIRST_stands_in_every_packet_until_one_is_received()
    {
        bench.Connect(MspProfile.Serval);
        bench.Send("a");
        bench.Send("b");
        Assert.Equal("04ffff000061 04ffff010062", bench.Out());
        Assert.Equal("04ffff 04ffff000061 04ffff010062", bench.Wait(1501));
        bench.In("00ffff");
        Assert.Equal("00ffff 00ffff000061 00ffff010062", bench.Wait(1502));
    }

    [Fact]
    [Covers("MSP-016")]
    public void SHUTDOWN_rides_on_the_last_packet_if_that_has_not_left()
    {
        var connection = bench.Connected(MspProfile.Default);
        bench.Send("a");
        bench.Send("b");
        connection.Shutdown(bench.Now);
        Assert.Equal("00ffff000061 01ffff010062", bench.Out());
        Assert.Throws<InvalidOperationException>(() => bench.Send("c"));
        Assert.True(connection.States.HasFlag(MspStates.ShutdownLocal));
        Assert.False(connection.States.HasFlag(MspStates.DataOut));
    }

    [Fact]
    [Covers("MSP-016")]
    public void Else_it_has_a_packet_of_its_own_and_the_other_direction_goes_on()
    {
        var connection = bench.Connected(MspProfile.Default);
        bench.Send("a");
        bench.Out();
        connection.Shutdown(bench.Now);
        connection.Shutdown(bench.Now);
        Assert.Equal("01ffff0100", bench.Out());
        bench.In("020100");
        Assert.Equal(1, connection.Delivered);
        bench.In("020100000078");
        Assert.Equal("x", bench.Read());
        Assert.Equal(MspEnd.None, connection.End);
    }

    [Fact]
    [Covers("MSP-016")]
    public void The_peers_SHUTDOWN_counts_in_its_place_and_leaves_the_other_direction_open()
    {
        var connection = bench.Connected(MspProfile.Default);
        bench.In("01ffff010062");
        Assert.DoesNotContain(MspEventKind.ShutdownRemote, bench.Kinds);
        bench.In("00ffff000061");
        Assert.Equal("a", bench.Read());
        Assert.DoesNotContain(MspEventKind.ShutdownRemote, bench.Kinds);
        Assert.Equal("b", bench.Read());
        Assert.Contains(MspEventKind.ShutdownRemote, bench.Kinds);
        Assert.True(connection.States.HasFlag(MspStates.ShutdownRemote));
        Assert.True(bench.Send("z"));
        Assert.Equal("02010000007a", bench.Out());
    }

    [Theory]
    [InlineData("08")]
    [InlineData("0f0102030405")]
    [Covers("MSP-004", "MSP-017", "MSP-059")]
    public void STOP_ends_both_directions_at_once_and_is_not_answered(string stop)
    {
        var connection = bench.Connected(MspProfile.Default);
        bench.Send("a");
        bench.Send("b");
        bench.Out();
        bench.In("020000000078");
        bench.In(stop);
        Assert.Equal(MspEnd.StoppedByPeer, connection.End);
        Assert.Equal(MspEventKind.Closed, bench.Kinds[^1]);
        Assert.True(connection.States.HasFlag(MspStates.Closed | MspStates.Stopped));
        Assert.False(connection.States.HasFlag(MspStates.Error));
        Assert.False(connection.TryPeek(out _));
        Assert.False(bench.Send("c"));
        Assert.Equal((2, 1), (connection.Sent, connection.Delivered));
        Assert.Equal("", bench.Wait(20_000));
        Assert.Equal(0, bench.Endpoint.ConnectionCount);
    }

    [Theory]
    [InlineData("020200")] // what was never sent
    [InlineData("02fe7f")] // far ahead
    [InlineData("0202000000" + "78")] // its data is not taken either
    [Covers("MSP-021")]
    public void An_acknowledgement_of_what_was_not_sent_makes_the_packet_nothing(string hex)
    {
        var connection = bench.Connected(MspProfile.Default);
        bench.Send("a");
        bench.Send("b");
        bench.Out();
        bench.In(hex);
        Assert.Equal(0, connection.Delivered);
        Assert.False(connection.TryPeek(out _));
        Assert.Equal(1, bench.Endpoint.Counters.BadAcks);
        bench.In("020100");
        Assert.Equal(2, connection.Delivered);
        // An older one than the newest says nothing, and does no harm to the data beside it.
        bench.In("020000000078");
        Assert.Equal(2, connection.Delivered);
        Assert.Equal("x", bench.Read());
    }

    [Fact]
    [Covers("MSP-022")]
    public void Data_is_kept_1024_packets_ahead_and_handed_over_in_order()
    {
        bench.Connected(MspProfile.Default);
        for (var number = 1023; number > 0; number--)
            bench.In($"00ffff{number & 255:x2}{number >> 8:x2}62");
        Assert.False(bench.Connection.TryPeek(out _));
        bench.Out();
        bench.In("00ffff000478"); // 1024
        Assert.Equal("", bench.Wait(1));
        Assert.Equal(1, bench.Endpoint.Counters.BeyondWindow);
        bench.In("00ffff000061");
        Assert.Equal("a", bench.Read());
        for (var number = 1; number < 1024; number++)
            Assert.Equal("b", bench.Read());
        Assert.False(bench.Connection.TryPeek(out _));
        Assert.Equal("02ff03", bench.Out());
    }

    [Fact]
    [Covers("MSP-024")]
    public void Data_out_of_order_and_data_again_are_acknowledged_at_once()
    {
        bench.Connected(MspProfile.Default);
        bench.In("00ffff000061");
        bench.Read();
        Assert.Equal("020000", bench.Wait(1));
        bench.In("00ffff020063"); // leaves a gap
        Assert.Equal("020000", bench.Out());
        bench.In("00ffff030064"); // stands behind one
        Assert.Equal("020000", bench.Out());
        bench.In("00ffff030064"); // again
        Assert.Equal("020000", bench.Out());
        bench.In("00ffff010062"); // fills it
        Assert.Equal("020000", bench.Out());
        bench.In("00ffff000061"); // long consumed
        Assert.Equal("020000", bench.Out());
        Assert.Equal(2, bench.Endpoint.Counters.Duplicates);
    }

    [Fact]
    [Covers("MSP-025")]
    public void Other_data_is_acknowledged_with_the_second_consumed_or_after_1_ms_or_by_data_that_leaves()
    {
        bench.Connected(MspProfile.Default);
        bench.In("00ffff000061");
        bench.Read();
        Assert.Equal("", bench.Out());
        Assert.Equal([(1.0, "020000")], bench.WaitTimed(1));
        bench.In("00ffff010061");
        bench.In("00ffff020061");
        bench.Read();
        Assert.Equal("", bench.Out());
        bench.Read();
        Assert.Equal("020200", bench.Out());
        bench.In("00ffff030061");
        bench.Read();
        bench.Send("x");
        Assert.Equal("020300000078", bench.Out());
        Assert.Equal("", bench.Wait(5));
    }

    [Fact]
    [Covers("MSP-025")]
    public void A_reader_that_is_slow_sends_no_acknowledgement_that_says_nothing()
    {
        bench.Connected(MspProfile.Default);
        bench.In("00ffff000061");
        Assert.Equal("02ffff", bench.Wait(1));
        for (var number = 1; number < 20; number++)
            bench.In($"00ffff{number:x2}0061");
        Assert.Equal("", bench.Wait(1000));
    }

    [Theory]
    [InlineData("01ffff020064")] // a second SHUTDOWN
    [InlineData("00ffff020064")] // data behind the first
    [Covers("MSP-026")]
    public void Data_after_SHUTDOWN_is_dropped(string hex)
    {
        bench.Connected(MspProfile.Default);
        bench.In("01ffff010062");
        bench.In(hex);
        Assert.Equal(1, bench.Endpoint.Counters.Malformed);
        bench.In("00ffff000061");
        Assert.Equal("a", bench.Read());
        Assert.Equal("b", bench.Read());
        Assert.False(bench.Connection.TryPeek(out _));
    }

    [Fact]
    [Covers("MSP-027")]
    public void A_FIRST_that_comes_late_gets_no_answer_and_keeps_nothing_alive()
    {
        bench.Listen(MspProfile.Default);
        bench.In("04ffff000061");
        bench.Read();
        Assert.Equal("020000", bench.Wait(1));
        bench.In("00ffff010062");
        bench.Read();
        Assert.Equal("020100", bench.Wait(1));
        for (var second = 0; second < 9; second++)
        {
            bench.In("04ffff000061");
            bench.In("04ffff");
            Assert.Equal("", bench.Out());
            bench.Wait(1000);
        }

        Assert.Equal(18, bench.Endpoint.Counters.LateFirsts);
        // One that was overtaken brings something new, and is welcome.
        bench.In("04ffff020063");
        Assert.Equal("c", bench.Read());
        var former = bench.Connection;
        for (var second = 0; second < 10; second++)
        {
            bench.In("04ffff000061");
            bench.Wait(1000);
        }

        // The next life gets in once the former has timed out.
        Assert.Equal(MspEnd.TimedOut, former.End);
        bench.In("04ffff000061");
        Assert.NotSame(former, bench.Connection);
        Assert.Equal("a", bench.Read());
    }

    [Theory]
    [InlineData("serval")]
    [InlineData("default")]
    [Covers("MSP-027")]
    public void What_a_late_FIRST_acknowledges_is_not_sent_again(string profile)
    {
        bench.Listen(profile == "serval" ? MspProfile.Serval : MspProfile.Default);
        bench.In("04ffff");
        bench.In("00ffff");
        bench.Send("a");
        Assert.Equal("00ffff000061", bench.Out());
        bench.In("060000");
        Assert.Equal(1, bench.Endpoint.Counters.LateFirsts);
        Assert.Equal(1, bench.Connection.Delivered);
        Assert.Equal("00ffff 00ffff", bench.Wait(3100));
    }
}
