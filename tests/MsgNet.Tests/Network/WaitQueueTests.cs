using MsgNet.Platform;
using MsgNet.Testing;

namespace MsgNet.Tests.Network;

public class WaitQueueTests
{
    private readonly Gate gate = new();
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
    public void A_waiter_can_move_to_another_queue_and_is_found_there_by_number()
    {
        var other = new WaitQueue(gate, scheduler);
        using var cancellation = new CancellationTokenSource();
        Task kept = null!, cancelled = null!;
        Locked(() =>
        {
            kept = queue.Wait(new PendingSend(new byte[] { 7 }, isTracked: true), CancellationToken.None).AsTask();
            cancelled = queue.Wait(new PendingSend(new byte[] { 8 }, isTracked: true), cancellation.Token).AsTask();
            Assert.Equal(7, queue.First.Rest[0].Span[0]);
            queue.First.OnTaken(1, 70);
            queue.MoveFirst(other);
            queue.First.OnTaken(1, 80);
            queue.MoveFirst(other);
            Assert.True(queue.IsEmpty);
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
    public void Who_sent_several_messages_is_released_with_the_last_of_them()
    {
        var send = new PendingSend(new ReadOnlyMemory<byte>[] { new byte[1], new byte[1], new byte[1] }, isTracked: true);
        Task wait = null!;
        Locked(() =>
        {
            wait = queue.Wait(send, CancellationToken.None).AsTask();
            queue.First.OnTaken(2, 11);
            Assert.False(queue.Release(9));
            Assert.False(queue.Release(12));
            Assert.True(queue.Release(11));
            queue.First.OnTaken(1, 12);
            Assert.True(queue.Release(12));
        });
        scheduler.Run();
        Assert.False(wait.IsCompleted);

        Locked(() => Assert.True(queue.Release(10)));
        scheduler.Run();
        Assert.True(wait.IsCompletedSuccessfully);
    }

    [Fact]
    [Covers("API-222")]
    public void A_wait_that_fails_says_how_many_were_accepted_and_none_fails_once_all_are()
    {
        var tasks = new Task[4];
        Locked(() =>
        {
            for (var taken = 0; taken < 3; taken++)
            {
                var send = new PendingSend(new ReadOnlyMemory<byte>[] { new byte[1], new byte[1] }, isTracked: false);
                send.OnTaken(taken, (ulong)taken);
                tasks[taken] = queue.Wait(send, CancellationToken.None).AsTask();
            }

            var tracked = new PendingSend(new byte[1], isTracked: true);
            tracked.OnTaken(1, 1);
            tasks[3] = queue.Wait(tracked, CancellationToken.None).AsTask();
            queue.FailAll(new MsgNetException("gone"));
        });
        scheduler.Run();

        Assert.Equal("gone", tasks[0].Exception!.InnerException!.Message);
        Assert.Equal(1, Assert.IsType<PartlySentException>(tasks[1].Exception!.InnerException).Accepted);
        Assert.True(tasks[2].IsCompletedSuccessfully);
        Assert.Equal("gone", tasks[3].Exception!.InnerException!.Message);
    }

    [Fact]
    public void Waiters_are_released_up_to_a_number_in_the_order_they_came()
    {
        Task[] waits = [];
        Locked(() => waits = [.. new ulong[] { 3, 5, 5, 9 }.Select(WaitFor)]);

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
            using (gate.Enter())
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

    private Task WaitFor(ulong number)
    {
        var send = new PendingSend(new byte[1], isTracked: true);
        send.OnTaken(1, number);
        return queue.Wait(send, CancellationToken.None).AsTask();
    }

    private Task Wait(CancellationToken cancellationToken = default)
    {
        using (gate.Enter())
            return queue.Wait(cancellationToken).AsTask();
    }

    private void Locked(Action action)
    {
        using (gate.Enter())
            action();
    }
}
