using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Recovery;

/// <summary>Whole transfers over simulated links.</summary>
public sealed class CongestionTests
{
    private static readonly TimeSpan Startup = TimeSpan.FromSeconds(1);

    [Fact]
    [Covers("REC-055")]
    public void A_clean_link_is_filled_and_its_queue_stays_short()
    {
        var link = new LinkSimulator(LinkOptions.Usual, 1);
        var flow = link.Add(Instant.Zero);
        link.RunFor(Startup);
        link.ResetQueueStatistics();

        var goodput = Goodput(link, flow, TimeSpan.FromSeconds(15));

        Assert.True(goodput >= 0.90 * link.BytesPerSecond, $"{goodput / link.BytesPerSecond:P1}");
        Assert.True(link.QueueDelayMax <= TimeSpan.FromMilliseconds(25), $"{link.QueueDelayMax}");
        Assert.Equal(0, link.QueueDrops);
        AssertBooks(flow);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.02)]
    [InlineData(0.05)]
    [InlineData(0.10)]
    [InlineData(0.20)]
    [Covers("REC-056")]
    public void Random_loss_costs_little_more_than_itself(double loss)
    {
        for (var seed = 1UL; seed <= 3; seed++)
        {
            var link = new LinkSimulator(LinkOptions.Usual with { Loss = loss }, seed);
            var flow = link.Add(Instant.Zero);
            link.RunFor(Startup);

            var goodput = Goodput(link, flow, TimeSpan.FromSeconds(15));

            var share = goodput / ((1 - loss) * link.BytesPerSecond);
            Assert.True(share >= 0.70, $"seed {seed}: {share:P1}");
            AssertBooks(flow);
        }
    }

    [Fact]
    [Covers("REC-056")]
    public void Two_percent_of_loss_leaves_four_fifths_of_a_slow_path()
    {
        var link = new LinkSimulator(new LinkOptions(10e6, TimeSpan.FromMilliseconds(15), 30_000, 0.02), 1);
        var flow = link.Add(Instant.Zero);

        Assert.True(Goodput(link, flow, TimeSpan.FromSeconds(20)) >= 0.80 * link.BytesPerSecond);
    }

    [Fact]
    [Covers("REC-057")]
    public void A_short_queue_is_enough_and_flight_stays_bounded()
    {
        var link = new LinkSimulator(new LinkOptions(10e6, TimeSpan.FromMilliseconds(15), 30_000, 0), 1);
        var flow = link.Add(Instant.Zero);
        link.RunFor(Startup);
        flow.ResetStatistics();

        var goodput = Goodput(link, flow, TimeSpan.FromSeconds(20));

        Assert.True(goodput >= 0.90 * link.BytesPerSecond, $"{goodput * 8 / 1e6:F2} Mbit/s");
        Assert.True(flow.BytesInFlightMax <= (2 * link.BytesPerSecond * 0.030) + (4 * SimulatedFlow.Datagram), $"{flow.BytesInFlightMax}");
    }

    [Fact]
    [Covers("REC-069")]
    public void On_a_fast_and_short_path_late_reports_are_allowed_for_by_half_a_mebibyte_at_most()
    {
        var link = new LinkSimulator(new LinkOptions(8e9, TimeSpan.FromMicroseconds(50), 50_000_000, 0), 1);
        var flow = link.Add(Instant.Zero);
        link.RunFor(TimeSpan.FromMilliseconds(100));

        // 5 ms of the rate are 5 MB; the path is 0.1 MB long, and a queue makes it look longer by half of that at the most.
        var product = link.BytesPerSecond * flow.Recovery.MinRtt.TotalSeconds;
        Assert.InRange(flow.Recovery.MinRtt, TimeSpan.FromMicroseconds(100), TimeSpan.FromMicroseconds(150));
        Assert.InRange(flow.Recovery.CongestionWindow, 512 * 1024, (long)(3 * product) + (512 * 1024) + (10 * SimulatedFlow.Datagram));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Two_flows_share_a_link(int secondsApart)
    {
        var link = new LinkSimulator(LinkOptions.Usual, 7);
        var one = link.Add(Instant.Zero);
        var two = link.Add(Instant.Zero + TimeSpan.FromSeconds(secondsApart));
        link.RunFor(TimeSpan.FromSeconds(15));
        var (before1, before2) = (one.BytesArrived, two.BytesArrived);

        link.RunFor(TimeSpan.FromSeconds(20));

        var (got1, got2) = (one.BytesArrived - before1, two.BytesArrived - before2);
        var share = (double)got1 / (got1 + got2);
        Assert.InRange(share, 0.30, 0.70);
        Assert.True(got1 + got2 >= 0.90 * link.BytesPerSecond * 20);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.05)]
    public void A_sender_with_little_to_say_never_waits(double loss)
    {
        var link = new LinkSimulator(LinkOptions.Usual with { Loss = loss }, 3);
        var flow = link.Add(Instant.Zero, TimeSpan.FromMilliseconds(20));

        link.RunFor(TimeSpan.FromSeconds(60));

        Assert.Equal(TimeSpan.Zero, flow.LongestWait);
        Assert.InRange(flow.Recovery.PacketsSent, 3000, 3001);
        AssertBooks(flow);
    }

    [Fact]
    [Covers("REC-038", "REC-053")]
    public void After_a_blackout_sending_resumes_and_nothing_stays_in_flight()
    {
        var link = new LinkSimulator(LinkOptions.Usual, 5);
        var flow = link.Add(Instant.Zero);
        link.RunFor(TimeSpan.FromSeconds(5));
        link.IsDark = true;
        link.RunFor(TimeSpan.FromSeconds(1));
        var sentInDark = flow.Recovery.PacketsSent;
        link.RunFor(TimeSpan.FromSeconds(4));
        // Minimum windows, one per 3 PTO of at least 10 ms, is all a silent path gets.
        Assert.InRange(flow.Recovery.PacketsSent - sentInDark, 4, 4 * 4000 / 30);
        link.IsDark = false;
        link.RunFor(Startup);

        var goodput = Goodput(link, flow, TimeSpan.FromSeconds(5));
        Assert.True(goodput >= 0.90 * link.BytesPerSecond, $"{goodput / link.BytesPerSecond:P1}");

        flow.IsSending = false;
        link.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal(0, flow.Recovery.BytesInFlight);
        Assert.True(flow.Recovery.NextTimer.IsNever);
        AssertBooks(flow);
    }

    [Fact]
    public void A_link_that_becomes_slow_is_not_flooded()
    {
        var link = new LinkSimulator(LinkOptions.Usual with { QueueBytes = 50_000 }, 9);
        var flow = link.Add(Instant.Zero);
        link.RunFor(TimeSpan.FromSeconds(5));
        link.Options = link.Options with { BitsPerSecond = 10e6 };
        link.RunFor(TimeSpan.FromSeconds(2));
        var (sent, lost) = (flow.Recovery.PacketsSent, flow.Recovery.PacketsLost);

        var goodput = Goodput(link, flow, TimeSpan.FromSeconds(10));

        var share = (double)(flow.Recovery.PacketsLost - lost) / (flow.Recovery.PacketsSent - sent);
        Assert.InRange(share, 0, 0.05);
        Assert.True(goodput >= 0.90 * link.BytesPerSecond, $"{goodput / link.BytesPerSecond:P1}");
    }

    [Fact]
    public void Loss_under_a_standing_queue_does_not_pass_for_random()
    {
        var link = new LinkSimulator(LinkOptions.Usual, 13);
        var flows = Enumerable.Range(0, 4).Select(i => link.Add(Instant.Zero + TimeSpan.FromMilliseconds(500 * i))).ToArray();
        link.RunFor(TimeSpan.FromSeconds(15));
        var sent = flows.Sum(flow => flow.Recovery.PacketsSent);
        var lost = flows.Sum(flow => flow.Recovery.PacketsLost);
        var arrived = flows.Select(flow => flow.BytesArrived).ToArray();

        link.RunFor(TimeSpan.FromSeconds(30));

        Assert.True(flows.Sum(flow => flow.Recovery.PacketsLost) - lost <= 0.03 * (flows.Sum(flow => flow.Recovery.PacketsSent) - sent));
        var total = flows.Sum(flow => flow.BytesArrived) - arrived.Sum();
        Assert.All(flows, flow => Assert.InRange((double)(flow.BytesArrived - arrived[flow.Id]) / total, 0.05, 0.60));
    }

    private static double Goodput(LinkSimulator link, SimulatedFlow flow, TimeSpan span)
    {
        var before = flow.BytesArrived;
        link.RunFor(span);
        return (flow.BytesArrived - before) / span.TotalSeconds;
    }

    private static void AssertBooks(SimulatedFlow flow)
    {
        var recovery = flow.Recovery;
        Assert.Equal(recovery.PacketsInFlight * SimulatedFlow.Datagram, recovery.BytesInFlight);
        Assert.True(recovery.PacketsInFlight >= 0);
    }
}
