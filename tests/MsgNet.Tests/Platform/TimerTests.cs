using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Tests.Platform;

public class TimerTests
{
    [Fact]
    public void The_heap_gives_what_is_due_in_order_of_time_and_then_of_setting()
    {
        var heap = new TimerHeap<Entry>();
        var random = new Random(5);
        var model = new List<(long When, int Sequence, Entry Entry)>();
        for (var i = 0; i < 2_000; i++)
        {
            var entry = model.Count > 0 && random.Next(3) == 0 ? model[random.Next(model.Count)].Entry : new Entry();
            model.RemoveAll(item => item.Entry == entry);
            var when = random.Next(8) == 0 ? long.MaxValue : random.Next(100);
            heap.Set(entry, new Instant(when));
            if (when != long.MaxValue)
                model.Add((when, i, entry));
            Assert.Equal(model.Count, heap.Count);
        }

        foreach (var (when, _, entry) in model.OrderBy(item => item.When).ThenBy(item => item.Sequence))
        {
            Assert.Equal(new Instant(when), heap.Next);
            Assert.False(heap.TryPop(new Instant(when - 1), out _));
            Assert.True(heap.TryPop(new Instant(when), out var popped));
            Assert.Same(entry, popped);
            Assert.Equal(-1, popped.HeapIndex);
        }

        Assert.True(heap.Next.IsNever);
        Assert.False(heap.TryPop(Instant.Never, out _));
    }

    [Fact]
    public void Timers_fire_in_order_and_none_too_early()
    {
        using var done = new CountdownEvent(3);
        var fired = new List<(int Name, Instant At)>();
        var platform = SystemPlatform.Instance;
        using var first = platform.CreateTimer(() => Fire(1));
        using var second = platform.CreateTimer(() => Fire(2));
        using var third = platform.CreateTimer(() => Fire(3));
        var now = platform.Now;

        third.Set(now + TimeSpan.FromMilliseconds(30));
        second.Set(now + TimeSpan.FromMilliseconds(20));
        first.Set(now + TimeSpan.FromMilliseconds(10));

        Assert.True(done.Wait(TimeSpan.FromSeconds(10)));
        Assert.Equal([1, 2, 3], fired.Select(item => item.Name));
        Assert.All(fired, item => Assert.True(item.At >= now + TimeSpan.FromMilliseconds(10 * item.Name)));

        void Fire(int name)
        {
            fired.Add((name, platform.Now));
            done.Signal();
        }
    }

    [Fact]
    public void Setting_again_replaces_and_disposing_disarms()
    {
        using var done = new ManualResetEventSlim();
        var calls = 0;
        var platform = SystemPlatform.Instance;
        using var moved = platform.CreateTimer(() => Interlocked.Increment(ref calls));
        using var disarmed = platform.CreateTimer(() => Interlocked.Add(ref calls, 100));
        var disposed = platform.CreateTimer(() => Interlocked.Add(ref calls, 10_000));
        using var last = platform.CreateTimer(done.Set);
        var now = platform.Now;

        disarmed.Set(now);
        disarmed.Set(now + TimeSpan.FromMinutes(1));
        disarmed.Set(Instant.Never);
        moved.Set(now + TimeSpan.FromMinutes(5));
        moved.Set(now + TimeSpan.FromMilliseconds(2));
        disposed.Set(now + TimeSpan.FromMinutes(5));
        disposed.Dispose();
        disposed.Set(now);
        last.Set(now + TimeSpan.FromMilliseconds(5));

        Assert.True(done.Wait(TimeSpan.FromSeconds(10)));
        Assert.Equal(1, calls % 100);
        Assert.Equal(0, calls / 10_000);
    }

    private sealed class Entry : IHeapEntry
    {
        public int HeapIndex { get; set; } = -1;
    }
}
