using MsgNet.Core;
using MsgNet.Core.Tests.Frames;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Multipacket;

public sealed class FragmentReassemblerTests
{
    private const int Room = Limits.DatagramSizeMin - Limits.SealOverhead;
    private readonly NodeCounters counters = new();
    private FragmentReassembler reassembler;

    public FragmentReassemblerTests() => reassembler = new FragmentReassembler(counters);

    private long Dropped => counters.Dropped(DropReason.Incomplete);

    [Theory]
    [InlineData(1167, 1)]
    [InlineData(2325, 2)]
    [InlineData(20_000, 3)]
    [InlineData(65_693, 4)]
    [Covers("MP-053")]
    public void Pieces_join_in_any_order(int length, int seed)
    {
        var random = new Random(seed);
        var frame = new byte[length];
        random.NextBytes(frame);
        for (var round = 0; round < 20; round++)
        {
            var pieces = Cut((ulong)round + 1, frame);
            if (round > 0)
                random.Shuffle(pieces);
            for (var i = 0; i < pieces.Length - 1; i++)
                Assert.Null(Feed(0, pieces[i]));
            Assert.Equal(frame, Feed(0, pieces[^1]));
            Assert.Equal((0, 0, 0L), (reassembler.UnfinishedCount, reassembler.UnfinishedBytes, Dropped));
        }
    }

    [Fact]
    [Covers("MP-054")]
    public void Repeated_piece_changes_nothing()
    {
        Assert.Null(Feed(0, Piece(1, 0, 3, "ab")));
        Assert.Null(Feed(0, Piece(1, 0, 3, "xy")));
        Assert.Null(Feed(0, Piece(1, 2, 3, "e")));
        Assert.Equal(3, reassembler.UnfinishedBytes);
        Assert.Equal("abcde"u8.ToArray(), Feed(0, Piece(1, 1, 3, "cd")));
    }

    [Theory]
    [InlineData(1, 4, "cd")]
    [InlineData(1, 3, "c")]
    [InlineData(1, 3, "cde")]
    [InlineData(2, 3, "cde")]
    [InlineData(0, 3, "abc")]
    [Covers("MP-052", "MP-054")]
    public void Piece_that_disagrees_drops_the_message(int index, int count, string bytes)
    {
        Feed(0, Piece(1, 0, 3, "ab"));
        Assert.Null(Feed(0, Piece(1, index, count, bytes)));
        Assert.Equal((0, 0, 1L), (reassembler.UnfinishedCount, reassembler.UnfinishedBytes, Dropped));
    }

    [Fact]
    [Covers("MP-052", "MP-054")]
    public void Last_piece_that_came_first_must_not_be_longer_either()
    {
        Feed(0, Piece(1, 2, 3, "abc"));
        Assert.Null(Feed(0, Piece(1, 0, 3, "ab")));
        Assert.Equal((0, 1L), (reassembler.UnfinishedCount, Dropped));
    }

    [Fact]
    [Covers("MP-055")]
    public void One_unfinished_message_too_many_pushes_the_oldest_out()
    {
        const int last = 129;
        for (var id = 1; id <= last; id++)
            Feed(0, Piece(id, 0, 2, "a"));
        Assert.Equal((last - 1, 1L), (reassembler.UnfinishedCount, Dropped));
        Assert.Null(Feed(0, Piece(1, 1, 2, "b")));
        Assert.Null(Feed(0, Piece(2, 1, 2, "b")));
        Assert.Equal("ab"u8.ToArray(), Feed(0, Piece(last, 1, 2, "b")));
    }

    [Fact]
    [Covers("MP-055")]
    public void Message_waits_two_seconds()
    {
        Assert.True(reassembler.NextTimer.IsNever);
        Feed(100, Piece(1, 0, 2, "a"));
        Feed(200, Piece(2, 0, 2, "a"));
        Assert.Equal(At(2100), reassembler.NextTimer);
        Assert.Equal("ab"u8.ToArray(), Feed(2099, Piece(1, 1, 2, "b")));
        Assert.Null(Feed(2200, Piece(2, 1, 2, "b")));
        Assert.Equal((1, 1L), (reassembler.UnfinishedCount, Dropped));
        reassembler.Expire(At(4200));
        Assert.Equal((0, 0), (reassembler.UnfinishedCount, reassembler.UnfinishedBytes));
        Assert.True(reassembler.NextTimer.IsNever);
    }

    [Fact]
    [Covers("MP-055")]
    public void Bytes_are_bounded_and_the_oldest_goes()
    {
        // 7 × 40 × 1,000 B is over 256 KiB, which takes 262 of these pieces.
        var fed = 0;
        for (var id = 1; id <= 7; id++)
        {
            for (var i = 0; i < 40; i++, fed++)
            {
                Feed(0, Piece(id, i, 64, 1000));
                Assert.True(reassembler.UnfinishedBytes <= Limits.ReassemblyBytesMax);
                Assert.Equal(fed < 262 ? 0 : 1, Dropped);
            }
        }

        Assert.Equal(6, reassembler.UnfinishedCount);
    }

    [Fact]
    [Covers("MP-055")]
    public void Oldest_message_that_needs_room_itself_gives_way()
    {
        Feed(0, Piece(1, 0, 2, "a"));
        for (var id = 2; id <= 5; id++)
        {
            for (var i = 0; i < 63; i++)
                Feed(0, Piece(id, i, 64, 1020));
        }

        Feed(0, Piece(6, 0, 2, Limits.ReassemblyBytesMax - reassembler.UnfinishedBytes));
        Assert.Equal((6, Limits.ReassemblyBytesMax), (reassembler.UnfinishedCount, reassembler.UnfinishedBytes));
        Assert.Null(Feed(0, Piece(1, 1, 2, "b")));
        Assert.Equal((5, Limits.ReassemblyBytesMax - 1), (reassembler.UnfinishedCount, reassembler.UnfinishedBytes));
    }

    [Fact]
    [Covers("MP-053", "MP-054")]
    public void More_than_the_largest_frame_is_dropped_at_its_first_piece()
    {
        Feed(0, Piece(1, 0, 64, 1043));
        Assert.Equal((0, 1L), (reassembler.UnfinishedCount, Dropped));
        Feed(0, Piece(1, 0, 64, 1042));
        Assert.Equal(1, reassembler.UnfinishedCount);
    }

    [Fact]
    [Covers("MP-055")]
    public void Claimed_count_costs_nothing()
    {
        var piece = Piece(1, 63, 64, "a");
        Allocations.AssertAtMost((2 * piece.Length) + 1024, () => reassembler = new(counters), () => Feed(0, piece));
        Assert.Equal(1, reassembler.UnfinishedCount);
    }

    [Fact]
    public void Steady_traffic_allocates_nothing()
    {
        var frame = new byte[10_000];
        var lists = Cut(1, frame);
        Array.Reverse(lists);
        var joined = 0;
        Rounds();
        Allocations.AssertNone(Rounds);
        Assert.Equal(1000, joined);

        void Rounds()
        {
            joined = 0;
            for (var i = 0; i < 1000; i++)
                joined += Round(lists);
        }
    }

    private int Round(byte[][] pieces)
    {
        var joined = 0;
        foreach (var body in pieces)
            joined += FragmentFrame.TryParse(body, out var piece) && Joins(piece) ? 1 : 0;
        return joined;
    }

    private byte[]? Feed(int milliseconds, byte[] body)
    {
        Assert.True(FragmentFrame.TryParse(body, out var piece));
        if (!reassembler.OnFragment(At(milliseconds), piece, out var frame))
            return null;

        var copy = frame.ToArray();
        System.Buffers.ArrayPool<byte>.Shared.Return(frame.Array!);
        return copy;
    }

    private bool Joins(in FragmentFrame piece)
    {
        if (!reassembler.OnFragment(At(0), piece, out var frame))
            return false;

        System.Buffers.ArrayPool<byte>.Shared.Return(frame.Array!);
        return true;
    }

    private static byte[][] Cut(ulong id, byte[] frame)
    {
        Assert.True(FragmentPlan.TryMake(id, frame.Length, Room, out var plan));
        return [.. Enumerable.Range(0, plan.Count).Select(i => Body(id, i, plan.Count, frame[plan[i]]))];
    }

    private static byte[] Piece(int id, int index, int count, string bytes) =>
        Body((ulong)id, index, count, System.Text.Encoding.ASCII.GetBytes(bytes));

    private static byte[] Piece(int id, int index, int count, int length) => Body((ulong)id, index, count, new byte[length]);

    private static byte[] Body(ulong id, int index, int count, byte[] bytes) =>
        FrameBytes.Single(FrameBytes.Of((ref WireWriter w) => FrameWriter.TryWriteFragment(ref w, id, index, count, bytes)))[1..];

    private static Instant At(int milliseconds) => Instant.FromMicroseconds(milliseconds * 1000L);
}
