using MsgNet.Testing;

namespace MsgNet.Core.Tests.Lanes;

/// <summary>Lanes that their openers have forgotten.</summary>
public sealed class LaneForgottenTests
{
    private static readonly double Time = Limits.LaneForgottenTime.TotalMilliseconds;
    private readonly RawLane bob = new(side: 1);

    [Fact]
    [Covers("LANE-066")]
    public void A_message_lane_of_the_peer_is_forgotten_when_nothing_is_heard_for_180_s()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a", "x")));
        bob.Wait(1);
        bob.Wait(Time - 1_000);
        bob.Give(0, RawLane.Data(1, RawLane.Message("y")));
        bob.Wait(1);
        AcknowledgementsArrive();
        bob.Wait(Time - 2);
        Assert.Null(bob.EndOf(0));

        bob.Wait(2);
        Assert.Equal(LaneEnd.UnknownLane, bob.EndOf(0));
        Assert.Equal(["x", "y"], bob.Texts());
        Assert.Empty(bob.Control());
        Assert.Equal(0, bob.Table.Count);
        bob.Give(0, RawLane.Data(2, RawLane.Message("z")));
        Assert.Equal(["0 0803"], bob.Control());
    }

    [Fact]
    [Covers("LANE-066")]
    public void It_is_kept_while_a_handler_runs_and_180_s_longer()
    {
        bob.Host.HandlerTime = TimeSpan.FromMilliseconds(2.5 * Time);
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a", "x")));
        for (var i = 0; i < 34; i++)
        {
            bob.Wait(Time / 10);
            AcknowledgementsArrive();
        }

        Assert.Null(bob.EndOf(0));
        bob.Wait(Time / 5);
        Assert.Equal(LaneEnd.UnknownLane, bob.EndOf(0));
    }

    [Fact]
    [Covers("LANE-066")]
    public void It_is_kept_while_its_opener_may_wait_for_an_acknowledgement()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a", "x")));
        bob.Wait(Time + 1); // nothing can leave
        bob.Wait(Time + 1);
        Assert.Null(bob.EndOf(0));

        Assert.Single(bob.Control(riding: true)); // it has left, and was not reported
        var carried = bob.Items;
        bob.Wait(Time + 1);
        Assert.Null(bob.EndOf(0));

        bob.Outcome(arrived: true, carried);
        bob.Wait(Time + 1);
        Assert.Equal(LaneEnd.UnknownLane, bob.EndOf(0));
    }

    [Fact]
    [Covers("LANE-066")]
    public void It_is_kept_while_a_reply_is_not_acknowledged()
    {
        bob.Host.Answers = true;
        bob.Give(0, RawLane.Data(0, RawLane.Request(1, RawLane.Init("/a", "x"))));
        bob.Wait(1);
        Assert.Single(bob.Segments());
        bob.Outcome(arrived: true, bob.Items);
        for (var i = 0; i < 3; i++)
        {
            bob.Wait(Time + 1);
            AcknowledgementsArrive();
        }

        Assert.Null(bob.EndOf(0));

        bob.Give(0, (byte)MspFlags.Ack, 0, 0);
        AcknowledgementsArrive();
        bob.Wait(Time + 1);
        Assert.Equal(LaneEnd.UnknownLane, bob.EndOf(0));
    }

    [Fact]
    [Covers("LANE-066")]
    public void A_stream_and_a_lane_of_this_side_are_never_forgotten()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Stream("/stream", "x")));
        var lane = bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true)!;
        bob.Table.TrySend(bob.Now, lane, "x"u8);
        bob.Segments();
        for (var i = 0; i < 5; i++)
            bob.Wait(Time);
        Assert.Equal(2, bob.Table.Count);
        Assert.True(bob.Table.NeedsKeys);
    }

    [Fact]
    [Covers("LANE-064")]
    public void An_idle_message_lane_of_the_peer_needs_no_keys()
    {
        bob.Give(0, RawLane.Data(0, RawLane.Init("/a", "x")));
        bob.Wait(1);
        bob.Control(riding: true);
        Assert.False(bob.Table.NeedsKeys);
        bob.Give(4, RawLane.Data(0, RawLane.Stream("/stream", "x")));
        bob.Control(riding: true);
        Assert.True(bob.Table.NeedsKeys);
        bob.Give(4, 8, 0);
        Assert.False(bob.Table.NeedsKeys);
    }

    [Fact]
    [Covers("LANE-067")]
    public void Who_waits_for_an_acknowledgement_asks_every_15_s_and_not_after_it()
    {
        var ask = Limits.LaneAskTime.TotalMilliseconds;
        var lane = bob.Table.Open(bob.Now, "/a", LaneKind.Ordered, allowEarly: true)!;
        bob.Table.TrySend(bob.Now, lane, "x"u8);
        bob.Segments();
        bob.Outcome(arrived: true, bob.Items);
        for (var i = 0; i < 3; i++)
        {
            bob.Wait(ask - 1);
            Assert.False(bob.Table.HasWork);
            bob.Wait(1);
            Assert.True(bob.Table.HasWork);
            Assert.Equal(["1 window 16"], bob.Control());
            bob.Outcome(arrived: i > 0, bob.Items); // lost, it is not said again: the next one asks as well
            Assert.False(bob.Table.HasWork);
        }

        bob.Give(1, (byte)MspFlags.Ack, 0, 0);
        bob.Wait(ask - 1);
        Assert.False(bob.Table.HasWork);
        Assert.Equal(1UL, lane.Delivered);
    }

    private void AcknowledgementsArrive()
    {
        bob.Control(riding: true);
        bob.Outcome(arrived: true, bob.Items);
    }
}
