using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Recovery;

/// <summary>
/// What reliable traffic gets of a link of 100 Mbit/s, 20 ms each way, with a queue of one bandwidth-delay product (500 kB): measured over
/// ten seconds after the first two, retransmissions not counted.
/// </summary>
public sealed class GoodputTests
{
    private static readonly TimeSpan QueueDelayP95Max = TimeSpan.FromMilliseconds(25);

    [Theory]
    [InlineData(0, 0.93)]
    [InlineData(0.01, 0.88)]
    [InlineData(0.05, 0.75)]
    [InlineData(0.10, 0.60)]
    [Covers("REC-067")]
    public void Random_loss_leaves_the_link_filled_and_the_queue_short(double loss, double least)
    {
        var link = new LinkSimulator(LinkOptions.Usual with { Loss = loss }, 11);
        var flow = link.Add(Instant.Zero, reliable: true);
        link.RunFor(TimeSpan.FromSeconds(2));
        link.ResetQueueStatistics();
        var before = flow.BytesArrived;

        link.RunFor(TimeSpan.FromSeconds(10));

        var share = (flow.BytesArrived - before) / (10 * link.BytesPerSecond);
        Assert.True(share >= least, $"{share:P1}");
        Assert.True(link.QueueDelay(0.95) <= QueueDelayP95Max, $"{link.QueueDelay(0.95)}");
        // Nothing is sent twice that was not lost.
        Assert.True(flow.Duplicates <= 0.001 * flow.Recovery.PacketsSent, $"{flow.Duplicates}");
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(2, 0, 2)]
    [InlineData(2, 0.01, 3)]
    [Covers("REC-066", "REC-067")]
    public void Two_flows_share_evenly_and_keep_the_queue_short(int secondsApart, double loss, ulong seed)
    {
        var link = new LinkSimulator(LinkOptions.Usual with { Loss = loss }, seed);
        var one = link.Add(Instant.Zero, reliable: true);
        var two = link.Add(Instant.Zero + TimeSpan.FromSeconds(secondsApart), reliable: true);
        link.RunFor(TimeSpan.FromSeconds(secondsApart + 6));
        link.ResetQueueStatistics();
        var (before1, before2) = (one.BytesArrived, two.BytesArrived);

        link.RunFor(TimeSpan.FromSeconds(10));

        var (got1, got2) = (one.BytesArrived - before1, two.BytesArrived - before2);
        Assert.InRange((double)got1 / (got1 + got2), 0.40, 0.60);
        Assert.True(got1 + got2 >= 0.93 * 10 * link.BytesPerSecond);
        Assert.True(link.QueueDelay(0.95) <= QueueDelayP95Max, $"{link.QueueDelay(0.95)}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [Covers("REC-066")]
    public void A_newcomer_starts_without_filling_the_queue(ulong seed)
    {
        var link = new LinkSimulator(LinkOptions.Usual, seed);
        var first = link.Add(Instant.Zero, reliable: true);
        var second = link.Add(Instant.Zero + TimeSpan.FromSeconds(2), reliable: true);
        link.RunFor(TimeSpan.FromSeconds(2));
        link.ResetQueueStatistics();
        var before = first.Recovery.PacketsSent;
        link.RunFor(TimeSpan.FromSeconds(2));

        var sent = first.Recovery.PacketsSent - before + second.Recovery.PacketsSent;
        Assert.InRange(link.QueueDrops, 0, sent / 50);
        Assert.True(second.BytesArrived >= 0.15 * 2 * link.BytesPerSecond);
    }

    [Theory]
    [InlineData(20, 0)]
    [InlineData(20, 0.01)]
    [InlineData(1, 0.01)]
    [Covers("REC-044")]
    public void Jitter_of_ten_milliseconds_causes_few_needless_repetitions(int oneWay, double loss)
    {
        var options = new LinkOptions(100e6, TimeSpan.FromMilliseconds(oneWay), 500_000, loss) { Jitter = TimeSpan.FromMilliseconds(10) };
        var link = new LinkSimulator(options, 5);
        var flow = link.Add(Instant.Zero, reliable: true);

        link.RunFor(TimeSpan.FromSeconds(6));

        Assert.True(flow.Duplicates <= 0.01 * flow.Recovery.PacketsSent, $"{(double)flow.Duplicates / flow.Recovery.PacketsSent:P2}");
        Assert.True(flow.BytesArrived >= 0.85 * 6 * link.BytesPerSecond);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(100)]
    [Covers("REC-034")]
    public void A_lost_tail_is_repaired_within_two_round_trips(int oneWay)
    {
        var link = new LinkSimulator(new LinkOptions(100e6, TimeSpan.FromMilliseconds(oneWay), 500_000, 0), 6);
        var flow = link.Add(Instant.Zero, reliable: true);
        flow.IsSending = false;
        flow.Recovery.OnRoundTripSample(Instant.Zero, TimeSpan.FromMilliseconds(2 * oneWay)); // the handshake's
        var late = 0;
        for (var tail = 0; tail < 100; tail++)
        {
            var smoothed = flow.Recovery.SmoothedRtt;
            flow.SendTailLost(1 + (tail * 7 % 30));
            link.RunFor(TimeSpan.FromMilliseconds(100 + (8 * oneWay)));

            Assert.True(flow.Source!.IsComplete);
            if (flow.Source.DelayOf(flow.Source.Sent - 1) > (2 * smoothed) + TimeSpan.FromMilliseconds(10))
                late++;
        }

        Assert.InRange(late, 0, 1);
    }
}
