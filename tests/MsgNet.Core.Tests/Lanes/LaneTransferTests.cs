namespace MsgNet.Core.Tests.Lanes;

/// <summary>Messages and streams over lanes, with and without loss: all of them, once, whole, in order where that was asked for.</summary>
public sealed class LaneTransferTests
{
    [Theory]
    [InlineData(LaneKind.Ordered)]
    [InlineData(LaneKind.Unordered)]
    public void A_message_arrives_is_delivered_and_leaves_nothing_behind(LaneKind kind)
    {
        using var pair = new LanePair();
        var lane = pair.Alice.Open(pair.Now, "/a", kind);
        Assert.False(pair.Alice.Table.HasWork);
        Assert.True(pair.Alice.Table.TrySend(pair.Now, lane, "hello"u8));
        pair.RunUntilQuiet();
        Assert.Equal("hello"u8.ToArray(), Assert.Single(pair.Bob.Received()));
        Assert.Equal(1UL, lane.Sent);
        Assert.Equal(1UL, lane.Delivered);
        Assert.Equal(0, lane.BytesQueued);
        pair.Alice.Table.Shutdown(pair.Now, lane);
        pair.RunUntilQuiet();
        Assert.Equal(LaneEnd.Completed, pair.Alice.EndOf(lane));
        Assert.Equal(LaneEnd.Completed, pair.Bob.EndOf(pair.Bob.Messages[0].Lane));
        Assert.Equal(0, pair.Alice.Table.Count);
        Assert.Equal(0, pair.Bob.Table.Count);
    }

    [Theory]
    [InlineData(LaneKind.Ordered, 0)]
    [InlineData(LaneKind.Unordered, 0)]
    [InlineData(LaneKind.Ordered, 0.3)]
    [InlineData(LaneKind.Unordered, 0.3)]
    public void Messages_of_all_sizes_arrive_once_and_whole(LaneKind kind, double loss)
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            using var pair = new LanePair(seed) { Loss = loss, Repetition = loss, Jitter = TimeSpan.FromMilliseconds(loss * 30) };
            var random = new Random(seed);
            var lane = pair.Alice.Open(pair.Now, "/a", kind);
            var sent = new List<byte[]>();
            while (sent.Count < 300)
            {
                var message = new byte[random.Next(random.Next(10) == 0 ? 100_000 : random.Next(4) == 0 ? 3_000 : 200)];
                random.NextBytes(message);
                if (pair.Alice.Table.TrySend(pair.Now, lane, message))
                    sent.Add(message);
                else
                    pair.Step();
            }

            pair.RunUntilQuiet();
            var expected = sent.Select(Convert.ToHexString);
            var received = pair.Bob.Received().Select(Convert.ToHexString);
            Assert.Equal(300UL, lane.Delivered);
            if (kind == LaneKind.Ordered)
                Assert.Equal(expected, received);
            else
                Assert.Equal(expected.Order(), received.Order());
            Assert.True(loss == 0 || pair.Lost > 10);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public void A_stream_carries_bytes_both_ways_and_closes_each_way(double loss)
    {
        using var pair = new LanePair(7) { Loss = loss, Jitter = TimeSpan.FromMilliseconds(5) };
        var random = new Random(8);
        var lane = pair.Alice.Open(pair.Now, "/stream", LaneKind.Stream);
        Assert.True(pair.Alice.Table.TrySend(pair.Now, lane, default));
        pair.RunUntil(() => pair.Bob.Happened.Count > 0 || pair.Bob.Table.Count == 1);
        var theirs = pair.Bob.Table.Find(lane.Id)!;
        var there = new byte[500_000];
        var back = new byte[300_000];
        random.NextBytes(there);
        random.NextBytes(back);
        Send(pair, pair.Alice, lane, there, random);
        pair.Alice.Table.Shutdown(pair.Now, lane);
        pair.RunUntil(() => theirs.IsReadEnded && !pair.Bob.IsBusy);
        Send(pair, pair.Bob, theirs, back, random);
        pair.Bob.Table.Shutdown(pair.Now, theirs);
        pair.RunUntilQuiet();
        Assert.Equal(there, pair.Bob.Received().SelectMany(run => run));
        Assert.Equal(back, pair.Alice.Received().SelectMany(run => run));
        Assert.Equal(LaneEnd.Completed, pair.Alice.EndOf(lane));
        Assert.Equal(LaneEnd.Completed, pair.Bob.EndOf(theirs));
    }

    [Fact]
    public void A_request_is_answered_on_the_way_back_of_its_lane()
    {
        using var pair = new LanePair(3) { Loss = 0.2 };
        pair.Bob.Answers = true;
        var lane = pair.Alice.Open(pair.Now, "/a", LaneKind.Ordered);
        for (var id = 1UL; id <= 50; id++)
            Assert.True(pair.Alice.Table.TryRequest(pair.Now, lane, id, new byte[id * 50]));
        pair.RunUntilQuiet();
        Assert.Equal(50, pair.Alice.Replies.Count);
        Assert.All(pair.Alice.Replies, reply => Assert.Equal((int)reply.Id * 50, reply.Data.Length));
        pair.Alice.Table.Shutdown(pair.Now, lane);
        pair.RunUntilQuiet();
        Assert.Equal(LaneEnd.Completed, pair.Alice.EndOf(lane));
    }

    [Theory]
    [InlineData(LaneKind.Ordered)]
    [InlineData(LaneKind.Unordered)]
    public void The_largest_message_arrives_through_loss_and_memory_is_given_back(LaneKind kind)
    {
        var settings = new LaneSettings { MessageSizeMax = 16 << 20, ReceiveBudget = 64 << 20 };
        using var pair = new LanePair(5, settings) { Loss = 0.05, Rate = 40, Jitter = TimeSpan.FromMilliseconds(3) };
        var message = new byte[16 << 20];
        new Random(9).NextBytes(message);
        var lane = pair.Alice.Open(pair.Now, "/a", kind);
        Assert.True(pair.Alice.Table.TrySend(pair.Now, lane, message));
        Assert.True(pair.Alice.Table.TrySend(pair.Now, pair.Alice.Open(pair.Now, "/b", kind), "beside"u8));
        pair.RunUntilQuiet();
        Assert.Equal("beside"u8.ToArray(), pair.Bob.Received()[0]);
        Assert.True(message.AsSpan().SequenceEqual(pair.Bob.Received(pair.Bob.Table.Find(lane.Id))[0]));
        Assert.Equal(0, pair.Bob.Table.BytesReceived);
        Assert.Equal(0, lane.BytesQueued);
    }

    [Theory]
    [InlineData(LaneKind.Ordered)]
    [InlineData(LaneKind.Unordered)]
    public void A_slow_consumer_closes_its_lane_without_a_retransmission(LaneKind kind)
    {
        using var pair = new LanePair();
        pair.Bob.HandlerTime = TimeSpan.FromMilliseconds(200);
        var slow = pair.Alice.Open(pair.Now, "/a", kind);
        var fast = pair.Alice.Open(pair.Now, "/b", kind);
        for (var i = 0; i < 100; i++)
            Assert.True(pair.Alice.Table.TrySend(pair.Now, slow, new byte[1_100]));
        for (var i = 0; i < 16; i++)
            Assert.True(pair.Alice.Table.TrySend(pair.Now, fast, new byte[10]));
        pair.RunUntil(() => pair.Bob.Messages.Count >= 32);
        Assert.True(slow.Delivered < 100);
        pair.RunUntilQuiet();
        Assert.Equal(116, pair.Bob.Messages.Count);
        Assert.Equal((int)(slow.Machine.NextSequence + fast.Machine.NextSequence), pair.Alice.SegmentsWritten);
    }

    private static void Send(LanePair pair, LaneHost from, Lane lane, ReadOnlySpan<byte> bytes, Random random)
    {
        while (!bytes.IsEmpty)
        {
            var run = bytes[..Math.Min(bytes.Length, random.Next(1, 30_000))];
            while (!from.Table.TrySend(pair.Now, lane, run))
                pair.Step();
            bytes = bytes[run.Length..];
        }
    }
}
