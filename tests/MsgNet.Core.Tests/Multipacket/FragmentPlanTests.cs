using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Multipacket;

public sealed class FragmentPlanTests
{
    private const int Room = Limits.DatagramSizeMin - Limits.SealOverhead;

    [Fact]
    [Covers("MP-051", "MP-052")]
    public void Every_plan_covers_the_frame_and_fits_the_datagram()
    {
        for (var length = FrameSize.LargestListed(Room) + 1; length <= FrameSize.Max; length += 7)
        {
            Assert.True(FragmentPlan.TryMake(16_384, length, Room, out var plan));
            Assert.InRange(plan.Count, FragmentFrame.CountMin, Limits.FragmentsMax);
            var end = 0;
            for (var i = 0; i < plan.Count; i++)
            {
                var (offset, pieceLength) = plan[i].GetOffsetAndLength(length);
                Assert.Equal(end, offset);
                Assert.True(i == plan.Count - 1 ? pieceLength >= 1 && pieceLength <= plan.PieceLength : pieceLength == plan.PieceLength);
                Assert.True(FrameSize.Listed(FrameSize.Fragment(16_384, pieceLength)) <= Room);
                end = offset + pieceLength;
            }

            Assert.Equal(length, end);
        }
    }

    [Fact]
    [Covers("MP-053")]
    public void Largest_message_fits_the_smallest_datagram_and_nothing_larger_is_planned()
    {
        Assert.True(FragmentPlan.TryMake(1, FrameSize.Max, Room, out _));
        Assert.False(FragmentPlan.TryMake(1, FrameSize.Max + 1, Room, out _));
        Assert.False(FragmentPlan.TryMake(1, 65 * 100, 106, out _));
        Assert.True(FragmentPlan.TryMake(1, 64 * 101, 106, out _));
        Assert.False(FragmentPlan.TryMake(1, 10, 5, out _));
        Assert.False(FragmentPlan.TryMake(1, 10, 0, out _));
    }

    [Fact]
    [Covers("MP-051")]
    public void Frame_that_fits_is_not_cut()
    {
        Assert.Throws<ArgumentException>(() => FragmentPlan.TryMake(1, FrameSize.LargestListed(Room), Room, out _));
        Assert.True(FragmentPlan.TryMake(1, FrameSize.LargestListed(Room) + 1, Room, out var plan));
        Assert.Throws<ArgumentOutOfRangeException>(() => plan[2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => plan[-1]);
    }
}
