using MsgNet.Core;
using MsgNet.Core.Tests.Node;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Recovery;

/// <summary>Who asked for CUBIC gets it, on every path.</summary>
public sealed class CongestionChoiceTests
{
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(40);

    [Theory]
    [InlineData(CongestionControl.Model, 2.77)]
    [InlineData(CongestionControl.Cubic, 2.0)]
    [Covers("REC-059")]
    public void A_path_keeps_its_control_when_it_leads_elsewhere(CongestionControl control, double startGain)
    {
        var recovery = new PathRecovery(1200, control);
        recovery.OnRoundTripSample(Instant.Zero, RoundTrip);
        Assert.Equal(startGain * 10 * 1200 / 0.040, recovery.PacingRate, 1.0);

        recovery.OnPathChanged(1400);
        recovery.OnRoundTripSample(Instant.Zero, RoundTrip);
        Assert.Equal(startGain * 10 * 1400 / 0.040, recovery.PacingRate, 1.0);
    }

    [Theory]
    [InlineData(CongestionControl.Model, 2.77)]
    [InlineData(CongestionControl.Cubic, 2.0)]
    [Covers("REC-059")]
    public void A_node_s_paths_have_the_control_of_its_settings(CongestionControl control, double startGain)
    {
        var network = new NodeNetwork();
        var (a, b) = (network.Add("/p/1"), network.Add("/p/1"));
        a.Settings = a.Settings with { CongestionControl = control };
        a.Start();
        a.Handle("/p/1");
        network.Connect(a, b);

        var recovery = a.Peer(b).Sessions.Sending!.Path.Recovery;
        Assert.Equal(startGain * recovery.CongestionWindow / recovery.SmoothedRtt.TotalSeconds, recovery.PacingRate, 1.0);
    }

    [Fact]
    public void There_is_no_third_control()
    {
        Assert.Throws<ArgumentException>(() => new PathRecovery(1200, (CongestionControl)2));
        var network = new NodeNetwork();
        var node = network.Add();
        node.Settings = node.Settings with { CongestionControl = (CongestionControl)2 };
        Assert.Throws<ArgumentException>(node.Start);
    }
}
