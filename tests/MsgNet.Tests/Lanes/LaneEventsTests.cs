using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Tests.Lanes;

public sealed class LaneEventsTests
{
    [Fact]
    [Covers("API-171")]
    public void Too_many_lanes_names_both_limits_and_the_peer()
    {
        using var identity = Identity.Generate();
        var message = LaneEvents.TooManyLanes(identity.Id).Message;

        Assert.Contains($"{Limits.LanesPerSideMax} may be open", message, StringComparison.Ordinal);
        Assert.Contains($"{Limits.LanesKeptMax} with those", message, StringComparison.Ordinal);
        Assert.Contains(identity.Id.ToString(), message, StringComparison.Ordinal);
    }
}
