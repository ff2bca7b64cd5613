using System.Text.Json;
using MsgNet.Messi;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Messi;

/// <summary>The frames and sessions of specs/vectors/messi.json, each way, in both formats.</summary>
public sealed class MessiVectorTests
{
    private const int PayloadMax = 1000;

    public static TheoryData<string> FrameNames => MessiBytes.Names("frame");

    public static TheoryData<string> SessionNames => MessiBytes.Names("session");

    [Fact]
    public void Every_kind_is_there()
    {
        var counts = MessiBytes.Vectors.CountBy(vector => vector.Text("kind")).OrderBy(pair => pair.Key, StringComparer.Ordinal);
        Assert.Equal([("client_scenario", 15), ("frame", 24), ("payload", 71), ("server_probe", 35), ("session", 7)],
            counts.Select(pair => (pair.Key, pair.Value)));
    }

    [Theory]
    [MemberData(nameof(FrameNames))]
    [Covers("MESSI-003", "MESSI-004")]
    public void Frame_is_read(string name)
    {
        var vector = MessiBytes.Find(name);
        var (sender, kind, payload) = Parsed(vector, vector.GetProperty("parsed"));
        var reading = new MessiReading(MessiWireFormat.Compact, Other(sender), PayloadMax);
        Assert.True(reading.Receive(MessiBytes.Hex(vector.Text("hex"))));
        Assert.Equal([(kind, Convert.ToHexString(payload))], Shown(reading));
        Assert.Equal(vector.GetProperty("parsed").GetProperty("type").GetUInt32(), reading.LastType);
    }

    [Theory]
    [MemberData(nameof(FrameNames))]
    [Covers("MESSI-003", "MESSI-004")]
    public void Frame_is_written_to_the_byte(string name)
    {
        var vector = MessiBytes.Find(name);
        var (sender, kind, payload) = Parsed(vector, vector.GetProperty("parsed"));
        Assert.Equal(vector.Text("hex"), Written(MessiWireFormat.Compact, sender, kind, payload));
    }

    [Theory]
    [MemberData(nameof(FrameNames))]
    [Covers("MESSI-001", "MESSI-002")]
    public void Frame_of_the_documented_format_is_read_and_written(string name)
    {
        var vector = MessiBytes.Find(name);
        var (sender, kind, payload) = Parsed(vector, vector.GetProperty("parsed"));
        var frame = MessiBytes.ToDocumented(vector.GetProperty("parsed").GetProperty("type").GetInt32(), payload);
        var reading = new MessiReading(MessiWireFormat.Documented, Other(sender), PayloadMax);
        Assert.True(reading.Receive(frame));
        Assert.Equal([(kind, Convert.ToHexString(payload))], Shown(reading));
        Assert.Equal(Convert.ToHexStringLower(frame), Written(MessiWireFormat.Documented, sender, kind, payload));
    }

    [Theory]
    [MemberData(nameof(FrameNames))]
    [Covers("MESSI-071")]
    public void The_one_member_of_a_message_is_written_as_its_sender_wrote_it(string name)
    {
        var payload = MessiBytes.Hex(MessiBytes.Find(name).GetProperty("parsed").Text("payload"));
        if (payload.Length == 0)
            return;

        // All fields here have numbers below 16 and lengths below 128.
        Assert.Equal(payload.Length - 2, payload[1]);
        var written = new byte[payload.Length];
        Assert.Equal(2, MessiMember.HeaderLength(payload[0] >> 3, payload[1]));
        Assert.Equal(2, MessiMember.WriteHeader(written, payload[0] >> 3, payload[1]));
        Assert.Equal(payload[..2], written[..2]);
    }

    [Theory]
    [MemberData(nameof(SessionNames))]
    [Covers("MESSI-005")]
    public void Session_is_read_and_written_wherever_it_is_cut(string name)
    {
        var vector = MessiBytes.Find(name);
        foreach (var (direction, receiver) in new[] { ("c2s", MessiRole.Server), ("s2c", MessiRole.Client) })
        {
            var frames = vector.GetProperty("parsed").GetProperty(direction).EnumerateArray()
                .Select(frame => Parsed(direction, frame)).ToArray();
            Assert.NotEmpty(frames);
            var compact = MessiBytes.Hex(vector.GetProperty("hex").Text(direction));
            Assert.Equal(Convert.ToHexStringLower(compact),
                string.Concat(frames.Select(frame => Written(MessiWireFormat.Compact, frame.Sender, frame.Kind, frame.Payload))));
            byte[] documented =
                [.. MessiBytes.ReadCompact(compact).SelectMany(frame => MessiBytes.ToDocumented(frame.Type, frame.Payload))];
            Assert.Equal(Convert.ToHexStringLower(documented),
                string.Concat(frames.Select(frame => Written(MessiWireFormat.Documented, frame.Sender, frame.Kind, frame.Payload))));

            var expected = frames.Select(frame => (frame.Kind, Convert.ToHexString(frame.Payload))).ToArray();
            foreach (var (format, bytes) in new[] { (MessiWireFormat.Compact, compact), (MessiWireFormat.Documented, documented) })
            {
                Assert.Equal(format, MessiFrame.FormatOf(bytes[0]));
                for (var cut = 0; cut <= bytes.Length; cut++)
                {
                    var reading = new MessiReading(format, receiver, PayloadMax);
                    Assert.True(reading.Receive(bytes.AsSpan(0, cut)) && reading.Receive(bytes.AsSpan(cut)));
                    Assert.Equal(expected, Shown(reading));
                }

                for (var length = 1; length < 20; length++)
                {
                    var reading = new MessiReading(format, receiver, PayloadMax);
                    Assert.True(reading.ReceiveInPieces(bytes, length));
                    Assert.Equal(expected, Shown(reading));
                }
            }
        }
    }

    // A recorded client's pings keep a machine's connection alive, each gets its pong, and a silent end is noticed.
    [Theory]
    [MemberData(nameof(SessionNames))]
    [Covers("MESSI-021", "MESSI-035", "MESSI-040")]
    public void Session_is_served_with_the_pongs_of_the_recording(string name)
    {
        var server = new MessiServerDouble(PayloadMax);
        var pongs = 0;
        var last = TimeSpan.Zero;
        var lastPing = TimeSpan.Zero;
        foreach (var entry in MessiBytes.Find(name).GetProperty("timeline").EnumerateArray())
        {
            if (!entry.TryGetProperty("hex", out var hex))
                continue;

            last = TimeSpan.FromSeconds(entry.GetProperty("t").GetDouble());
            server.Advance(last);
            Assert.Null(server.Reason);
            var frames = MessiBytes.ReadCompact(MessiBytes.Hex(hex.GetString()!));
            if (entry.Text("dir") == "c2s")
            {
                server.Receive(MessiBytes.Hex(hex.GetString()!));
                lastPing = frames.Any(frame => frame.Type == 3) ? last : lastPing;
            }
            else
            {
                pongs += frames.Count(frame => frame.Type == 4);
            }
        }

        Assert.Equal(pongs, MessiBytes.ReadCompact(server.Sent).Count(frame => frame.Type == 4));
        server.Advance(lastPing + TimeSpan.FromSeconds(2.9));
        Assert.Null(server.Reason);
        server.Advance(lastPing + TimeSpan.FromSeconds(3));
        Assert.Equal(MessiDisconnectReason.KeepAliveTimeout, server.Reason);
    }

    private static (MessiRole Sender, MessiFrameKind Kind, byte[] Payload) Parsed(JsonElement vector, JsonElement parsed) =>
        Parsed(vector.Text("direction"), parsed);

    private static (MessiRole Sender, MessiFrameKind Kind, byte[] Payload) Parsed(string direction, JsonElement parsed)
    {
        var kind = parsed.Text("type_name") switch
        {
            "PING" => MessiFrameKind.Ping,
            "PONG" => MessiFrameKind.Pong,
            _ => MessiFrameKind.User,
        };
        return (direction == "c2s" ? MessiRole.Client : MessiRole.Server, kind, MessiBytes.Hex(parsed.Text("payload")));
    }

    private static string Written(MessiWireFormat format, MessiRole sender, MessiFrameKind kind, byte[] payload)
    {
        var header = new byte[MessiFrame.HeaderLengthMax];
        var length = MessiFrame.WriteHeader(header, format, sender, kind, payload.Length);
        Assert.Equal(MessiFrame.HeaderLength(format), length);
        return Convert.ToHexStringLower([.. header.AsSpan(0, length), .. payload]);
    }

    private static IEnumerable<(MessiFrameKind Kind, string Payload)> Shown(MessiReading reading) =>
        reading.Frames.Select(frame => (frame.Kind, Convert.ToHexString(frame.Payload)));

    private static MessiRole Other(MessiRole role) => role == MessiRole.Client ? MessiRole.Server : MessiRole.Client;
}
