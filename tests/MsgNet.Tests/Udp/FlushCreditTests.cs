using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Tests.Udp;

/// <summary>Who flushes.</summary>
public class FlushCreditTests
{
    private readonly ManualScheduler scheduler = new();
    private readonly FlushCredit credit;
    private Instant now = Instant.FromMicroseconds(1_000_000);
    private int runs;

    public FlushCreditTests() => credit = new FlushCredit(scheduler, () =>
    {
        runs++;
        credit!.OnRun();
    });

    [Fact]
    [Covers("API-224", "API-225")]
    public void Eight_callers_flush_and_then_one_work_item_does()
    {
        Assert.Equal(Limits.CallerFlushesMax, TakeAll(1_000));
        scheduler.Run();
        Assert.Equal(1, runs);

        // Nothing has come and no time has passed: the work item again.
        Assert.Equal(0, TakeAll(100));
        scheduler.Run();
        Assert.Equal(2, runs);
    }

    [Fact]
    [Covers("API-224")]
    public void Time_and_what_is_received_give_credit()
    {
        TakeAll(100);
        scheduler.Run();
        now += Limits.CallerFlushesInterval - TimeSpan.FromMicroseconds(1);
        Assert.Equal(0, TakeAll(10));
        scheduler.Run();
        now += TimeSpan.FromMicroseconds(1);
        Assert.Equal(Limits.CallerFlushesMax, TakeAll(10));
        scheduler.Run();
        credit.OnReceived();
        Assert.Equal(Limits.CallerFlushesMax, TakeAll(10));
    }

    [Fact]
    [Covers("API-225")]
    public void Until_the_work_item_has_run_it_does_all_but_what_is_too_much_for_it()
    {
        TakeAll(10);
        credit.OnReceived();
        now += Limits.CallerFlushesInterval;
        Assert.Equal(0, TakeAll(100)); // it will take these along
        Assert.Equal(3, TakeAll(3 * Limits.SendsLeftMax));
        scheduler.Run();
        Assert.Equal(1, runs);
    }

    private int TakeAll(int sends) => Enumerable.Range(0, sends).Count(_ => credit.TryTake(now));
}
