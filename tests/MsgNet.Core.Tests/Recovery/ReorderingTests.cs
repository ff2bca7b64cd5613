using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Recovery;

/// <summary>Paths that do not keep the order of packets.</summary>
public sealed class ReorderingTests
{
    private const uint Index = 7;
    private const int Size = 1200;
    private readonly PathRecovery recovery = new(Size);
    private readonly ReportBuilder reports = new();
    private Instant now = Instant.FromMicroseconds(1_000_000);
    private ulong next;

    public ReorderingTests()
    {
        recovery.AddKey(Index);
        for (var i = 0; i < 60; i++)
            recovery.OnRoundTripSample(now, Milliseconds(40));
    }

    [Fact]
    [Covers("REC-031", "REC-032", "REC-044")]
    public void Once_reordering_was_seen_packets_behind_do_not_count_and_time_does()
    {
        SeeReordering();

        var lost = Send(5);
        now += Milliseconds(40);
        Report(new ReportRange(lost + 1, lost + 4));
        Assert.Equal(0, recovery.PacketsLost);
        Assert.Equal(now + Milliseconds(10), recovery.NextTimer);
        recovery.OnTimer(recovery.NextTimer);
        Assert.Equal(1, recovery.PacketsLost);
    }

    [Fact]
    [Covers("REC-044")]
    public void The_window_widens_to_what_a_late_packet_needed_and_at_most_to_a_round_trip()
    {
        SeeReordering();
        LoseAndReport(after: Milliseconds(72));
        Assert.Equal(1, recovery.PacketsSpurious);
        Assert.Equal(Milliseconds(72 - 40 + 5), Wait());

        LoseAndReport(after: Milliseconds(90));
        Assert.Equal(2, recovery.PacketsSpurious);
        Assert.Equal(recovery.SmoothedRtt, Wait());
    }

    [Fact]
    [Covers("REC-044")]
    public void After_sixteen_recoveries_the_window_narrows_and_closes()
    {
        LoseAndReport(after: Milliseconds(70));
        for (var recoveries = 0; recoveries < 16; recoveries++)
        {
            // One recovery however many are lost in it.
            var lost = Send(5);
            now += Milliseconds(40);
            Report(new ReportRange(lost + 3, lost + 4));
            Assert.Equal(now + Milliseconds(35), recovery.NextTimer);
            now = recovery.NextTimer;
            recovery.OnTimer(now);
            Assert.Equal(0, recovery.PacketsInFlight);
        }

        // Counting again.
        var lostBefore = recovery.PacketsLost;
        var last = Send(4);
        now += Milliseconds(40);
        Report(new ReportRange(last + 3, last + 3));
        Assert.Equal(lostBefore + 1, recovery.PacketsLost);
    }

    [Fact]
    [Covers("REC-044")]
    public void A_new_path_knows_nothing_of_the_old_ones_reordering()
    {
        SeeReordering();
        recovery.OnPathChanged(Size);
        recovery.OnRoundTripSample(now, Milliseconds(40));

        var lost = Send(4);
        now += Milliseconds(40);
        Report(new ReportRange(lost + 1, lost + 3));
        Assert.Equal(1, recovery.PacketsLost);
    }

    private static TimeSpan Milliseconds(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    // Two of a pair change places: too little to be taken as a loss.
    private void SeeReordering()
    {
        var first = Send(2);
        now += Milliseconds(40);
        Report(new ReportRange(first + 1, first + 1));
        Report(new ReportRange(first, first + 1));
        Assert.Equal((0L, 0L), (recovery.PacketsLost, recovery.PacketsInFlight));
    }

    private void LoseAndReport(TimeSpan after)
    {
        var first = Send(4);
        var sentAt = now;
        now += Milliseconds(40);
        Report(new ReportRange(first + 1, first + 3));
        if (recovery.PacketsInFlight > 0)
            recovery.OnTimer(recovery.NextTimer);
        Assert.Equal(0, recovery.PacketsInFlight);
        now = sentAt + after;
        Report(new ReportRange(first, first + 3));
    }

    // The wait beyond a round trip before a packet behind a reported one is lost.
    private TimeSpan Wait()
    {
        var first = Send(2);
        var sentAt = now;
        now += Milliseconds(40);
        Report(new ReportRange(first + 1, first + 1));
        var wait = recovery.NextTimer - sentAt - Milliseconds(40);
        Report(new ReportRange(first, first + 1));
        return wait;
    }

    private ulong Send(int count)
    {
        var first = next;
        for (; count > 0; count--)
            recovery.OnPacketSent(now, Index, next++, Size, eliciting: true, appLimited: false);
        return first;
    }

    private void Report(ReportRange range) => reports.Give(recovery, now, Index, 0, range);
}
