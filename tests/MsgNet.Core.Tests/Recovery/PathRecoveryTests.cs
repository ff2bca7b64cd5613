using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Recovery;

public sealed class PathRecoveryTests
{
    private const uint Index = 7;
    private const int Size = 1200;
    private static readonly Instant Start = Instant.FromMicroseconds(1_000_000);
    private readonly PathRecovery recovery = new(Size);
    private readonly ReportBuilder reports = new();
    private ulong next;

    public PathRecoveryTests() => recovery.AddKey(Index);

    [Fact]
    [Covers("REC-021", "REC-033")]
    public void The_first_sample_starts_the_estimate()
    {
        Assert.Equal(TimeSpan.FromMilliseconds(333), recovery.ProbeTimeout);
        Send(Start, 1);
        // The first sample takes no delay off (RFC 9002 section 5.3).
        Assert.Equal(ReportOutcome.Accepted, Report(Start + Milliseconds(40), 4000, new ReportRange(0, 0)));

        Assert.Equal(Milliseconds(40), recovery.SmoothedRtt);
        Assert.Equal(Milliseconds(20), recovery.RttVariation);
        Assert.Equal(Milliseconds(40), recovery.MinRtt);
        Assert.Equal(Milliseconds(40 + 80 + 5), recovery.ProbeTimeout);
    }

    [Theory]
    [InlineData(48, 4000, 44)]
    [InlineData(48, 1_000_000, 43)]
    [InlineData(42, 4000, 42)]
    [Covers("REC-022")]
    public void A_claimed_delay_counts_up_to_five_milliseconds_and_not_below_the_minimum(int sample, ulong delay, int adjusted)
    {
        recovery.OnRoundTripSample(Start, Milliseconds(40));
        Send(Start, 1);
        Report(Start + Milliseconds(sample), delay, new ReportRange(0, 0));

        Assert.Equal(Milliseconds(sample), recovery.LatestRtt);
        Assert.Equal(Milliseconds(((7 * 40) + adjusted) / 8.0), recovery.SmoothedRtt);
        Assert.Equal(Milliseconds(((3 * 20) + Math.Abs(40 - adjusted)) / 4.0), recovery.RttVariation);
        Assert.Equal(Milliseconds(40), recovery.MinRtt);
    }

    [Fact]
    [Covers("REC-023")]
    public void The_handshake_gives_the_first_sample()
    {
        recovery.OnRoundTripSample(Start, Milliseconds(10));
        Assert.Equal(Milliseconds(10), recovery.SmoothedRtt);
        Assert.Equal(0, recovery.PacketsAcknowledged);
    }

    [Fact]
    [Covers("REC-021")]
    public void Only_a_new_eliciting_largest_measures_the_path()
    {
        Send(Start, 2);
        recovery.OnPacketSent(Start, Index, next++, 40, eliciting: false, appLimited: true);

        Assert.Equal(ReportOutcome.Accepted, Report(Start + Milliseconds(9), 0, new ReportRange(2, 2), new ReportRange(0, 0)));
        Assert.Equal(TimeSpan.Zero, recovery.LatestRtt);
        Report(Start + Milliseconds(11), 0, new ReportRange(0, 2));
        Assert.Equal(TimeSpan.Zero, recovery.LatestRtt);
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(60_000, 5000)]
    [Covers("REC-033")]
    public void The_probe_timeout_has_bounds(int rtt, int expected)
    {
        for (var i = 0; i < 100; i++)
            recovery.OnRoundTripSample(Start, Milliseconds(rtt));
        Assert.Equal(Milliseconds(expected), recovery.ProbeTimeout);
    }

    [Fact]
    [Covers("REC-031")]
    public void Three_packets_behind_is_lost_and_two_is_not()
    {
        recovery.OnRoundTripSample(Start, Milliseconds(40));
        Send(Start, 4);
        Report(Start + Milliseconds(20), 0, new ReportRange(2, 2));
        Assert.Equal(0, recovery.PacketsLost);

        Report(Start + Milliseconds(21), 0, new ReportRange(2, 3));
        Assert.Equal(1, recovery.PacketsLost);
        Assert.Equal(Size, recovery.BytesInFlight);
    }

    [Fact]
    [Covers("REC-031")]
    public void A_left_out_number_is_no_packet()
    {
        recovery.OnRoundTripSample(Start, Milliseconds(40));
        Send(Start, 1);
        recovery.OnNumberSkipped(Start, Index, next++);
        Send(Start, 2);

        Report(Start + Milliseconds(20), 0, new ReportRange(2, 3));
        Assert.Equal(0, recovery.PacketsLost);
        Send(Start + Milliseconds(20), 1);
        Report(Start + Milliseconds(21), 0, new ReportRange(2, 4));
        Assert.Equal(1, recovery.PacketsLost);
    }

    [Fact]
    [Covers("REC-032")]
    public void Behind_a_reported_packet_time_declares_the_loss()
    {
        recovery.OnRoundTripSample(Start, Milliseconds(40));
        Send(Start, 2);
        Report(Start + Milliseconds(40), 0, new ReportRange(1, 1));
        Assert.Equal(0, recovery.PacketsLost);
        Assert.Equal(Start + Milliseconds(45), recovery.NextTimer);

        recovery.OnTimer(Start + Milliseconds(45) - new TimeSpan(1));
        Assert.Equal(0, recovery.PacketsLost);
        recovery.OnTimer(Start + Milliseconds(45));
        Assert.Equal(1, recovery.PacketsLost);
        Assert.Equal(0, recovery.BytesInFlight);
        Assert.True(recovery.NextTimer.IsNever);
    }

    [Fact]
    [Covers("REC-038", "REC-053")]
    public void What_nobody_reports_expires_after_three_probe_timeouts()
    {
        Send(Start, 1);
        Assert.Equal(Start + Milliseconds(999), recovery.NextTimer);
        recovery.OnTimer(Start + Milliseconds(998));
        Assert.Equal(Size, recovery.BytesInFlight);

        recovery.OnTimer(Start + Milliseconds(999));
        Assert.Equal(0, recovery.BytesInFlight);
        Assert.Equal((1L, 0L), (recovery.PacketsExpired, recovery.PacketsLost));
        Assert.Equal(4 * Size, recovery.CongestionWindow);
    }

    [Fact]
    [Covers("REC-038")]
    public void An_expired_packet_behind_later_progress_leaves_the_window_alone()
    {
        recovery.AddKey(Index + 1);
        Send(Start, 1);
        recovery.OnPacketSent(Start + Milliseconds(1), Index + 1, 0, Size, eliciting: true, appLimited: true);
        reports.Give(recovery, Start + Milliseconds(41), Index + 1, 0, new ReportRange(0, 0));
        var window = recovery.CongestionWindow;

        recovery.OnTimer(recovery.NextTimer);

        Assert.Equal(1, recovery.PacketsExpired);
        Assert.Equal(window, recovery.CongestionWindow);
    }

    [Fact]
    [Covers("REC-039")]
    public void A_late_report_counts_as_spurious_and_changes_no_flight()
    {
        Send(Start, 4);
        Report(Start + Milliseconds(20), 0, new ReportRange(3, 3));
        Assert.Equal((1L, 2 * Size), (recovery.PacketsLost, (int)recovery.BytesInFlight));

        Assert.Equal(ReportOutcome.Accepted, Report(Start + Milliseconds(21), 0, new ReportRange(3, 3), new ReportRange(0, 0)));
        Assert.Equal((1L, 1L, 1L), (recovery.PacketsLost, recovery.PacketsSpurious, recovery.PacketsAcknowledged));
        Assert.Equal(2 * Size, recovery.BytesInFlight);
        Assert.Equal(ReportOutcome.NothingNew, Report(Start + Milliseconds(22), 0, new ReportRange(3, 3), new ReportRange(0, 0)));
        Assert.Equal(1, recovery.PacketsSpurious);
    }

    [Fact]
    public void A_path_that_became_slow_is_learnt_from_reports_of_expired_packets()
    {
        recovery.OnRoundTripSample(Start, Milliseconds(10));
        Send(Start, 1);
        recovery.OnTimer(recovery.NextTimer);
        Assert.Equal(1, recovery.PacketsExpired);

        Assert.Equal(ReportOutcome.Accepted, Report(Start + Milliseconds(2000), 0, new ReportRange(0, 0)));
        Assert.Equal(Milliseconds(2000), recovery.LatestRtt);
        Assert.True(recovery.ProbeTimeout > Milliseconds(500));
    }

    [Fact]
    [Covers("REC-003", "REC-011", "REC-012")]
    public void Lies_are_told_apart()
    {
        Send(Start, 3);
        recovery.OnNumberSkipped(Start, Index, next++);
        Send(Start, 1);

        Assert.Equal(ReportOutcome.UnknownKey, reports.Give(recovery, Start, Index + 1, 0, new ReportRange(0, 0)));
        Assert.Equal(ReportOutcome.NeverSent, Report(Start, 0, new ReportRange(5, 5)));
        Assert.Equal(ReportOutcome.NeverSent, Report(Start, 0, new ReportRange(0, Uvarint.ValueMax)));
        Assert.Equal(ReportOutcome.Skipped, Report(Start, 0, new ReportRange(3, 4)));
        Assert.Equal(4 * Size, recovery.BytesInFlight);
        Assert.Equal(ReportOutcome.Accepted, Report(Start, 0, new ReportRange(4, 4), new ReportRange(0, 2)));
        // The record is long gone, the lie is still one.
        Assert.Equal(ReportOutcome.Skipped, Report(Start, 0, new ReportRange(0, 4)));
    }

    [Fact]
    [Covers("REC-012")]
    public void The_newest_32_left_out_numbers_are_remembered()
    {
        for (var i = 0; i < 40; i++)
        {
            Send(Start, 1);
            recovery.OnNumberSkipped(Start, Index, next++);
        }

        for (var i = 8; i < 40; i++)
            Assert.Equal(ReportOutcome.Skipped, Report(Start, 0, new ReportRange((ulong)(2 * i) + 1, (ulong)(2 * i) + 1)));
    }

    [Fact]
    [Covers("REC-024", "REC-041")]
    public void Keys_share_one_flight_and_take_their_packets_along()
    {
        recovery.OnRoundTripSample(Start, Milliseconds(40));
        Send(Start, 3);
        recovery.AddKey(8);
        recovery.OnPacketSent(Start, 8, 0, 500, eliciting: true, appLimited: true);
        Assert.Equal((3 * Size) + 500, recovery.BytesInFlight);
        var window = recovery.CongestionWindow;

        recovery.RemoveKey(Index);
        Assert.Equal(500, recovery.BytesInFlight);
        Assert.Equal((3L, 0L), (recovery.PacketsExpired, recovery.PacketsLost));
        Assert.Equal(window, recovery.CongestionWindow);
        Assert.Equal(Milliseconds(40), recovery.SmoothedRtt);
        Assert.Equal(ReportOutcome.UnknownKey, Report(Start, 0, new ReportRange(0, 0)));
        Assert.Equal(ReportOutcome.Accepted, reports.Give(recovery, Start, 8, 0, new ReportRange(0, 0)));
        recovery.RemoveKey(99);
    }

    [Fact]
    public void Another_path_starts_afresh()
    {
        recovery.OnRoundTripSample(Start, Milliseconds(40));
        Send(Start, 3);
        recovery.OnPathChanged(1400);

        Assert.Equal((0L, 3L), (recovery.BytesInFlight, recovery.PacketsExpired));
        Assert.Equal((10 * 1400, 1400), (recovery.CongestionWindow, recovery.DatagramSize));
        Assert.Equal(Milliseconds(333), recovery.SmoothedRtt);
        Report(Start + Milliseconds(1), 0, new ReportRange(0, 1));
        Assert.Equal((0L, 0L), (recovery.PacketsAcknowledged, recovery.PacketsSpurious));
        Assert.Equal(TimeSpan.Zero, recovery.LatestRtt);
    }

    [Fact]
    public void The_oldest_unanswered_packet_is_known_until_something_arrives()
    {
        Assert.True(recovery.OldestUnanswered.IsNever);
        recovery.OnPacketSent(Start, Index, next++, 40, eliciting: false, appLimited: true);
        Assert.True(recovery.OldestUnanswered.IsNever);
        Send(Start + Milliseconds(1), 1);
        Send(Start + Milliseconds(2), 1);
        Assert.Equal(Start + Milliseconds(1), recovery.OldestUnanswered);
        recovery.OnPacketReceived();
        Assert.True(recovery.OldestUnanswered.IsNever);
        Send(Start + Milliseconds(3), 1);
        Assert.Equal(Start + Milliseconds(3), recovery.OldestUnanswered);
    }

    [Fact]
    [Covers("REC-051", "REC-052", "REC-053", "REC-060")]
    public void Ten_datagrams_open_a_path_and_a_full_window_closes_it()
    {
        recovery.OnPacketSent(Start, Index, next++, 40, eliciting: false, appLimited: false);
        for (var i = 0; i < 10; i++)
        {
            Assert.True(recovery.CanSend(Start, Size));
            Assert.Equal(Start, recovery.NextSend(Start));
            Send(Start, 1);
        }

        Assert.Equal(10 * Size, recovery.BytesInFlight);
        Assert.False(recovery.CanSend(Start, 1));
        Assert.True(recovery.NextSend(Start).IsNever);
        Report(Start + Milliseconds(40), 0, new ReportRange(1, 2));
        Assert.True(recovery.CanSend(Start + Milliseconds(40), Size));
    }

    [Fact]
    [Covers("REC-040")]
    public void A_full_table_closes_the_path_and_never_grows()
    {
        Send(Start, 10);
        var now = Start + Milliseconds(40);
        Report(now, 0, new ReportRange(0, 9));
        for (var i = 0; i < Limits.SentPacketsMax; i++)
        {
            Assert.True(i < Limits.SentPacketsMax - 1 || recovery.CanSend(now + Milliseconds(100), 1));
            recovery.OnPacketSent(now, Index, next++, 1, eliciting: true, appLimited: false);
        }

        Assert.True(recovery.BytesInFlight < recovery.CongestionWindow - Size);
        Assert.False(recovery.CanSend(now + Milliseconds(100), 1));
        Assert.True(recovery.NextSend(now + Milliseconds(100)).IsNever);

        recovery.OnPacketSent(now, Index, next++, 1, eliciting: true, appLimited: false);
        Assert.Equal((1L, Limits.SentPacketsMax), (recovery.PacketsExpired, (int)recovery.PacketsInFlight));
    }

    [Fact]
    public void Misuse_is_told_at_once()
    {
        Assert.Throws<ArgumentException>(() => new PathRecovery(1199));
        Assert.Throws<ArgumentException>(() => recovery.AddKey(Index));
        Assert.Throws<ArgumentException>(() => recovery.OnPacketSent(Start, Index, 1, Size, true, false));
        Assert.Throws<ArgumentException>(() => recovery.OnPacketSent(Start, 99, 0, Size, true, false));
        Assert.Throws<ArgumentException>(() => recovery.OnPacketSent(Start, Index, 0, 0, true, false));
        Assert.Throws<ArgumentException>(() => recovery.OnPacketSent(Start, Index, 0, 65_536, true, false));
        Assert.Throws<ArgumentException>(() => recovery.OnNumberSkipped(Start, Index, 1));
        for (var i = 1U; i < PathRecovery.KeysMax; i++)
            recovery.AddKey(Index + i);
        Assert.Throws<ArgumentException>(() => recovery.AddKey(1000));
    }

    private static TimeSpan Milliseconds(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private void Send(Instant now, int count)
    {
        for (; count > 0; count--)
            recovery.OnPacketSent(now, Index, next++, Size, eliciting: true, appLimited: false);
    }

    private ReportOutcome Report(Instant now, ulong delay, params ReadOnlySpan<ReportRange> ranges) =>
        reports.Give(recovery, now, Index, delay, ranges);
}
