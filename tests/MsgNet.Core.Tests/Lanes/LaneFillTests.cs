using MsgNet.Testing;

namespace MsgNet.Core.Tests.Lanes;

/// <summary>What filling a datagram costs where there are many lanes.</summary>
public sealed class LaneFillTests
{
    private readonly RawLane alice = new(side: 0);

    [Fact]
    [Covers("LANE-050")]
    public void A_datagram_that_is_full_is_offered_to_no_more_lanes()
    {
        var lanes = Enumerable.Range(0, 100)
            .Select(_ => alice.Table.Open(alice.Now, "/a", LaneKind.Ordered, allowEarly: true)!).ToArray();
        foreach (var lane in lanes)
            Assert.True(alice.Table.TrySend(alice.Now, lane, new byte[5_000]));
        Assert.Single(alice.Segments());
        Assert.Equal(0, lanes.Skip(1).Sum(lane => lane.Deficit));

        // A segment that was lost leaves too little for a new one: a few lanes are asked whether theirs fits.
        alice.Outcome(arrived: false, alice.Items);
        Assert.Single(alice.Segments(room: LanePair.FrameRoom + 100));
        Assert.Equal(8, lanes.Skip(1).Count(lane => lane.Deficit != 0));

        var seen = Enumerable.Range(0, 250).SelectMany(_ => alice.Segments()).Select(text => text.Split(' ')[0]);
        Assert.Equal(lanes.Length, seen.Distinct().Count());
    }
}
