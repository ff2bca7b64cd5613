using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Frames that wait, and the runs they make up.</summary>
public class FrameQueueTests
{
    private static readonly TimeSpan Step = TimeSpan.FromTicks(Limits.QueueRunSpan.Ticks / 4);
    private readonly BufferPool pool = new(poison: true);
    private readonly OutgoingName chat = Name("/chat", 7);
    private readonly OutgoingName other = Name("/other", 8);
    private FrameQueue queue;
    private Instant now = Instant.FromMicroseconds(1_000_000);

    public FrameQueueTests() => queue = new FrameQueue(pool, Limits.QueueMessagesMax, Limits.QueueBytesMax);

    [Fact]
    [Covers("REC-064")]
    public void Messages_alike_are_one_run_for_a_millisecond()
    {
        Assert.True(Add(chat, 1));
        now += Step;
        Assert.True(Add(chat, 2));
        Assert.Equal((2, 1), (queue.Head.Count, queue.RunCount));

        Assert.True(Add(other, 3));
        Assert.True(Add(other, 4, allowEarly: false));
        Assert.True(Add(other, 5, alone: true));
        Assert.True(queue.TryEnqueueRequest(now, other, 1, 10));
        Assert.True(Add(other, 6));
        now += Limits.QueueRunSpan;
        Assert.True(Add(other, 7));
        Assert.Equal((8, 7), (queue.Count, queue.RunCount));
        Assert.Equal([1, 2, 3, 4, 5, -1, 6, 7], Drain());
        Assert.Equal((0, 0, 0), (queue.Count, queue.Bytes, pool.Outstanding));
    }

    [Fact]
    [Covers("REC-064")]
    public void It_takes_so_many_runs()
    {
        for (var i = 0; i < Limits.QueueRunsMax; i++)
            Assert.True(Add(i % 2 == 0 ? chat : other, i));

        Assert.False(queue.HasRoom(1));
        Assert.False(Add(chat, 1));
        Assert.False(queue.TryEnqueueRequest(now, chat, 1, 1));
        Assert.False(queue.IsHalfEmpty);
        Assert.Equal(0, Take());
        Assert.True(queue.HasRoom(1));
    }

    [Fact]
    public void What_goes_in_comes_out_in_order_however_it_grows_and_moves()
    {
        var random = new SeededRandom(1);
        var model = new Queue<int>();
        for (var i = 0; i < 20_000; i++)
        {
            if (random.NextUInt64() % 5 < (i % 2_000 < 1_000 ? 3UL : 2UL))
            {
                if (Add(random.NextUInt64() % 9 == 0 ? other : chat, i, padding: (int)(random.NextUInt64() % 200)))
                    model.Enqueue(i);
            }
            else if (model.Count > 0)
            {
                Assert.Equal(model.Dequeue(), Take());
            }

            Assert.Equal(model.Count, queue.Count);
            now += TimeSpan.FromMicroseconds(100);
        }

        Assert.Equal(model, Drain());
        Assert.Equal(0, pool.Outstanding);
    }

    [Fact]
    public void Clearing_gives_the_bytes_back()
    {
        for (var i = 0; i < 100; i++)
            Add(chat, i, padding: 300);
        Assert.Equal(100, queue.Clear());
        Assert.Equal((0, 0, 0), (queue.Count, queue.Bytes, pool.Outstanding));
        Assert.True(Add(chat, 5));
        Assert.Equal(5, Take());
    }

    [Fact]
    public void Queueing_allocates_nothing_in_the_steady_state()
    {
        var data = new byte[32];
        Round();
        Allocations.AssertNone(Round);

        void Round()
        {
            for (var i = 0; i < 1_000; i++)
                queue.TryEnqueue(now, i % 10 == 0 ? other : chat, data, allowEarly: true, alone: false);
            while (queue.Count > 0)
                queue.Remove(queue.Head.Count, queue.Head.Bytes);
        }
    }

    [Theory]
    [InlineData(7, 5, 0)]
    [InlineData(8, 5, 1)]
    [InlineData(23, 5, 2)]
    [InlineData(100, 5, 5)]
    [InlineData(100, 2, 2)]
    public void Frames_that_fit_are_counted(int room, int max, int count)
    {
        for (var i = 0; i < 5; i++)
            Add(chat, i); // eight bytes each, as they stand in a datagram
        Assert.Equal((count, 8 * count), ListedFrame.Fitting(queue.HeadFrames, room, max));
    }

    private static OutgoingName Name(string name, ushort number) =>
        new(name, System.Text.Encoding.ASCII.GetBytes(name), number, number);

    private bool Add(OutgoingName name, int value, bool allowEarly = true, bool alone = false, int padding = 0)
    {
        var data = new byte[4 + padding];
        BitConverter.TryWriteBytes(data, value);
        return queue.TryEnqueue(now, name, data, allowEarly, alone);
    }

    // The value of the next message, -1 for a request.
    private int Take()
    {
        if (queue.Head.RequestId != 0)
        {
            queue.Remove(1, queue.Head.Bytes);
            return -1;
        }

        var frame = ListedFrame.First(queue.HeadFrames);
        var bare = frame.Bare(queue.HeadFrames);
        Assert.Equal((byte)FrameType.Continuation, bare[0]);
        var value = BitConverter.ToInt32(bare[FrameSize.Continuation(0)..]);
        queue.Remove(1, frame.ListedLength);
        return value;
    }

    private List<int> Drain()
    {
        var all = new List<int>();
        while (queue.Count > 0)
            all.Add(Take());
        return all;
    }
}
