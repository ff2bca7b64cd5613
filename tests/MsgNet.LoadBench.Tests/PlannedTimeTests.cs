using MsgNet.LoadBench.Measures;
using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Tests;

/// <summary>How long a run takes is known before.</summary>
public sealed class PlannedTimeTests
{
    [Fact]
    public void A_whole_run_leaves_the_other_parts_of_the_benchmarks_their_share_of_a_quarter_of_an_hour()
        => Assert.InRange(PlannedTime.Of(Plan.Full), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10));

    [Fact]
    public void A_whole_takes_as_long_as_its_kinds()
    {
        var kinds = Enum.GetValues<MeasureKind>();

        var sum = kinds.Aggregate(TimeSpan.Zero, (time, kind) => time + PlannedTime.Of(Plan.Full with { Kinds = [kind] }));

        Assert.Equal(PlannedTime.Of(Plan.Full), sum);
        Assert.All(kinds, kind => Assert.NotEqual(TimeSpan.Zero, PlannedTime.Of(Plan.Full with { Kinds = [kind] })));
    }

    [Fact]
    public void What_is_left_out_takes_no_time()
    {
        var links = Plan.Full with { Kinds = [MeasureKind.Link], Contestants = "MsgNet" };

        Assert.True(PlannedTime.Of(links with { Links = "20 ms, 1 %" }) < PlannedTime.Of(links) / 4);
        Assert.Equal(TimeSpan.Zero, PlannedTime.Of(links with { Links = "no such link" }));
        Assert.Equal(TimeSpan.Zero, PlannedTime.Of(links with { Contestants = "nobody" }));
        Assert.Equal(TimeSpan.Zero, PlannedTime.Of(Plan.Full with { Kinds = [MeasureKind.OneWay], Contestants = "nobody" }));
    }
}
