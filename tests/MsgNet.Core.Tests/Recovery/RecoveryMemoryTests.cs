using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Recovery;

/// <summary>What recovery costs in memory.</summary>
public sealed class RecoveryMemoryTests
{
    private const uint Index = 7;
    private readonly ReportBuilder reports = new();

    [Fact]
    public void An_idle_path_stays_below_two_kibibytes()
    {
        var path = Idle();
        Allocations.AssertAtMost<byte>(2048, default, _ => path = Idle());
        Assert.Equal(4, path.PacketsSent);

        static PathRecovery Idle()
        {
            var path = new PathRecovery(1200);
            for (var key = 0U; key < 2; key++)
            {
                path.AddKey(key);
                path.OnPacketSent(Instant.Zero, key, 0, 100, eliciting: true, appLimited: true);
                path.OnPacketSent(Instant.Zero, key, 1, 100, eliciting: true, appLimited: true);
            }

            return path;
        }
    }

    [Fact]
    public void Sending_and_reporting_allocate_nothing()
    {
        var recovery = new PathRecovery(1200);
        recovery.AddKey(Index);
        var sent = 20_000;
        Transfer(recovery, 0, sent);
        Allocations.AssertNone(() => Transfer(recovery, sent, sent += 100_000));
        Assert.True(recovery.PacketsLost > 1000);
    }

    /// <summary>One packet each 100 µs; every 10th is lost; a report for each 2, after 20 ms.</summary>
    private void Transfer(PathRecovery recovery, int first, int end)
    {
        const int Behind = 200;
        Span<ReportRange> ranges = stackalloc ReportRange[4];
        Span<PacketItem> items = stackalloc PacketItem[3];
        for (var number = first; number < end; number++)
        {
            var now = Instant.FromMicroseconds(number * 100L);
            if (recovery.NextTimer <= now)
                recovery.OnTimer(now);
            for (var lane = 0; lane < items.Length; lane++)
                items[lane] = new PacketItem((PacketItemKind)lane, (ulong)lane, (ulong)number);
            recovery.OnPacketSent(now, Index, (ulong)number, 1200, eliciting: true, appLimited: false, items[..(number % 4)]);
            var reported = number - Behind;
            if (reported < 100 || reported % 2 == 0)
                continue;

            var decade = (ulong)(reported / 10 * 10);
            ranges[0] = new ReportRange(decade + 1, (ulong)reported);
            for (var i = 1; i < ranges.Length; i++)
                ranges[i] = new ReportRange(decade - (10 * (ulong)i) + 1, decade - (10 * (ulong)(i - 1)) - 1);
            reports.Give(recovery, now, Index, 0, ranges);
            while (recovery.TryTakeOutcome(out _))
            {
            }
        }
    }
}
