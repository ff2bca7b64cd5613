using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Messages of one protocol that stand behind each other in a datagram, and so share an event.</summary>
public sealed class MessageRunTests : IDisposable
{
    private readonly Door door = new();

    public void Dispose() => door.Dispose();

    [Fact]
    [Covers("MP-021", "MP-025", "MP-039")]
    public void Neighbours_of_a_message_arrive_as_if_each_came_alone()
    {
        var raw = door.Confirmed(1);
        var longer = new byte[200];
        Array.Fill(longer, (byte)'z');
        door.Deliver(raw, raw.Data(RawPeer.Frames((ref WireWriter writer) =>
        {
            FrameWriter.TryWriteInit(ref writer, 1, "/chat"u8, 1, "init"u8);
            FrameWriter.TryWriteContinuation(ref writer, 1, "a"u8);
            FrameWriter.TryWriteContinuation(ref writer, 1, []);
            FrameWriter.TryWriteContinuation(ref writer, 1, longer);
            FrameWriter.TryWriteContinuation(ref writer, 2, "nobody's"u8);
            FrameWriter.TryWriteContinuation(ref writer, 1, "b"u8);
            writer.WriteBytes([2, (byte)FrameType.Continuation, 0]);
            FrameWriter.TryWriteContinuation(ref writer, 1, "c"u8);
            FrameWriter.TryWriteContinuation(ref writer, 1, "d"u8);
            writer.WriteBytes([9, (byte)FrameType.Continuation, 0, 1]);
        })));
        Assert.Equal(["init", "a", "", new string('z', 200), "b", "c", "d"], door.Texts);
        Assert.Equal(7, door.Counters.MessagesDelivered);
        Assert.Equal(1, door.Counters.Dropped(DropReason.NoHandler));
        Assert.Equal(2, door.Counters.Dropped(DropReason.BadFrame));
    }

    [Fact]
    [Covers("MP-027")]
    public void Nothing_is_added_behind_a_frame_that_ends_its_peer()
    {
        var raw = door.Confirmed(1);
        byte[] bad = [3, (byte)FrameType.Continuation, 0, 0];
        door.Deliver(raw, raw.Data([.. Enumerable.Repeat(bad, Limits.BadFramesMax + 1).SelectMany(frame => frame)]));
        Assert.Empty(door.Texts);
        Assert.Equal(0, door.Counters.MessagesDelivered);
        Assert.Equal(Limits.BadFramesMax, door.Counters.Dropped(DropReason.BadFrame));
    }

    [Fact]
    public void A_message_is_taken_once_and_after_a_look_at_it() => Assert.Throws<InvalidOperationException>(() =>
    {
        var run = new MessageRun([3, 1, 0, 1], 0, 1);
        Assert.True(run.TryPeek(out var message));
        Assert.True(message.IsEmpty);
        run.Take();
        Assert.False(run.TryPeek(out _));
        run.Take();
    });
}
