using System.Text.Json;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Frames;

/// <summary>A million hostile inputs for each parser: nothing thrown, nothing allocated, every claim about the input true.</summary>
public sealed class FrameFuzzTests
{
    private const int Inputs = 1_000_000;

    private static readonly JsonElement Vectors = RepositoryFiles.Vectors("frames.json");

    public static TheoryData<string> Types =>
        [.. Enum.GetNames<FrameType>().Except([nameof(FrameType.None), nameof(FrameType.Report)])];

    [Theory]
    [MemberData(nameof(Types))]
    [Covers("MP-025")]
    public void Parser_survives_and_what_it_takes_it_writes_back(string name)
    {
        var type = Enum.Parse<FrameType>(name);
        var mutator = new Mutator(seed: (int)type);
        var corpus = Bodies(type);
        var parsed = 0;
        var valid = false;
        Allocations.Work<byte> parse = body => valid = FrameBytes.Parses(type, body);
        var scratch = new byte[4096];
        for (var i = 0; i < Inputs; i++)
        {
            var body = mutator.Next(corpus);
            Allocations.AssertAtMost(0, body, parse);
            if (!valid)
                continue;

            parsed++;
            var writer = new WireWriter(scratch);
            if (!Rewrites(type, body, ref writer))
                Assert.Fail($"{type} {Convert.ToHexString(body)} is taken but written as {Convert.ToHexString(writer.Written)}.");
        }

        // The corpus parses, so the mutations reach past the first check.
        Assert.InRange(parsed, Inputs / 50, Inputs);
    }

    [Fact]
    [Covers("MP-021", "MP-022", "MP-026")]
    public void List_reader_survives_and_stays_inside()
    {
        var mutator = new Mutator(seed: 1);
        var corpus = Lists();
        var frames = 0L;
        Allocations.Work<byte> read = Read;
        for (var i = 0; i < Inputs; i++)
            Allocations.AssertAtMost(0, mutator.Next(corpus), read);

        Assert.True(frames > Inputs);

        void Read(ReadOnlySpan<byte> list)
        {
            var reader = new FrameListReader(list);
            var end = 0;
            while (reader.TryNext(out var frame) == FrameReadStatus.Frame)
            {
                frames++;
                if (frame.BodyOffset <= end || !list.Slice(frame.BodyOffset, frame.Body.Length).SequenceEqual(frame.Body))
                    Assert.Fail($"A frame of {Convert.ToHexString(list)} is not where its offset says.");
                end = frame.BodyOffset + frame.Body.Length;
            }

            if (reader.TryNext(out _) != FrameReadStatus.End)
                Assert.Fail($"{Convert.ToHexString(list)} has something after its end.");
        }
    }

    [Fact]
    public void Writing_and_reading_allocate_nothing()
    {
        var buffer = new byte[1200];
        var messages = 0;
        Allocations.AssertNone(() =>
        {
            messages = 0;
            for (var i = 0; i < 1000; i++)
                messages += WriteAndRead(buffer);
        });
        Assert.Equal(4000, messages);
    }

    private static int WriteAndRead(byte[] buffer)
    {
        var writer = new WireWriter(buffer);
        FrameWriter.TryWriteInit(ref writer, 1, "/kad/1.0"u8, 1, "first"u8);
        FrameWriter.TryWriteContinuation(ref writer, 1, "second"u8);
        FrameWriter.TryWriteTaggedContinuation(ref writer, TaggedKind.Request, 7, 1, "third"u8);
        FrameWriter.TryWriteReply(ref writer, 7, ReplyStatus.Ok, "fourth"u8);
        FrameWriter.TryWriteAck(ref writer, 9);
        var messages = 0;
        var reader = new FrameListReader(writer.Written);
        while (reader.TryNext(out var frame) == FrameReadStatus.Frame)
        {
            var isMessage = frame.Type switch
            {
                FrameType.Init => InitFrame.TryParse(frame.Body, out _),
                FrameType.Continuation => ContinuationFrame.TryParse(frame.Body, out _),
                FrameType.Tagged => TaggedFrame.TryParse(frame.Body, out var tagged) && ContinuationFrame.TryParse(tagged.InnerBody, out _),
                FrameType.Reply => ReplyFrame.TryParse(frame.Body, out _),
                _ => false,
            };
            messages += isMessage ? 1 : 0;
        }

        return messages;
    }

    // Every frame has one encoding: what parses must come out as it went in.
    private static bool Rewrites(FrameType type, ReadOnlySpan<byte> body, ref WireWriter writer)
    {
        var written = type switch
        {
            FrameType.Init => InitFrame.TryParse(body, out var f)
                && FrameWriter.TryWriteInit(ref writer, f.TransportId, f.Name, f.ProtocolInt, body[f.MessageOffset..]),
            FrameType.Ack => AckFrame.TryParse(body, out var f) && FrameWriter.TryWriteAck(ref writer, f.TransportId),
            FrameType.Continuation => ContinuationFrame.TryParse(body, out var f)
                && FrameWriter.TryWriteContinuation(ref writer, f.ProtocolInt, body[f.MessageOffset..]),
            FrameType.Reset => ResetFrame.TryParse(body, out var f) && FrameWriter.TryWriteReset(ref writer, f.ProtocolInt),
            FrameType.Tagged => TaggedFrame.TryParse(body, out var f) && RewritesTagged(f, body[f.InnerOffset..], ref writer),
            FrameType.Reply => ReplyFrame.TryParse(body, out var f)
                && FrameWriter.TryWriteReply(ref writer, f.Id, f.Status, body[f.MessageOffset..]),
            FrameType.Fragment => FragmentFrame.TryParse(body, out var f)
                && FrameWriter.TryWriteFragment(ref writer, f.Id, f.Index, f.Count, f.Bytes),
            FrameType.Msp => MspFrame.TryParse(body, out var f) && RewritesMsp(f.Lane, body[f.PacketOffset..], ref writer),
            FrameType.LaneWindow => LaneWindowFrame.TryParse(body, out var f)
                && FrameWriter.TryWriteLaneWindow(ref writer, f.Lane, f.Window),
            FrameType.PathChallenge => PathFrame.TryParse(body, out var f) && FrameWriter.TryWritePathChallenge(ref writer, f.Token),
            FrameType.PathResponse => PathFrame.TryParse(body, out var f) && FrameWriter.TryWritePathResponse(ref writer, f.Token),
            FrameType.Close => CloseFrame.TryParse(body, out var f) && FrameWriter.TryWriteClose(ref writer, f.Code, f.Text),
            FrameType.Observed => ObservedFrame.TryParse(body, out var f) && FrameWriter.TryWriteObserved(ref writer, f.Address),
            _ => AssociationFrame.TryParse(body, out var f) && FrameWriter.TryWriteAssociation(ref writer, f.Incarnation),
        };
        var reader = new FrameListReader(writer.Written);
        return written && reader.TryNext(out var frame) == FrameReadStatus.Frame && frame.Type == type && frame.Body.SequenceEqual(body);
    }

    // The inner body is not yet read by TryParse, so it is repeated as it is.
    private static bool RewritesTagged(TaggedFrame frame, ReadOnlySpan<byte> inner, ref WireWriter writer)
    {
        writer.WriteUvarint((ulong)FrameSize.Tagged(frame.Id, inner.Length));
        writer.WriteByte((byte)FrameType.Tagged);
        writer.WriteByte((byte)frame.Kind);
        writer.WriteUvarint(frame.Id);
        writer.WriteBytes(inner);
        return !writer.Overflowed;
    }

    private static bool RewritesMsp(ulong lane, ReadOnlySpan<byte> packet, ref WireWriter writer)
    {
        var fits = FrameWriter.TryWriteMspHeader(ref writer, lane, packet.Length);
        writer.WriteBytes(packet);
        return fits && !writer.Overflowed;
    }

    private static List<byte[]> Bodies(FrameType type) =>
    [
        .. Frames().Where(frame => frame[0] == (byte)type).Select(frame => frame[1..]),
        .. Vectors.GetProperty("invalid").EnumerateArray()
            .Where(vector => FrameBytes.TypeOf(vector.GetProperty("frame").GetString()!) == type)
            .Select(vector => Convert.FromHexString(vector.GetProperty("body").GetString()!)),
    ];

    private static List<byte[]> Lists()
    {
        var lists = Vectors.GetProperty("lists").EnumerateArray()
            .Select(v => Convert.FromHexString(v.GetProperty("hex").GetString()!)).ToList();
        byte[] all =
            [.. Frames().SelectMany(frame => FrameBytes.Of((ref WireWriter writer) => FrameWriter.TryWriteFrame(ref writer, frame)))];
        lists.AddRange([all, all[..200], [.. all, 0, 1, 2, 3]]);
        return lists;
    }

    private static IEnumerable<byte[]> Frames() => Vectors.GetProperty("frames").EnumerateArray()
        .Select(vector => FrameBytes.Single(Convert.FromHexString(vector.GetProperty("hex").GetString()!)));
}
