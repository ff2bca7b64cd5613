using MsgNet.Core;
using MsgNet.Testing;
using Xunit.Abstractions;

namespace MsgNet.Simulation.Tests.Reliable;

/// <summary>How much of a link reliable messages use, and what they do to its queue: the real hosts, in virtual time.</summary>
public sealed class LinkTests(ITestOutputHelper output)
{
    // bench/RESULTS.md has ten seconds; three tell the same for a third of the work.
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan QueueMax = TimeSpan.FromMilliseconds(25);

    [Theory]
    [InlineData(0, 0.93)]
    [InlineData(0.01, 0.88)]
    [InlineData(0.05, 0.75)]
    [InlineData(0.10, 0.60)]
    public void A_lossy_link_is_used_and_its_queue_stays_short(double loss, double leastGoodput)
    {
        var figures = new LinkFlow(1, LinkFlow.Narrow(new LinkOptions { Loss = loss }), [CongestionControl.Model]).Run(Measured);

        output.WriteLine(figures.ToString());
        Assert.InRange(figures.Use, leastGoodput, 1);
        Assert.True(figures.QueueP99 <= QueueMax, figures.ToString());
    }

    [Theory]
    [InlineData(0, 150)]
    [InlineData(0.01, 100)]
    [InlineData(0.05, 80)]
    [InlineData(0.10, 60)]
    [Covers("LANE-033", "LANE-068")]
    public void A_fat_lossy_path_is_used(double loss, double leastMegabytesPerSecond)
    {
        var path = LinkFlow.Fat(TimeSpan.FromMilliseconds(20), loss);
        var figures = new LinkFlow(1, path, [CongestionControl.Model]).Run(TimeSpan.FromSeconds(1));

        output.WriteLine(figures.ToString());
        Assert.InRange(figures.Goodput / 1e6, leastMegabytesPerSecond, double.MaxValue);
        Assert.InRange(figures.SentPerDelivered, 0.99, 1.05 / (1 - loss));
    }

    [Fact]
    public void Two_hosts_share_a_link()
    {
        CongestionControl[] senders = [CongestionControl.Model, CongestionControl.Model];
        var figures = new LinkFlow(2, LinkFlow.Narrow(LinkOptions.Perfect), senders).Run(Measured);

        output.WriteLine(figures.ToString());
        Assert.InRange(figures.Use, 0.88, 1);
        Assert.InRange(figures.FirstShare, 0.4, 0.6);
    }

    [Fact]
    public void Jitter_is_not_taken_for_loss()
    {
        var jitter = new LinkOptions { Jitter = TimeSpan.FromMilliseconds(10) };
        var figures = new LinkFlow(3, LinkFlow.Narrow(jitter), [CongestionControl.Model]).Run(Measured);

        output.WriteLine(figures.ToString());
        Assert.True(figures.PacketsSent > 1_000, figures.ToString());
        Assert.InRange(figures.PacketsSpurious, 0, figures.PacketsSent / 100);
    }
}
