using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Recovery;

/// <summary>What becomes of what packets carried, and the probes for what nobody reports.</summary>
public sealed class PacketItemTests
{
    private const uint Index = 7;
    private const int Size = 1200;
    private static readonly Instant Start = Instant.FromMicroseconds(1_000_000);
    private static readonly PacketItem Window = new(PacketItemKind.Window, 4, 64);
    private static readonly PacketItem Ack = new(PacketItemKind.Ack, 4, 9);
    private readonly PathRecovery recovery = new(Size);
    private readonly ReportBuilder reports = new();
    private ulong next;

    public PacketItemTests()
    {
        recovery.AddKey(Index);
        recovery.OnRoundTripSample(Start, Milliseconds(40));
        for (var i = 0; i < 60; i++)
            recovery.OnRoundTripSample(Start, Milliseconds(40));
    }

    [Fact]
    public void Each_item_is_told_once_in_the_order_of_the_packet()
    {
        Send(Start, Segment(1), Window, Ack);
        Assert.Empty(Outcomes());
        Report(Start + Milliseconds(40), new ReportRange(0, 0));

        Assert.Equal([new(Segment(1), true), new(Window, true), new(Ack, true)], Outcomes());
        Report(Start + Milliseconds(41), new ReportRange(0, 0));
        Assert.Empty(Outcomes());
    }

    [Fact]
    [Covers("REC-031", "REC-039")]
    public void A_lost_packets_items_are_lost_and_stay_so_when_it_is_reported_late()
    {
        for (var i = 0UL; i < 4; i++)
            Send(Start, Segment(i));
        Report(Start + Milliseconds(40), new ReportRange(1, 3));
        Assert.Equal(
            [new(Segment(1), true), new(Segment(2), true), new(Segment(3), true), new(Segment(0), false)],
            Outcomes());

        Report(Start + Milliseconds(42), new ReportRange(0, 3));
        Assert.Equal(1, recovery.PacketsSpurious);
        Assert.Empty(Outcomes());
    }

    [Fact]
    [Covers("REC-038")]
    public void A_segment_waits_however_long_and_other_items_do_not()
    {
        Send(Start, Window);
        Send(Start, Segment(1));
        recovery.OnPacketSent(Start, Index, next++, Size, eliciting: true, appLimited: true);
        RunTimers(Start + TimeSpan.FromSeconds(60), probe: true);

        Assert.Equal([new(Window, false)], Outcomes());
        Assert.Equal(2, recovery.PacketsExpired);
        Assert.True(recovery.BytesInFlight >= Size);
    }

    [Fact]
    [Covers("REC-041")]
    public void A_removed_key_and_a_new_path_give_their_items_back_without_a_congestion_signal()
    {
        Send(Start, Segment(1), Window);
        var window = recovery.CongestionWindow;
        recovery.RemoveKey(Index);
        Assert.Equal([new(Segment(1), false), new(Window, false)], Outcomes());
        Assert.Equal((window, 0L, 0L), (recovery.CongestionWindow, recovery.BytesInFlight, recovery.PacketsLost));

        recovery.AddKey(Index);
        next = 0;
        Send(Start, Segment(2));
        recovery.OnPathChanged(Size);
        Assert.Equal([new(Segment(2), false)], Outcomes());
        Assert.Equal((0L, 0L), (recovery.BytesInFlight, recovery.PacketsLost));
        Assert.True(recovery.NextTimer.IsNever);
    }

    [Fact]
    [Covers("REC-033", "REC-034")]
    public void The_last_segment_is_probed_for_after_a_probe_timeout_and_then_ever_more_slowly()
    {
        Send(Start, Segment(1));
        Send(Start + Milliseconds(3), Segment(2));
        var due = Start + Milliseconds(3) + recovery.ProbeTimeout;
        Assert.Equal(due, recovery.NextTimer);
        recovery.OnTimer(due - new TimeSpan(1));
        Assert.False(recovery.IsProbeDue);

        var left = due;
        for (var sent = 1; sent < 12; sent++)
        {
            left = due;
            recovery.OnTimer(due);
            Assert.True(recovery.IsProbeDue);
            Send(due, Segment(1));
            Assert.False(recovery.IsProbeDue);
            var wait = recovery.ProbeTimeout * (1 << Math.Min(sent, 9));
            due += wait < TimeSpan.FromSeconds(5) ? wait : TimeSpan.FromSeconds(5);
            Assert.Equal(due, recovery.NextTimer);
        }

        // Progress makes the next wait a short one again; what lies far behind is lost by now.
        Report(left + Milliseconds(40), new ReportRange(0, next - 1));
        Send(due, Segment(3));
        Assert.Equal(due + recovery.ProbeTimeout, recovery.NextTimer);
    }

    [Fact]
    [Covers("REC-034")]
    public void Before_the_variation_has_settled_the_first_probe_does_not_wait_for_it()
    {
        var fresh = new PathRecovery(Size);
        fresh.AddKey(Index);
        fresh.OnRoundTripSample(Start, Milliseconds(40));
        fresh.OnPacketSent(Start, Index, 0, Size, eliciting: true, appLimited: true, [Segment(1)]);

        Assert.Equal(Milliseconds(40 + (4 * 20) + 5), fresh.ProbeTimeout);
        Assert.Equal(Start + Milliseconds((1.5 * 40) + 8), fresh.NextTimer);
    }

    [Fact]
    [Covers("REC-034")]
    public void Without_a_segment_in_flight_there_is_no_probe()
    {
        Send(Start, Window);
        recovery.OnPacketSent(Start, Index, next++, Size, eliciting: true, appLimited: true);
        Send(Start, Segment(1));
        Report(Start + Milliseconds(40), new ReportRange(2, 2));
        Assert.Equal(Start + (recovery.SmoothedRtt * 9 / 8), recovery.NextTimer);
        RunTimers(Start + TimeSpan.FromSeconds(9), probe: false);

        Assert.False(recovery.IsProbeDue);
        Assert.True(recovery.NextTimer.IsNever);
    }

    [Fact]
    [Covers("REC-034")]
    public void An_acknowledgement_is_a_probe_where_no_segment_is_left_to_send()
    {
        Send(Start, Segment(1));
        recovery.OnTimer(recovery.NextTimer);
        Assert.True(recovery.IsProbeDue);

        var now = Start + recovery.ProbeTimeout;
        Send(now, Window);

        Assert.False(recovery.IsProbeDue);
        Assert.Equal(now + (2 * recovery.ProbeTimeout), recovery.NextTimer);
    }

    [Fact]
    [Covers("REC-034", "REC-053")]
    public void A_probe_is_due_whatever_the_window_says_and_silence_closes_it_to_four()
    {
        for (var i = 0UL; recovery.CanSend(Start, Size); i++)
            Send(Start, Segment(i));
        recovery.OnTimer(recovery.NextTimer);
        Assert.True(recovery.IsProbeDue);
        Assert.False(recovery.CanSend(Start + TimeSpan.FromSeconds(1), Size));
        Assert.Equal(10 * Size, recovery.CongestionWindow);

        var now = Start + recovery.ProbeTimeout;
        Send(now, Segment(0));
        now = recovery.NextTimer;
        recovery.OnTimer(now);
        Assert.Equal(4 * Size, recovery.CongestionWindow);
        Assert.Equal(11 * Size, recovery.BytesInFlight);
        // The report of the probe tells of all the rest, and lets sending go on.
        Send(now, Segment(0));
        Report(now + Milliseconds(40), new ReportRange(next - 1, next - 1));
        Assert.Equal((0L, 11L), (recovery.BytesInFlight, recovery.PacketsLost));
        Assert.True(recovery.CanSend(now + Milliseconds(40), Size));
    }

    [Fact]
    [Covers("REC-045")]
    public void Segments_nobody_probes_for_do_not_hold_the_window()
    {
        Send(Start, Segment(1));
        recovery.OnTimer(recovery.NextTimer);
        var due = recovery.NextTimer;
        Assert.Equal(Start + (2 * recovery.ProbeTimeout), due);
        recovery.OnTimer(due - new TimeSpan(1));
        Assert.Empty(Outcomes());
        recovery.OnTimer(due);

        Assert.Equal([new(Segment(1), false)], Outcomes());
        Assert.Equal((0L, 0L, 1L), (recovery.BytesInFlight, recovery.PacketsLost, recovery.PacketsExpired));
        Assert.False(recovery.IsProbeDue);
        Assert.True(recovery.NextTimer.IsNever);
    }

    [Fact]
    [Covers("REC-046", "REC-034")]
    public void A_segment_under_a_key_that_the_peer_dropped_is_not_probed_for_for_ever()
    {
        const uint Newer = 8;
        Send(Start, Segment(1));
        recovery.AddKey(Newer);
        var probes = 0UL;
        while (recovery.NextTimer <= Start + TimeSpan.FromSeconds(60))
        {
            var now = recovery.NextTimer;
            recovery.OnTimer(now);
            if (!recovery.IsProbeDue)
                continue;

            // Each is reported, and so begins anew what would have become slower.
            recovery.OnPacketSent(now, Newer, probes, Size, eliciting: true, appLimited: true, [Ack]);
            reports.Give(recovery, now + Milliseconds(40), Newer, 0, new ReportRange(probes, probes));
            probes++;
        }

        Assert.InRange(probes, 1ul, 4ul);
        Assert.Contains(new PacketOutcome(Segment(1), Arrived: false), Outcomes());
        Assert.Equal((0L, 0L, 1L), (recovery.BytesInFlight, recovery.PacketsLost, recovery.PacketsExpired));
    }

    [Fact]
    [Covers("REC-046")]
    public void The_first_report_under_newer_keys_tells_of_what_was_long_unreported_under_older_ones()
    {
        const uint Newer = 8;
        Send(Start, Segment(1));
        Send(Start, Segment(2), Window);
        recovery.AddKey(Newer);
        Send(Start + Milliseconds(1), Segment(3)); // its report may be on its way
        recovery.OnPacketSent(Start + Milliseconds(40), Newer, 0, Size, eliciting: true, appLimited: true, [Segment(4)]);
        reports.Give(recovery, Start + Milliseconds(80), Newer, 0, new ReportRange(0, 0));

        Assert.Equal([new(Segment(4), true), new(Segment(1), false), new(Segment(2), false), new(Window, false)], Outcomes());
        Assert.Equal((Size, 0L, 2L), (recovery.BytesInFlight, recovery.PacketsLost, recovery.PacketsExpired));
    }

    [Fact]
    [Covers("REC-047")]
    public void After_two_large_probes_in_a_row_comes_a_small_one()
    {
        var isSmall = new List<bool>();
        SendSized(Start, 1_472);
        while (isSmall.Count < 7)
        {
            recovery.OnTimer(recovery.NextTimer);
            isSmall.Add(recovery.IsSmallProbeDue);
            SendSized(recovery.NextTimer, recovery.IsSmallProbeDue ? Size : Size + 1);
            Assert.False(recovery.IsSmallProbeDue);
        }

        Assert.Equal([false, false, true, false, false, true, false], isSmall);
    }

    [Fact]
    [Covers("REC-047")]
    public void A_report_begins_anew_and_probes_that_every_path_carries_do_not_count()
    {
        SendSized(Start, 1_472);
        Probe(1_472);
        Probe(1_472);
        Report(recovery.NextTimer, new ReportRange(next - 1, next - 1));
        SendSized(recovery.NextTimer.IsNever ? Start + TimeSpan.FromSeconds(9) : recovery.NextTimer, 1_472);
        Probe(1_472);
        for (var i = 0; i < 9; i++)
            Probe(Size);

        void Probe(int size)
        {
            recovery.OnTimer(recovery.NextTimer);
            Assert.True(recovery.IsProbeDue);
            Assert.False(recovery.IsSmallProbeDue);
            SendSized(recovery.NextTimer, size);
        }
    }

    [Fact]
    [Covers("REC-040")]
    public void A_full_slab_of_items_closes_the_path_until_outcomes_are_taken()
    {
        Span<PacketItem> many = stackalloc PacketItem[PacketItems.Max];
        many.Fill(Window);
        for (var sent = 0; sent < Limits.SentItemsMax / PacketItems.Max; sent++)
        {
            Assert.True(recovery.CanSend(Start + Milliseconds(sent * 10), 1));
            recovery.OnPacketSent(Start + Milliseconds(sent * 10), Index, next++, 1, eliciting: true, appLimited: true, many);
        }

        var now = Start + TimeSpan.FromSeconds(60);
        Assert.False(recovery.CanSend(now, 1));
        Assert.True(recovery.NextSend(now).IsNever);
        Report(now, new ReportRange(next - 1, next - 1));
        Assert.False(recovery.CanSend(now, 1));
        // Two packets lie less than three behind the one reported.
        Assert.Equal(Limits.SentItemsMax - (2 * PacketItems.Max), Outcomes().Count);
        Assert.True(recovery.CanSend(now, 1));
    }

    [Fact]
    public void Items_on_a_packet_nobody_reports_are_misuse() => Assert.Throws<ArgumentException>(
        () => recovery.OnPacketSent(Start, Index, 0, Size, eliciting: false, appLimited: true, [Ack]));

    private static TimeSpan Milliseconds(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static PacketItem Segment(ulong number) => new(PacketItemKind.Segment, 4, number);

    private void SendSized(Instant now, int size) =>
        recovery.OnPacketSent(now, Index, next++, size, eliciting: true, appLimited: false, [Segment(1)]);

    private void Send(Instant now, params ReadOnlySpan<PacketItem> items) =>
        recovery.OnPacketSent(now, Index, next++, Size, eliciting: true, appLimited: false, items);

    private void Report(Instant now, ReportRange range) => reports.Give(recovery, now, Index, 0, range);

    private List<PacketOutcome> Outcomes()
    {
        var list = new List<PacketOutcome>();
        while (recovery.TryTakeOutcome(out var outcome))
            list.Add(outcome);
        return list;
    }

    private void RunTimers(Instant end, bool probe)
    {
        for (var i = 0; recovery.NextTimer <= end; i++)
        {
            Assert.True(i < 10_000, $"The timer does not rest: {recovery.NextTimer}.");
            var now = recovery.NextTimer;
            recovery.OnTimer(now);
            if (probe && recovery.IsProbeDue)
                Send(now, Segment(1));
        }
    }
}
