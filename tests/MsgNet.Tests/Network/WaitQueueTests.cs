using MsgNet.Platform;
using MsgNet.Testing;

namespace MsgNet.Tests.Network;

public class WaitQueueTests
{
    private readonly Lock gate = new();
    private readonly ManualScheduler scheduler = new();
    private readonly WaitQueue queue;

    public WaitQueueTests() => queue = new WaitQueue(gate, scheduler);

    [Fact]
    public void Waiters_are_released_in_order_and_only_on_the_scheduler()
    {
        var (first, second) = (Wait(), Wait());

        Locked(() => Assert.True(queue.ReleaseFirst()));
        Assert.False(first.IsCompleted);
        scheduler.Run();

        Assert.True(first.IsCompletedSuccessfully);
        Assert.False(second.IsCompleted);
        Locked(queue.ReleaseAll);
        scheduler.Run();
        Assert.True(second.IsCompletedSuccessfully);
        Assert.True(queue.IsEmpty);
        Locked(() => Assert.False(queue.ReleaseFirst()));
    }

    [Fact]
    public void A_continuation_runs_under_no_lock()
    {
        var held = true;
        _ = Wait().ContinueWith(
            _ => held = gate.IsHeldByCurrentThread,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

        Locked(queue.ReleaseAll);
        scheduler.Run();

        Assert.False(held);
    }

    [Fact]
    public void Cancelling_ends_that_wait_alone()
    {
        using var cancellation = new CancellationTokenSource();
        var (first, second) = (Wait(cancellation.Token), Wait());

        cancellation.Cancel();
        scheduler.Run();

        Assert.True(first.IsCanceled);
        Assert.False(second.IsCompleted);
        Locked(() => Assert.True(queue.ReleaseFirst()));
        scheduler.Run();
        Assert.True(second.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_cancelled_token_never_waits_and_a_late_one_does_nothing()
    {
        Assert.True(Wait(new CancellationToken(true)).IsCanceled);
        Assert.True(queue.IsEmpty);

        using var cancellation = new CancellationTokenSource();
        var wait = Wait(cancellation.Token);
        Locked(queue.ReleaseAll);
        cancellation.Cancel();
        scheduler.Run();
        Assert.True(wait.IsCompletedSuccessfully);
    }

    [Fact]
    public void FailAll_ends_every_wait_with_the_error()
    {
        var (first, second) = (Wait(), Wait());

        Locked(() => queue.FailAll(new MsgNetException("gone")));
        scheduler.Run();

        Assert.Equal("gone", first.Exception!.InnerException!.Message);
        Assert.Equal("gone", second.Exception!.InnerException!.Message);
    }

    [Fact]
    public void A_waiter_can_move_to_another_queue_and_is_found_there_by_key()
    {
        var other = new WaitQueue(gate, scheduler);
        using var cancellation = new CancellationTokenSource();
        Task kept = null!, cancelled = null!;
        Locked(() =>
        {
            kept = queue.Wait(new byte[] { 7 }, 1, CancellationToken.None).AsTask();
            cancelled = queue.Wait(new byte[] { 8 }, 0, cancellation.Token).AsTask();
            Assert.True(queue.TryPeek(out var data, out var key));
            Assert.Equal((7, 1UL), (data.Span[0], key));
            queue.MoveFirst(other, 70);
            queue.MoveFirst(other, 80);
            Assert.False(queue.TryPeek(out _, out _));
            Assert.False(other.Release(99));
        });

        cancellation.Cancel();
        Locked(() => Assert.True(other.Release(70)));
        Locked(() => Assert.False(other.Release(80)));
        scheduler.Run();

        Assert.True(kept.IsCompletedSuccessfully);
        Assert.True(cancelled.IsCanceled);
    }

    [Fact]
    public void Waiters_are_released_up_to_a_key_in_the_order_they_came()
    {
        Task[] waits = [];
        Locked(() => waits = [.. new ulong[] { 3, 5, 5, 9 }.Select(key => queue.Wait(key, CancellationToken.None).AsTask())]);

        Locked(() => queue.ReleaseUpTo(2));
        scheduler.Run();
        Assert.All(waits, wait => Assert.False(wait.IsCompleted));

        Locked(() => queue.ReleaseUpTo(8));
        scheduler.Run();
        Assert.Equal([true, true, true, false], waits.Select(wait => wait.IsCompletedSuccessfully));

        Locked(() => queue.ReleaseUpTo(9));
        scheduler.Run();
        Assert.True(waits[3].IsCompletedSuccessfully);
        Locked(() => Assert.True(queue.IsEmpty));
    }

    [Fact]
    public void Waiting_allocates_nothing_once_waiters_are_there_to_be_reused()
    {
        Round();

        // 1,000 rounds without reuse cost 100 kB and more.
        Allocations.AssertAtMost<byte>(20_000, default, _ =>
        {
            for (var i = 0; i < 1000; i++)
                Round();
        });

        void Round()
        {
            ValueTask wait;
            lock (gate)
            {
                wait = queue.Wait(CancellationToken.None);
                queue.ReleaseAll();
            }

            scheduler.Run();
            wait.GetAwaiter().GetResult();
        }
    }

    [Fact]
    public async Task Release_and_cancellation_may_race()
    {
        var pool = new WaitQueue(gate, SystemPlatform.Instance.Scheduler);
        for (var i = 0; i < 2000; i++)
        {
            using var cancellation = new CancellationTokenSource();
            Task wait = null!;
            Locked(() => wait = pool.Wait(cancellation.Token).AsTask());
            var release = Task.Run(() => Locked(pool.ReleaseAll));
            cancellation.Cancel();
            await release;

            // Either may win; exactly one does, and the waiter is fit for its next life.
            await Task.WhenAny(wait).WaitAsync(TimeSpan.FromSeconds(10));
            await wait.ContinueWith(_ => { }, TaskScheduler.Default);
            Assert.True(wait.IsCompletedSuccessfully || wait.IsCanceled);
            Assert.True(pool.IsEmpty);
        }
    }

    private Task Wait(CancellationToken cancellationToken = default)
    {
        lock (gate)
            return queue.Wait(cancellationToken).AsTask();
    }

    private void Locked(Action action)
    {
        lock (gate)
            action();
    }
}
