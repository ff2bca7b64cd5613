using MsgNet.Testing;

namespace MsgNet.Core.Tests.Recovery;

/// <summary>REPORTs that say again what was said before.</summary>
public sealed class RepeatedReportTests
{
    private const uint Index = 7;

    [Fact]
    [Covers("REC-048")]
    public void A_report_that_repeats_itself_takes_one_step_whatever_it_repeats()
    {
        const ulong Count = 16_000;
        var now = Instant.FromMicroseconds(1_000_000);
        var recovery = new PathRecovery(1200);
        var reports = new ReportBuilder();
        recovery.AddKey(Index);
        for (var number = 0UL; number < Count; number++)
            recovery.OnPacketSent(now, Index, number, 100, eliciting: true, appLimited: true);
        Assert.Equal(ReportOutcome.Accepted, reports.Give(recovery, now, Index, 0, new ReportRange(1, Count - 1)));

        var records = recovery.RecordsOf(Index);
        Assert.Equal(0UL, records.Base);
        foreach (var smallest in new ulong[] { 1, 2, 777, 9_000 })
        {
            // Each walk makes the jumps twice as long.
            for (var i = 0; i < 15; i++)
                Assert.Equal(ReportOutcome.NothingNew, reports.Give(recovery, now, Index, 0, new ReportRange(smallest, Count - 2)));
            Assert.Equal((int)(Count - smallest), records[smallest].SettledRun);
        }
    }

    [Theory]
    [Covers("REC-048", "REC-039")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Nothing_that_is_not_settled_is_passed_over(int seed)
    {
        const int Count = 3_000;
        var random = new Random(seed);
        var records = new SentPackets(Index);
        for (var i = 0; i < Count; i++)
            records.Add().State = SentState.InFlight;
        for (var i = 0; i < 20_000; i++)
        {
            var number = (ulong)random.Next(Count);
            if (random.Next(3) == 0)
            {
                records[number].State = SentState.Settled;
                continue;
            }

            var expected = number;
            while (expected < Count && records[expected].State == SentState.Settled)
                expected++;
            Assert.Equal(expected, records.SkipSettled(number));
        }
    }
}
