using MsgNet.Testing;

namespace MsgNet.Core.Tests.Msp;

/// <summary>specs/msp.md section 4: what each profile sends when.</summary>
public sealed class MspTimerTests : IDisposable
{
    private readonly MspBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    [Covers("MSP-031")]
    public void Serval_takes_four_messages_and_a_fifth()
    {
        var connection = bench.Connected(MspProfile.Serval);
        for (var i = 0; i < 4; i++)
        {
            Assert.True(connection.States.HasFlag(MspStates.DataOut));
            Assert.True(bench.Send("m"));
        }

        Assert.False(connection.States.HasFlag(MspStates.DataOut));
        Assert.True(bench.Send("m"));
        Assert.False(bench.Send("m"));
        Assert.Equal(5, bench.Out().Split(' ').Length);
        bench.In("020000");
        Assert.DoesNotContain(MspEventKind.Writable, bench.Kinds);
        Assert.True(bench.Send("m"));
        bench.In("020200");
        Assert.Equal(1, bench.Kinds.Count(kind => kind == MspEventKind.Writable));
        Assert.True(connection.States.HasFlag(MspStates.DataOut));
    }

    [Fact]
    [Covers("MSP-032", "MSP-035")]
    public void Serval_sends_each_packet_again_strictly_after_1500_ms_for_ever()
    {
        var connection = bench.Connected(MspProfile.Serval);
        bench.Send("a");
        bench.Out();
        bench.Wait(700);
        bench.Send("b");
        bench.Out();
        Assert.Equal("", bench.Wait(800));
        Assert.Equal([(0.0001, "00ffff000061"), (700.0001, "00ffff010062")], bench.WaitTimed(1400));
        // However often, while the connection lives: 40 s in which the peer says that it is there.
        for (var i = 0; i < 40; i++)
        {
            bench.In("00ffff");
            bench.Wait(1000);
        }

        Assert.InRange(bench.Endpoint.Counters.Retransmissions, 2 * 26, 2 * 28);
        Assert.Equal(MspEnd.None, connection.End);
        bench.Wait(9001);
        Assert.Equal(MspEnd.TimedOut, connection.End);
    }

    [Fact]
    [Covers("MSP-033")]
    public void A_bare_FIRST_leaves_after_10_ms_unless_data_goes_before()
    {
        bench.Connect(MspProfile.Default);
        Assert.Equal([(10.0, "04ffff")], bench.WaitTimed(100));
        using var other = new MspBench();
        other.Connect(MspProfile.Default);
        Assert.Equal("", other.Wait(9));
        other.Send("a");
        Assert.Equal("04ffff000061", other.Wait(100));
    }

    [Theory]
    [InlineData("serval")]
    [InlineData("default")]
    [Covers("MSP-034")]
    public void Silence_of_1500_ms_is_broken(string profile)
    {
        bench.Connected(profile == "serval" ? MspProfile.Serval : MspProfile.Default);
        Assert.Equal([(1500.0, "00ffff"), (3000.0, "00ffff")], bench.WaitTimed(3000));
        bench.In("00ffff000061");
        bench.Read();
        Assert.Equal([(1.0, "020000"), (1501.0, "020000")], bench.WaitTimed(1600));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Covers("MSP-035", "MSP-059")]
    public void Ten_seconds_of_silence_end_it_without_a_packet(bool wasHeard)
    {
        var connection = wasHeard ? bench.Connected(MspProfile.Default) : bench.Connect(MspProfile.Default);
        bench.Send("a");
        bench.Wait(9_999);
        Assert.Equal(MspEnd.None, connection.End);
        Assert.Equal("", bench.Wait(1));
        Assert.Equal(MspEnd.TimedOut, connection.End);
        Assert.True(connection.States.HasFlag(MspStates.Closed | MspStates.Error));
        Assert.Equal([MspEventKind.Closed], bench.Kinds.Where(kind => kind != MspEventKind.Connected));
        Assert.Equal((1, 0), (connection.Sent, connection.Delivered));
        Assert.Equal("", bench.Wait(20_000));
    }

    [Fact]
    [Covers("MSP-036")]
    public void The_window_is_4_and_grows_by_one_for_each_acknowledged()
    {
        var connection = bench.Connected(MspProfile.Default);
        for (var i = 0; i < 100; i++)
            Assert.True(bench.Send("m"));
        Assert.Equal(4, bench.Out().Split(' ').Length);
        bench.In("020000");
        Assert.Equal(2, bench.Out().Split(' ').Length);
        bench.In("020300");
        Assert.Equal(6, bench.Out().Split(' ').Length);
        Assert.Equal(4, connection.Delivered);
    }

    [Fact]
    [Covers("MSP-036")]
    public void The_window_does_not_grow_unused()
    {
        bench.Connected(MspProfile.Default);
        for (var number = 0; number < 100; number++)
        {
            bench.Send("m");
            bench.Out();
            bench.In($"02{number:x2}00");
        }

        for (var i = 0; i < 100; i++)
            bench.Send("m");
        Assert.Equal(4, bench.Out().Split(' ').Length);
    }

    [Fact]
    [Covers("MSP-036", "MSP-037")]
    public void The_third_repeat_halves_the_window_and_sends_what_is_missing_and_each_partial_acknowledgement_the_next()
    {
        Fill(20); // numbers 44 to 63 under way, or so
        var next = Under();
        // 44 and 47 are lost.
        var repeat = $"02{next - 1:x2}00";
        bench.In(repeat);
        bench.In(repeat);
        var limited = bench.Out(); // two that have arrived make room for two
        Assert.Equal(2, limited.Split(' ').Length);
        bench.In(repeat);
        Assert.StartsWith($"00ffff{next:x2}00", bench.Out(), StringComparison.Ordinal);
        Assert.Equal(1, bench.Endpoint.Counters.Retransmissions);
        bench.In(repeat);
        Assert.Equal(1, bench.Endpoint.Counters.Retransmissions);
        bench.In($"02{next + 2:x2}00");
        Assert.StartsWith($"00ffff{next + 3:x2}00", bench.Out(), StringComparison.Ordinal);
        Assert.Equal(2, bench.Endpoint.Counters.Retransmissions);
        // All that was under way then: over, and the window is half of what was.
        bench.In($"02{next + 21:x2}00");
        bench.Out();
        bench.In($"02{next + 21:x2}00");
        Assert.Equal(2, bench.Endpoint.Counters.Retransmissions);
    }

    [Fact]
    [Covers("MSP-037")]
    public void Repeats_that_ride_on_data_are_none()
    {
        Fill(20);
        var next = Under();
        for (var number = 0; number < 6; number++)
            bench.In($"02{next - 1:x2}00{number:x2}0078");
        bench.Out();
        Assert.Equal(0, bench.Endpoint.Counters.Retransmissions);
    }

    [Fact]
    [Covers("MSP-038", "MSP-039")]
    public void PTO_follows_the_round_trip_and_doubles_and_leaves_a_window_of_one()
    {
        bench.Connected(MspProfile.Default);
        // A sample of 40 ms: 40 + 4 · 20 + 5.
        bench.Send("a");
        bench.Out();
        bench.Wait(40);
        bench.In("020000");
        Assert.Equal(40, bench.Connection.RoundTrip.TotalMilliseconds);
        bench.Send("b");
        bench.Send("c");
        Assert.Equal("00ffff010062 00ffff020063", bench.Out());
        Assert.Equal([(125.0, "00ffff010062"), (375.0, "00ffff010062"), (875.0, "00ffff010062")], bench.WaitTimed(1000));
        // The answer to a packet that was sent twice tells no time; the window grows again from one.
        bench.In("020100");
        Assert.Equal(40, bench.Connection.RoundTrip.TotalMilliseconds);
        Assert.Equal("00ffff020063", bench.Out());
        bench.In("020200");
        Assert.Equal(40, bench.Connection.RoundTrip.TotalMilliseconds);
        Assert.Equal(3, bench.Connection.Delivered);
    }

    [Fact]
    [Covers("MSP-038")]
    public void Without_a_sample_PTO_is_333_ms_and_it_doubles_to_500_ms()
    {
        bench.Connected(MspProfile.Default);
        bench.Send("a");
        var times = new List<double>();
        for (var second = 0; second < 12; second++)
        {
            times.AddRange(bench.WaitTimed(1000).Where(left => left.Packet == "00ffff000061").Select(left => left.After + (second * 1000)));
            bench.In("00ffff");
        }

        var waits = times.Zip(times.Skip(1), (one, next) => Math.Round(next - one)).ToList();
        Assert.Equal(333, waits[0]);
        Assert.InRange(waits.Count, 23, 24);
        Assert.All(waits.Skip(1), wait => Assert.Equal(500, wait));
    }

    [Fact]
    [Covers("MSP-040")]
    public void About_31500_new_packets_leave_in_any_ten_seconds_and_not_more()
    {
        bench.Connected(MspProfile.Default);
        var sent = 0;
        var most = 0;
        var batches = new Queue<(Instant At, int Count)>();
        for (var step = 0; step < 15_000; step++)
        {
            while (bench.Send("m"))
            {
            }

            var count = bench.WaitTimed(1).Count(left => left.Packet.Length == 12);
            sent += count;
            batches.Enqueue((bench.Now, count));
            while (bench.Now - batches.Peek().At > TimeSpan.FromSeconds(10))
                batches.Dequeue();
            most = Math.Max(most, batches.Sum(batch => batch.Count));
            var acknowledged = (ushort)(sent - 1);
            bench.In($"02{acknowledged & 255:x2}{acknowledged >> 8:x2}");
        }

        Assert.Equal(0, bench.Endpoint.Counters.Retransmissions);
        // With a window of 1,024 besides, the 16 bits suffice.
        Assert.InRange(most, 31_000, 31_600);
        Assert.True(most + Limits.MspWindowMax < 32_768);
        Assert.Equal(0, bench.Endpoint.Counters.BadAcks);
    }

    [Fact]
    [Covers("MSP-041")]
    public void A_FIRST_that_is_not_answered_is_repeated_after_PTO_and_at_last_twice_a_second()
    {
        bench.Connect(MspProfile.Default);
        Assert.Equal([10.0, 343.0, 843.0, 1343.0, 1843.0, 2343.0, 2843.0], bench.WaitTimed(3000).Select(left => left.After));
        using var serval = new MspBench();
        serval.Connect(MspProfile.Serval);
        Assert.Equal([10.0, 1510.0, 3010.0], serval.WaitTimed(4000).Select(left => left.After));
    }

    // So many packets under way after the window has grown to them, and more waiting.
    private void Fill(int window)
    {
        bench.Connected(MspProfile.Default);
        for (var i = 0; i < 200; i++)
            bench.Send("m");
        var acknowledged = 0;
        bench.Out();
        while (acknowledged < window - 4)
        {
            bench.In($"02{acknowledged++:x2}00");
            bench.Out();
        }
    }

    private int Under() => (int)bench.Connection.Delivered;
}
