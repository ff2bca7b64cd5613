using System.Net;
using System.Text;
using System.Text.Json;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Frames;

/// <summary>specs/vectors/frames.json, each way.</summary>
public sealed class FrameVectorTests
{
    private static readonly JsonElement Vectors = RepositoryFiles.Vectors("frames.json");

    public static TheoryData<string> Names =>
        [.. Vectors.GetProperty("frames").EnumerateArray().Select(v => v.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    [Covers("MP-001", "MP-002", "MP-003", "MP-004", "MP-005", "MP-006", "MP-007", "MP-008", "MP-009", "MP-010", "MP-012", "MP-013")]
    public void Frame_is_written_to_the_byte(string name)
    {
        var vector = Find(name);
        var list = FrameBytes.Of((ref WireWriter writer) => Write(vector, ref writer));
        Assert.Equal(vector.GetProperty("hex").GetString(), Convert.ToHexStringLower(list));
    }

    [Theory]
    [MemberData(nameof(Names))]
    [Covers("MP-001", "MP-002", "MP-003", "MP-004", "MP-005", "MP-006", "MP-007", "MP-008", "MP-009", "MP-010", "MP-012", "MP-013")]
    public void Frame_is_read_back(string name)
    {
        var vector = Find(name);
        var frame = FrameBytes.Single(Convert.FromHexString(vector.GetProperty("hex").GetString()!));
        Assert.Equal(FrameBytes.TypeOf(Text(vector, "frame")), (FrameType)frame[0]);
        Check(vector, frame.AsSpan(1));
    }

    [Fact]
    [Covers("MP-005", "MP-007", "MP-012", "MP-023", "MP-032")]
    public void Bad_bodies_do_not_parse()
    {
        foreach (var vector in Vectors.GetProperty("invalid").EnumerateArray())
        {
            var parses = FrameBytes.Parses(FrameBytes.TypeOf(Text(vector, "frame")), Hex(vector, "body"));
            Assert.False(parses, $"{Text(vector, "frame")}: {Text(vector, "why")}");
        }
    }

    [Fact]
    [Covers("MP-021", "MP-022", "MP-026")]
    public void Lists_end_where_they_say()
    {
        foreach (var vector in Vectors.GetProperty("lists").EnumerateArray())
        {
            var list = Hex(vector, "hex");
            var reader = new FrameListReader(list);
            foreach (var type in vector.GetProperty("types").EnumerateArray())
            {
                Assert.Equal(FrameReadStatus.Frame, reader.TryNext(out var frame));
                Assert.Equal(type.GetInt32(), (int)frame.Type);
                Assert.Equal(Convert.ToHexString(frame.Body), Convert.ToHexString(list, frame.BodyOffset, frame.Body.Length));
                Assert.Equal(list[frame.BodyOffset - 1], (byte)frame.Type);
            }

            Assert.True(Text(vector, "end") == (reader.TryNext(out _) == FrameReadStatus.End ? "end" : "truncated"), Text(vector, "why"));
            Assert.Equal(FrameReadStatus.End, reader.TryNext(out _));
        }
    }

    [Fact]
    [Covers("MP-052")]
    public void Plans_cut_as_recorded()
    {
        foreach (var vector in Vectors.GetProperty("fragmentPlans").EnumerateArray())
        {
            var id = vector.GetProperty("id").GetUInt64();
            Assert.True(FragmentPlan.TryMake(id, Int(vector, "frameLength"), Int(vector, "room"), out var plan));
            Assert.Equal(new FragmentPlan(Int(vector, "frameLength"), Int(vector, "count"), Int(vector, "pieceLength")), plan);
        }
    }

    private static bool Write(JsonElement vector, ref WireWriter writer)
    {
        switch (FrameBytes.TypeOf(Text(vector, "frame")))
        {
            case FrameType.Init:
                return FrameWriter.TryWriteInit(
                    ref writer, Short(vector, "transportId"), Ascii(vector), Number(vector), Message(vector));
            case FrameType.Ack:
                return FrameWriter.TryWriteAck(ref writer, Short(vector, "transportId"));
            case FrameType.Continuation:
                return FrameWriter.TryWriteContinuation(ref writer, Number(vector), Message(vector));
            case FrameType.Reset:
                return FrameWriter.TryWriteReset(ref writer, Number(vector));
            case FrameType.Tagged:
                var kind = (TaggedKind)Int(vector, "kind");
                return vector.TryGetProperty("protocol", out _)
                    ? FrameWriter.TryWriteTaggedInit(
                        ref writer, kind, Id(vector), Short(vector, "transportId"), Ascii(vector), Number(vector), Message(vector))
                    : FrameWriter.TryWriteTaggedContinuation(ref writer, kind, Id(vector), Number(vector), Message(vector));
            case FrameType.Reply:
                return FrameWriter.TryWriteReply(ref writer, Id(vector), (ReplyStatus)Int(vector, "status"), Message(vector));
            case FrameType.Fragment:
                return FrameWriter.TryWriteFragment(
                    ref writer, Id(vector), Int(vector, "index"), Int(vector, "count"), Hex(vector, "bytes"));
            case FrameType.Msp:
                var packet = Hex(vector, "packet");
                var fits = FrameWriter.TryWriteMspHeader(ref writer, vector.GetProperty("lane").GetUInt64(), packet.Length);
                writer.WriteBytes(packet);
                return fits;
            case FrameType.LaneWindow:
                return FrameWriter.TryWriteLaneWindow(ref writer, vector.GetProperty("lane").GetUInt64(), Short(vector, "window"));
            case FrameType.PathChallenge:
                return FrameWriter.TryWritePathChallenge(ref writer, Token(vector));
            case FrameType.PathResponse:
                return FrameWriter.TryWritePathResponse(ref writer, Token(vector));
            case FrameType.Close:
                return FrameWriter.TryWriteClose(
                    ref writer, (CloseCode)Short(vector, "code"), Encoding.UTF8.GetBytes(Text(vector, "text")));
            case FrameType.Observed:
                return FrameWriter.TryWriteObserved(ref writer, Address(vector));
            default:
                return FrameWriter.TryWriteAssociation(ref writer, vector.GetProperty("incarnation").GetUInt64());
        }
    }

    private static void Check(JsonElement vector, ReadOnlySpan<byte> body)
    {
        switch (FrameBytes.TypeOf(Text(vector, "frame")))
        {
            case FrameType.Init:
                CheckInit(vector, body);
                break;
            case FrameType.Ack:
                Assert.True(AckFrame.TryParse(body, out var ack));
                Assert.Equal(Short(vector, "transportId"), ack.TransportId);
                break;
            case FrameType.Continuation:
                CheckContinuation(vector, body);
                break;
            case FrameType.Reset:
                Assert.True(ResetFrame.TryParse(body, out var reset));
                Assert.Equal(Number(vector), reset.ProtocolInt);
                break;
            case FrameType.Tagged:
                CheckTagged(vector, body);
                break;
            case FrameType.Reply:
                Assert.True(ReplyFrame.TryParse(body, out var reply));
                Assert.Equal((Id(vector), (ReplyStatus)Int(vector, "status")), (reply.Id, reply.Status));
                CheckMessage(vector, body, reply.Message, reply.MessageOffset);
                break;
            case FrameType.Fragment:
                Assert.True(FragmentFrame.TryParse(body, out var piece));
                Assert.Equal((Id(vector), Int(vector, "index"), Int(vector, "count")), (piece.Id, piece.Index, piece.Count));
                Assert.Equal(Hex(vector, "bytes"), piece.Bytes.ToArray());
                break;
            case FrameType.Msp:
                Assert.True(MspFrame.TryParse(body, out var msp));
                Assert.Equal(vector.GetProperty("lane").GetUInt64(), msp.Lane);
                Assert.Equal(Hex(vector, "packet"), msp.Packet.ToArray());
                Assert.Equal(Hex(vector, "packet"), body[msp.PacketOffset..].ToArray());
                break;
            case FrameType.LaneWindow:
                Assert.True(LaneWindowFrame.TryParse(body, out var window));
                Assert.Equal((vector.GetProperty("lane").GetUInt64(), Short(vector, "window")), (window.Lane, window.Window));
                break;
            case FrameType.PathChallenge or FrameType.PathResponse:
                Assert.True(PathFrame.TryParse(body, out var path));
                Assert.Equal(Token(vector), path.Token);
                break;
            case FrameType.Close:
                Assert.True(CloseFrame.TryParse(body, out var close));
                Assert.Equal((CloseCode)Short(vector, "code"), close.Code);
                Assert.Equal(Text(vector, "text"), Encoding.UTF8.GetString(close.Text));
                break;
            case FrameType.Observed:
                Assert.True(ObservedFrame.TryParse(body, out var observed));
                Assert.Equal(Address(vector), observed.Address);
                break;
            default:
                Assert.True(AssociationFrame.TryParse(body, out var association));
                Assert.Equal(vector.GetProperty("incarnation").GetUInt64(), association.Incarnation);
                break;
        }
    }

    private static void CheckInit(JsonElement vector, ReadOnlySpan<byte> body)
    {
        Assert.True(InitFrame.TryParse(body, out var init));
        Assert.Equal((Short(vector, "transportId"), Number(vector)), (init.TransportId, init.ProtocolInt));
        Assert.Equal(Text(vector, "protocol"), Encoding.ASCII.GetString(init.Name));
        CheckMessage(vector, body, init.Message, init.MessageOffset);
    }

    private static void CheckContinuation(JsonElement vector, ReadOnlySpan<byte> body)
    {
        Assert.True(ContinuationFrame.TryParse(body, out var continuation));
        Assert.Equal(Number(vector), continuation.ProtocolInt);
        CheckMessage(vector, body, continuation.Message, continuation.MessageOffset);
    }

    private static void CheckTagged(JsonElement vector, ReadOnlySpan<byte> body)
    {
        Assert.True(TaggedFrame.TryParse(body, out var tagged));
        Assert.Equal(((TaggedKind)Int(vector, "kind"), Id(vector)), (tagged.Kind, tagged.Id));
        Assert.True(body[(tagged.InnerOffset + 1)..].SequenceEqual(tagged.InnerBody));
        if (tagged.InnerType == FrameType.Init)
            CheckInit(vector, tagged.InnerBody);
        else
            CheckContinuation(vector, tagged.InnerBody);
    }

    private static void CheckMessage(JsonElement vector, ReadOnlySpan<byte> body, ReadOnlySpan<byte> message, int offset)
    {
        Assert.Equal(Message(vector), message.ToArray());
        Assert.Equal(Message(vector), body.Slice(offset, message.Length).ToArray());
    }

    private static JsonElement Find(string name) =>
        Vectors.GetProperty("frames").EnumerateArray().Single(v => v.GetProperty("name").GetString() == name);

    private static string Text(JsonElement vector, string field) => vector.GetProperty(field).GetString()!;

    private static int Int(JsonElement vector, string field) => vector.GetProperty(field).GetInt32();

    private static ushort Short(JsonElement vector, string field) => vector.GetProperty(field).GetUInt16();

    private static ushort Number(JsonElement vector) => Short(vector, "protocolInt");

    private static ulong Id(JsonElement vector) => vector.GetProperty("id").GetUInt64();

    private static byte[] Hex(JsonElement vector, string field) => Convert.FromHexString(Text(vector, field));

    private static byte[] Message(JsonElement vector) => Hex(vector, "message");

    private static byte[] Ascii(JsonElement vector) => Encoding.ASCII.GetBytes(Text(vector, "protocol"));

    private static ulong Token(JsonElement vector) => Convert.ToUInt64(Text(vector, "token"), 16);

    private static NetAddress Address(JsonElement vector) => NetAddress.From(IPAddress.Parse(Text(vector, "ip")), Int(vector, "port"), 0);
}
