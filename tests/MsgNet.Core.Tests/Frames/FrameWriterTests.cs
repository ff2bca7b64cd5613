using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Frames;

public sealed class FrameWriterTests
{
    private static readonly byte[] Name = "/kad/1.0"u8.ToArray();
    private static readonly byte[] Message = new byte[200];

    public static TheoryData<string> Writers => [.. All.Keys];

    private static Dictionary<string, (FrameBytes.Writing Write, int Size)> All { get; } = new()
    {
        ["frame"] = ((ref WireWriter w) => FrameWriter.TryWriteFrame(ref w, [1, 2, 3]), 4),
        ["init"] = ((ref WireWriter w) => FrameWriter.TryWriteInit(ref w, 1, Name, 1, Message), FrameSize.Listed(FrameSize.Init(8, 200))),
        ["ack"] = ((ref WireWriter w) => FrameWriter.TryWriteAck(ref w, 1), 4),
        ["continuation"] = (
            (ref WireWriter w) => FrameWriter.TryWriteContinuation(ref w, 1, Message),
            FrameSize.Listed(FrameSize.Continuation(200))),
        ["reset"] = ((ref WireWriter w) => FrameWriter.TryWriteReset(ref w, 1), 4),
        ["tagged init"] = (
            (ref WireWriter w) => FrameWriter.TryWriteTaggedInit(ref w, TaggedKind.Once, 300, 1, Name, 1, Message),
            FrameSize.Listed(FrameSize.Tagged(300, FrameSize.Init(8, 200)))),
        ["tagged continuation"] = (
            (ref WireWriter w) => FrameWriter.TryWriteTaggedContinuation(ref w, TaggedKind.Request, 7, 1, Message),
            FrameSize.Listed(FrameSize.Tagged(7, FrameSize.Continuation(200)))),
        ["reply"] = (
            (ref WireWriter w) => FrameWriter.TryWriteReply(ref w, 128, ReplyStatus.Ok, Message),
            FrameSize.Listed(FrameSize.Reply(128, 200))),
        ["fragment"] = (
            (ref WireWriter w) => FrameWriter.TryWriteFragment(ref w, 1, 0, 2, Message),
            FrameSize.Listed(FrameSize.Fragment(1, 200))),
        ["msp"] = ((ref WireWriter w) => TryWriteMsp(ref w, 700, Message), FrameSize.Listed(FrameSize.Msp(700, 200))),
        ["lane window"] = (
            (ref WireWriter w) => FrameWriter.TryWriteLaneWindow(ref w, 700, 64),
            FrameSize.Listed(FrameSize.LaneWindow(700))),
        ["path challenge"] = ((ref WireWriter w) => FrameWriter.TryWritePathChallenge(ref w, 1), 10),
        ["path response"] = ((ref WireWriter w) => FrameWriter.TryWritePathResponse(ref w, 1), 10),
        ["observed"] = ((ref WireWriter w) => FrameWriter.TryWriteObserved(ref w, default), 20),
        ["close"] = ((ref WireWriter w) => FrameWriter.TryWriteClose(ref w, CloseCode.Done, "bye"u8), 7),
        ["association"] = ((ref WireWriter w) => FrameWriter.TryWriteAssociation(ref w, 1), 10),
        ["bare init"] = ((ref WireWriter w) => BareFrameWriter.TryWriteInit(ref w, 1, Name, 1, Message), FrameSize.Init(8, 200)),
        ["bare continuation"] = (
            (ref WireWriter w) => BareFrameWriter.TryWriteContinuation(ref w, 1, Message),
            FrameSize.Continuation(200)),
        ["bare tagged init"] = (
            (ref WireWriter w) => BareFrameWriter.TryWriteTaggedInit(ref w, TaggedKind.Once, 300, 1, Name, 1, Message),
            FrameSize.Tagged(300, FrameSize.Init(8, 200))),
        ["bare tagged continuation"] = (
            (ref WireWriter w) => BareFrameWriter.TryWriteTaggedContinuation(ref w, TaggedKind.Once, 300, 1, Message),
            FrameSize.Tagged(300, FrameSize.Continuation(200))),
        ["bare reply"] = ((ref WireWriter w) => BareFrameWriter.TryWriteReply(ref w, 1, ReplyStatus.Ok, Message), FrameSize.Reply(1, 200)),
    };

    [Theory]
    [MemberData(nameof(Writers))]
    public void Frame_is_written_whole_or_not_at_all(string name)
    {
        var (write, size) = All[name];
        for (var room = 0; room < size; room++)
        {
            var buffer = new byte[room];
            buffer.AsSpan().Fill(0xEE);
            var writer = new WireWriter(buffer);
            Assert.False(write(ref writer));
            Assert.Equal((0, false), (writer.Position, writer.Overflowed));
            Assert.False(buffer.AsSpan().ContainsAnyExcept((byte)0xEE));
        }

        var exact = new WireWriter(new byte[size]);
        Assert.True(write(ref exact));
        Assert.Equal((size, false), (exact.Position, exact.Overflowed));
    }

    [Fact]
    [Covers("MP-030")]
    public void Bare_frame_is_the_listed_one_without_its_length()
    {
        foreach (var name in new[] { "init", "continuation" })
            Assert.Equal(FrameBytes.Single(FrameBytes.Of(All[name].Write)), FrameBytes.Of(All[$"bare {name}"].Write));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(130)]
    [InlineData(1168)]
    [InlineData(16_385)]
    [InlineData(16_386)]
    [InlineData(16_387)]
    public void Largest_listed_frame_fits_and_one_more_byte_does_not(int room)
    {
        var largest = FrameSize.LargestListed(room);
        Assert.True(largest == 0 || FrameSize.Listed(largest) <= room);
        Assert.True(FrameSize.Listed(largest + 1) > room);
    }

    [Fact]
    [Covers("MP-051")]
    public void Smallest_datagram_carries_1163_bytes_in_a_continuation()
    {
        var room = Limits.DatagramSizeMin - Limits.SealOverhead;
        Assert.Equal(room, FrameSize.Listed(FrameSize.Continuation(1163)));
        Assert.Equal(1163, FrameSize.LargestListed(room) - FrameSize.Continuation(0));
    }

    [Fact]
    public void Largest_frame_of_a_message_is_known()
    {
        Assert.Equal(1 + 1 + 9 + 1 + 2 + 2 + 140 + 2 + 65_535, FrameSize.Max);
        Assert.True(FragmentPlan.TryMake(Uvarint.ValueMax, FrameSize.Max, Limits.DatagramSizeMin - Limits.SealOverhead, out _));
    }

    [Fact]
    public void What_no_frame_can_carry_is_refused_at_once()
    {
        Refused((ref WireWriter w) => FrameWriter.TryWriteFrame(ref w, default));
        Refused((ref WireWriter w) => FrameWriter.TryWriteInit(ref w, 1, default, 1, Message));
        Refused((ref WireWriter w) => FrameWriter.TryWriteInit(ref w, 1, new byte[141], 1, Message));
        Refused((ref WireWriter w) => FrameWriter.TryWriteInit(ref w, 1, "/\n"u8, 1, Message));
        Refused((ref WireWriter w) => FrameWriter.TryWriteInit(ref w, 1, Name, 0, Message));
        Refused((ref WireWriter w) => FrameWriter.TryWriteContinuation(ref w, 0, Message));
        Refused((ref WireWriter w) => FrameWriter.TryWriteReset(ref w, 0));
        Refused((ref WireWriter w) => FrameWriter.TryWriteTaggedContinuation(ref w, 0, 1, 1, Message));
        Refused((ref WireWriter w) => FrameWriter.TryWriteTaggedContinuation(ref w, TaggedKind.Once, 0, 1, Message));
        Refused((ref WireWriter w) => FrameWriter.TryWriteTaggedInit(ref w, TaggedKind.Once, ulong.MaxValue, 1, Name, 1, Message));
        Refused((ref WireWriter w) => FrameWriter.TryWriteReply(ref w, 0, ReplyStatus.Ok, Message));
        Refused((ref WireWriter w) => FrameWriter.TryWriteFragment(ref w, 1, 0, 1, Message));
        Refused((ref WireWriter w) => FrameWriter.TryWriteFragment(ref w, 1, 0, 65, Message));
        Refused((ref WireWriter w) => FrameWriter.TryWriteFragment(ref w, 1, 2, 2, Message));
        Refused((ref WireWriter w) => FrameWriter.TryWriteFragment(ref w, 1, 0, 2, default));
        Refused((ref WireWriter w) => FrameWriter.TryWriteClose(ref w, CloseCode.Done, new byte[65]));
        Refused((ref WireWriter w) => FrameWriter.TryWriteClose(ref w, CloseCode.Done, [0xC3]));
    }

    private static void Refused(FrameBytes.Writing writing) => Assert.ThrowsAny<ArgumentException>(() =>
    {
        var writer = new WireWriter(new byte[1000]);
        writing(ref writer);
    });

    private static bool TryWriteMsp(ref WireWriter writer, ulong lane, byte[] packet)
    {
        if (!FrameWriter.TryWriteMspHeader(ref writer, lane, packet.Length))
            return false;

        writer.WriteBytes(packet);
        return true;
    }
}
