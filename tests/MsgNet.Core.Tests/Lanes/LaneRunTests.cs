using System.Text;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Lanes;

/// <summary>Messages that are taken together with the one before them in their segment.</summary>
public sealed class LaneRunTests
{
    private readonly RawLane bob = new(side: 1);
    private Lane lane = null!;

    public LaneRunTests() => bob.Host.IsDeaf = true;

    [Fact]
    [Covers("LANE-024", "LANE-031")]
    public void A_run_is_what_stands_behind_a_message_and_is_consumed_when_all_of_it_is()
    {
        Open(id: 0, RawLane.Init("/a", "a"), RawLane.Message("b"), RawLane.Message(""), RawLane.Message("d"));
        Assert.Equal(["a", "b", "", "d"], TakeRun(most: 10));
        Assert.False(bob.Table.TryPeek(lane, out _));
        for (var done = 1; done <= 4; done++)
        {
            Assert.Equal(0ul, lane.Machine.Consumed);
            bob.Table.Consume(bob.Now, lane, 0);
        }

        Assert.Equal(1ul, lane.Machine.Consumed);
        Assert.Throws<InvalidOperationException>(() => bob.Table.Consume(bob.Now, lane, 0));
    }

    [Theory]
    [Covers("LANE-024")]
    [InlineData(0)]
    [InlineData(2)]
    public void What_was_left_of_a_run_comes_next(ulong id)
    {
        Open(id, RawLane.Init("/a", "a"), RawLane.Message("b"), RawLane.Message("c"), RawLane.Message("d"));
        Assert.Equal(["a", "b"], TakeRun(most: 1));
        Assert.Equal(["c"], TakeRun(most: 0));
        Assert.Equal(["d"], TakeRun(most: 1));
        Assert.False(bob.Table.TryPeek(lane, out _));
    }

    [Fact]
    [Covers("LANE-021")]
    public void A_run_ends_before_a_request_a_part_and_the_end_of_the_segment()
    {
        Open(0, RawLane.Init("/a", "a"), RawLane.Message("b"), RawLane.Request(9, RawLane.Message("c")), RawLane.Message("d"));
        bob.Give(0, RawLane.Packet(MspFlags.First, 0xFFFF, 1, RawLane.Segment(2, RawLane.Message("e"), [3, 0])));
        bob.Give(0, RawLane.Packet(MspFlags.First, 0xFFFF, 2, RawLane.Segment(1, [1, (byte)'f'], RawLane.Message("g"))));
        Assert.Equal(["a", "b"], TakeRun(most: 10));
        Assert.True(bob.Table.TryPeek(lane, out var request));
        Assert.Equal(9ul, request.RequestId);
        Assert.Equal(["c", "d"], TakeRun(most: 10));
        Assert.Equal(["e"], TakeRun(most: 10));
        Assert.Equal(["f", "g"], TakeRun(most: 10));
        Assert.False(bob.Table.TryPeek(lane, out _));
    }

    [Theory]
    [Covers("LANE-012")]
    [InlineData("040001")]
    [InlineData("030002")]
    [InlineData("0300")]
    public void A_frame_that_may_not_stand_there_ends_the_run_and_then_the_lane(string frame)
    {
        Open(0, RawLane.Init("/a", "a"), RawLane.Message("b"), Convert.FromHexString(frame), RawLane.Message("d"));
        Assert.Equal(["a", "b"], TakeRun(most: 10));
        bob.Wait(0);
        bob.AssertBroken(0);
    }

    [Fact]
    [Covers("SEC-074")]
    public void A_run_does_not_hide_that_what_it_follows_came_early()
    {
        Open(0, RawLane.Init("/a", "a"));
        TakeRun(most: 0);
        bob.Give(0, RawLane.Packet(MspFlags.First, 0xFFFF, 2, RawLane.Segment(1, "late"u8.ToArray(), RawLane.Message("b"))));
        Assert.True(bob.Table.OnMsp(bob.Now, Early(1, RawLane.Segment(2, RawLane.Message("begun "))), early: true, bob.Host.Events));
        Assert.True(bob.Table.TryPeek(lane, out var joined));
        Assert.True(joined.Early);
        Assert.Equal(["begun late"], TakeRun(most: 10));
        Assert.True(bob.Table.TryPeek(lane, out var alone));
        Assert.False(alone.Early);
        Assert.Equal(["b"], TakeRun(most: 10));
    }

    [Fact]
    [Covers("LANE-042")]
    public void Streams_have_no_runs_and_neither_has_a_lane_that_waits_for_nothing()
    {
        Open(0, RawLane.Stream("/stream", "a"), RawLane.Message("b"));
        Assert.Equal(["a"], TakeRun(most: 10));
        Assert.Equal(["b"], TakeRun(most: 10));
        Assert.False(lane.Inbox.PeekFollowing().TryPeek(out _));
    }

    [Fact]
    [Covers("LANE-024")]
    public void A_run_of_another_segment_is_refused()
    {
        Open(0, RawLane.Init("/a", "a"), RawLane.Message("b"));
        bob.Give(0, RawLane.Data(1, RawLane.Message("c"), RawLane.Message("d")));
        var former = lane.Inbox.PeekFollowing();
        Assert.True(former.TryPeek(out _));
        former.Take();
        TakeRun(most: 10);
        try
        {
            bob.Table.Take(bob.Now, lane, former);
            Assert.Fail("It was taken.");
        }
        catch (InvalidOperationException error)
        {
            Assert.Contains("what was peeked last", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(["c", "d"], TakeRun(most: 10));
    }

    [Fact]
    [Covers("LANE-024")]
    public void Only_a_message_that_was_peeked_can_be_taken_and_once()
    {
        Open(0, RawLane.Init("/a", "a"), RawLane.Message("b"), RawLane.Request(9, RawLane.Message("c")));
        var following = lane.Inbox.PeekFollowing();
        AssertTakesNothing(ref following);
        Assert.True(following.TryPeek(out _));
        following.Take();
        AssertTakesNothing(ref following);
        Assert.False(following.TryPeek(out _)); // a request
        AssertTakesNothing(ref following);
        Assert.Equal(1, following.Taken);
    }

    private static void AssertTakesNothing(ref LaneRun following)
    {
        var before = following.Taken;
        try
        {
            following.Take();
        }
        catch (InvalidOperationException)
        {
            Assert.Equal(before, following.Taken);
            return;
        }

        Assert.Fail("It was taken.");
    }

    private static MspFrame Early(int sequence, byte[] segment)
    {
        byte[] body = [0, .. RawLane.Packet(MspFlags.First, 0xFFFF, sequence, segment)];
        Assert.True(MspFrame.TryParse(body, out var frame));
        return frame;
    }

    private void Open(ulong id, params byte[][] chunks)
    {
        bob.Give(id, RawLane.Data(0, chunks));
        lane = bob.Table.Find(id)!;
    }

    // The message that waits, and as many behind it.
    private string[] TakeRun(int most)
    {
        Assert.True(bob.Table.TryPeek(lane, out var message));
        var texts = new List<string> { Encoding.ASCII.GetString(message.Data) };
        var following = lane.Inbox.PeekFollowing();
        for (; following.Taken < most && following.TryPeek(out var next); following.Take())
            texts.Add(Encoding.ASCII.GetString(next));
        bob.Table.Take(bob.Now, lane, following);
        return [.. texts];
    }
}
