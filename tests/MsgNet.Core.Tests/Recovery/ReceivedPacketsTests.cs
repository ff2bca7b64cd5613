using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Recovery;

public sealed class ReceivedPacketsTests
{
    private const uint Index = 7;
    private static readonly Instant Start = Instant.FromMicroseconds(1_000_000);
    private ReceivedPackets received = new();
    private readonly byte[] buffer = new byte[1200];

    [Fact]
    [Covers("REC-009")]
    public void One_packet_in_order_is_reported_after_five_milliseconds()
    {
        received.OnReceived(Start, 0, eliciting: true);
        received.OnBatchEnd(Start);

        Assert.True(received.HasUnreported);
        Assert.Equal(Start + TimeSpan.FromMilliseconds(5), received.ReportDue);
        Report(Start);
        Assert.False(received.HasUnreported);
        Assert.True(received.ReportDue.IsNever);
    }

    [Fact]
    [Covers("REC-008", "REC-009")]
    public void Two_packets_are_reported_at_the_end_of_a_batch_and_not_before()
    {
        var later = Start + TimeSpan.FromMilliseconds(1);
        received.OnReceived(Start, 0, eliciting: true);
        received.OnReceived(later, 1, eliciting: true);
        Assert.Equal(Start + TimeSpan.FromMilliseconds(5), received.ReportDue);

        received.OnBatchEnd(later);
        Assert.Equal(later, received.ReportDue);
    }

    [Fact]
    [Covers("REC-007")]
    public void A_gap_and_what_fills_it_are_reported_at_once()
    {
        received.OnReceived(Start, 0, eliciting: true);
        received.OnReceived(Start, 2, eliciting: true);
        Assert.Equal(Start, received.ReportDue);
        Assert.Equal([new(2, 2), new(0, 0)], Report(Start));

        var later = Start + TimeSpan.FromMilliseconds(1);
        received.OnReceived(later, 1, eliciting: true);
        Assert.Equal(later, received.ReportDue);
        Assert.Equal([new(0, 2)], Report(later));
    }

    [Fact]
    [Covers("REC-007")]
    public void A_first_packet_that_is_not_number_zero_left_a_gap()
    {
        received.OnReceived(Start, 1, eliciting: true);
        Assert.Equal(Start, received.ReportDue);
    }

    [Fact]
    [Covers("REC-006")]
    public void A_packet_that_elicits_nothing_is_remembered_but_causes_no_report()
    {
        received.OnReceived(Start, 0, eliciting: false);
        received.OnReceived(Start, 5, eliciting: false);
        received.OnBatchEnd(Start);

        Assert.True(received.ReportDue.IsNever);
        Assert.False(received.HasUnreported);
        Assert.Equal([new(5, 5), new(0, 0)], Report(Start));
    }

    [Fact]
    [Covers("REC-004")]
    public void The_delay_counts_from_the_largest_number()
    {
        received.OnReceived(Start, 3, eliciting: true);
        received.OnReceived(Start + TimeSpan.FromMilliseconds(2), 1, eliciting: true);

        var writer = new WireWriter(buffer);
        Assert.True(received.TryWriteReport(Start + TimeSpan.FromMilliseconds(3), Index, ref writer));
        Assert.True(ReportFrame.TryRead(writer.Written[2..], out var report));
        Assert.Equal(3000UL, report.DelayMicroseconds);
        Assert.Equal(Index, report.Index);
    }

    [Fact]
    [Covers("REC-005")]
    public void The_newest_33_ranges_are_kept()
    {
        for (var number = 0UL; number <= 200; number += 2)
            received.OnReceived(Start, number, eliciting: true);

        var ranges = Report(Start);
        Assert.Equal(33, ranges.Count);
        Assert.Equal(new ReportRange(200, 200), ranges[0]);
        Assert.Equal(new ReportRange(136, 136), ranges[^1]);
    }

    [Fact]
    public void A_gap_far_back_is_not_reported_for_ever()
    {
        received.OnReceived(Start, 0, eliciting: true);
        for (var number = 2UL; number < 2048; number++)
            received.OnReceived(Start, number, eliciting: true);
        Assert.Equal(2, Report(Start).Count);

        received.OnReceived(Start, 2048, eliciting: true);
        received.OnReceived(Start, 2049, eliciting: true);
        Assert.Equal([new(2, 2049)], Report(Start));
    }

    [Fact]
    public void Nothing_received_or_no_room_writes_nothing_and_changes_nothing()
    {
        var writer = new WireWriter(buffer);
        Assert.False(received.TryWriteReport(Start, Index, ref writer));

        received.OnReceived(Start, 0, eliciting: true);
        var small = new WireWriter(buffer.AsSpan(0, 9));
        Assert.False(received.TryWriteReport(Start, Index, ref small));
        Assert.Equal(0, small.Position);
        Assert.True(received.HasUnreported);
        var enough = new WireWriter(buffer.AsSpan(0, 10));
        Assert.True(received.TryWriteReport(Start, Index, ref enough));
    }

    [Fact]
    public void A_number_no_report_can_hold_is_ignored()
    {
        received.OnReceived(Start, ulong.MaxValue, eliciting: true);
        Assert.False(received.HasUnreported);
        received.OnReceived(Start, Uvarint.ValueMax, eliciting: true);
        Assert.Equal([new(Uvarint.ValueMax, Uvarint.ValueMax)], Report(Start));
    }

    [Fact]
    public void Random_arrivals_give_the_ranges_a_sorted_set_gives()
    {
        var random = new SeededRandom(11);
        for (var round = 0; round < 300; round++)
        {
            var subject = new ReceivedPackets();
            var model = new SortedSet<ulong>();
            var spread = random.NextInt32(20, 200);
            for (var i = 0; i < 60; i++)
            {
                var number = (ulong)random.NextInt32(0, spread);
                subject.OnReceived(Start, number, eliciting: true);
                model.Add(number);
            }

            var expected = RangesOf(model);
            // More than 33 ranges forget old ones as they come, so only then the model is no oracle.
            if (expected.Count <= 20)
                Assert.Equal(expected, Report(Start, ref subject));
        }
    }

    [Fact]
    public void Receiving_and_reporting_allocate_nothing()
    {
        var first = 0UL;
        Work();
        Allocations.AssertNone(Work);

        void Work()
        {
            first += 100_000;
            for (var number = first; number < first + 50_000; number++)
            {
                if (number % 7 == 3)
                    continue;
                received.OnReceived(Start, number, eliciting: true);
                received.OnBatchEnd(Start);
                var writer = new WireWriter(buffer);
                received.TryWriteReport(Start, Index, ref writer);
            }
        }
    }

    private static List<ReportRange> RangesOf(SortedSet<ulong> numbers)
    {
        var ranges = new List<ReportRange>();
        foreach (var number in numbers.Reverse())
        {
            if (ranges.Count > 0 && ranges[^1].Smallest == number + 1)
                ranges[^1] = ranges[^1] with { Smallest = number };
            else
                ranges.Add(new ReportRange(number, number));
        }

        return ranges;
    }

    private List<ReportRange> Report(Instant now) => Report(now, ref received);

    private List<ReportRange> Report(Instant now, ref ReceivedPackets subject)
    {
        var writer = new WireWriter(buffer);
        Assert.True(subject.TryWriteReport(now, Index, ref writer));
        var lengthSize = Uvarint.Read(writer.Written, out _);
        Assert.True(ReportFrame.TryRead(writer.Written[(lengthSize + 1)..], out var report));
        var ranges = new List<ReportRange>();
        foreach (var range in report)
            ranges.Add(range);
        return ranges;
    }
}
