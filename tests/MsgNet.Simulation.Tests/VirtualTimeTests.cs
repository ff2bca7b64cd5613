using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Simulation.Tests;

public class VirtualTimeTests
{
    private readonly Simulation simulation = new(1, new SimulationOptions(), TestMessageHost.Create);

    [Fact]
    public void Events_happen_in_order_of_time_then_of_setting_each_followed_by_its_work()
    {
        var platform = simulation.AddHost().Platform;
        var log = new List<string>();
        Timer("c", 2);
        Timer("a", 1);
        Timer("b", 1);
        simulation.Run(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["a", "a1", "a2", "a11", "b", "b1", "b2", "b11"], log);
        simulation.Run(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["c", "c1", "c2", "c11"], log[8..]);

        void Timer(string name, int milliseconds) => platform.CreateTimer(() =>
        {
            log.Add(name);
            platform.Scheduler.Post(new Work(() =>
            {
                log.Add(name + "1");
                platform.Scheduler.Post(new Work(() => log.Add(name + "11")));
            }));
            platform.Scheduler.Post(new Work(() => log.Add(name + "2")));
        }).Set(Instant.FromMicroseconds(milliseconds * 1000));
    }

    [Fact]
    public void Timers_move_disarm_and_fire_once()
    {
        var platform = simulation.AddHost().Platform;
        var fired = new List<(int Name, double At)>();
        var timers = Enumerable.Range(0, 6).Select(CreateTimer).ToArray();
        Set(0, 5);
        Set(0, 9);
        Set(1, 9);
        Set(1, 2);
        Set(2, 3);
        timers[2].Set(Instant.Never);
        Set(3, 3);
        timers[3].Dispose();
        Set(3, 3);
        Set(4, 1);
        timers[4].Set(Instant.Never);
        Set(4, 6);
        Set(5, 4);
        Set(5, 8);
        Set(5, 6);
        simulation.Run(TimeSpan.FromSeconds(20));
        Assert.Equal([(1, 2.0), (4, 6.0), (5, 6.0), (0, 9.0)], fired);

        Set(0, 1);
        simulation.Run(TimeSpan.Zero);
        Assert.Equal((0, 20.0), fired[^1]);
        Assert.Equal(0, simulation.Queue.Count);

        IPlatformTimer CreateTimer(int name) => platform.CreateTimer(() => fired.Add((name, simulation.Now.TotalSeconds)));

        void Set(int timer, int seconds) => timers[timer].Set(Instant.FromMicroseconds(seconds * 1_000_000L));
    }

    [Fact]
    public void Time_moves_by_what_was_asked_even_when_nothing_happens()
    {
        simulation.Run(TimeSpan.FromHours(2));
        Assert.Equal(TimeSpan.FromHours(2), simulation.Now);
        Assert.Throws<ArgumentOutOfRangeException>(() => simulation.Run(TimeSpan.FromTicks(-1)));
    }

    [Fact]
    public void A_function_runs_in_virtual_time_on_one_thread()
    {
        var thread = Environment.CurrentManagedThreadId;
        var result = simulation.Run(async () =>
        {
            await simulation.Delay(TimeSpan.FromMinutes(10));
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            await Task.Yield();
            var both = Task.WhenAll(simulation.Delay(TimeSpan.FromMinutes(5)), simulation.Delay(TimeSpan.FromMinutes(7)));
            await both;
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            return simulation.Now;
        });
        Assert.Equal(TimeSpan.FromMinutes(17), result);
        Assert.NotEqual("SimulationContext", SynchronizationContext.Current?.GetType().Name);
    }

    [Fact]
    public void A_function_that_throws_fails_the_run_with_its_own_exception() =>
        Assert.Throws<DivideByZeroException>(() => simulation.Run(async () =>
        {
            await simulation.Delay(TimeSpan.FromSeconds(1));
            throw new DivideByZeroException();
        }));

    [Fact]
    public void A_function_that_waits_for_nothing_or_for_too_long_is_told()
    {
        var never = new TaskCompletionSource();
        var stuck = Assert.Throws<TimeoutException>(() => simulation.Run(() => never.Task));
        Assert.Contains("Nothing is left to happen", stuck.Message, StringComparison.Ordinal);
        var slow = Assert.Throws<TimeoutException>(() => simulation.Run(Hour, TimeSpan.FromSeconds(1)));
        Assert.Contains("00:00:01", slow.Message, StringComparison.Ordinal);

        Task Hour() => simulation.Delay(TimeSpan.FromHours(1));
    }

    [Fact]
    public void RunUntil_stops_at_the_moment_the_condition_holds()
    {
        var count = 0;
        var platform = simulation.AddHost().Platform;
        IPlatformTimer timer = null!;
        timer = platform.CreateTimer(() =>
        {
            count++;
            timer.Set(platform.Now + TimeSpan.FromSeconds(1));
        });
        timer.Set(Instant.Zero);
        Assert.True(simulation.RunUntil(() => count == 5, TimeSpan.FromMinutes(1)));
        Assert.Equal(TimeSpan.FromSeconds(4), simulation.Now);
        Assert.False(simulation.RunUntil(() => count == 50, TimeSpan.FromSeconds(10)));
        Assert.Equal(15, count);
    }

    [Fact]
    public void The_time_provider_drives_timeouts_and_periodic_timers()
    {
        var times = new List<int>();
        simulation.Run(async () =>
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(3.5), simulation.TimeProvider);
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), simulation.TimeProvider);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                while (await timer.WaitForNextTickAsync(limit.Token))
                    times.Add((int)simulation.Now.TotalSeconds);
            });
            Assert.Equal(TimeSpan.FromSeconds(3.5), simulation.Now);
            var pause = simulation.TimeProvider.GetElapsedTime(0);
            Assert.Equal(simulation.Now, pause);
            await Assert.ThrowsAsync<TimeoutException>(() =>
                new TaskCompletionSource().Task.WaitAsync(TimeSpan.FromSeconds(2), simulation.TimeProvider));
        });
        Assert.Equal([1, 2, 3], times);
        Assert.Equal(TimeSpan.FromSeconds(5.5), simulation.Now);
    }

    [Fact]
    public void Code_that_leaves_the_thread_fails_the_run()
    {
        var platform = simulation.AddHost().Platform;
        var refused = false;
        var error = Assert.Throws<InvalidOperationException>(() => simulation.Run(async () =>
        {
            var elsewhere = new TaskCompletionSource();
            var thread = new Thread(() =>
            {
                try
                {
                    platform.Scheduler.Post(new Work(() => { }));
                }
                catch (InvalidOperationException)
                {
                    refused = true;
                }

                elsewhere.SetResult();
            });
            var waiting = Wait(elsewhere.Task);
            thread.Start();
            thread.Join();
            await waiting;
        }));
        Assert.True(refused);
        Assert.Contains("another thread", error.Message, StringComparison.Ordinal);

        static async Task Wait(Task task) => await task;
    }

    [Fact]
    public void Running_inside_a_run_is_refused()
    {
        var error = Assert.Throws<InvalidOperationException>(() => simulation.Run(() =>
        {
            simulation.Run(TimeSpan.Zero);
            return Task.CompletedTask;
        }));
        Assert.Contains("await Delay", error.Message, StringComparison.Ordinal);
        simulation.Run(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Work_without_end_at_one_moment_is_noticed()
    {
        var platform = simulation.AddHost().Platform;
        Work again = null!;
        again = new Work(() => platform.Scheduler.Post(again));
        platform.Scheduler.Post(again);
        var error = Assert.Throws<InvalidOperationException>(() => simulation.Run(TimeSpan.FromSeconds(1)));
        Assert.Contains("time does not move", error.Message, StringComparison.Ordinal);
    }
}
