using MsgNet.Messi;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Messi;

/// <summary>
/// What the original's server did with 35 inputs (specs/vectors/messi.json), done by a connection here with the same limit of 124 bytes.
/// Only what frames decide is judged here; the payloads are judged where there are messages, in MsgNet.Messi.Tests.
/// </summary>
public sealed class MessiProbeTests
{
    private const int PayloadMax = 124;

    public static TheoryData<string> Names => MessiBytes.Names("server_probe");

    [Theory]
    [MemberData(nameof(Names))]
    [Covers("MESSI-004", "MESSI-011", "MESSI-014", "MESSI-015", "MESSI-035")]
    public void Probe_has_the_fate_that_it_had_at_the_original(string name)
    {
        var input = MessiBytes.Hex(MessiBytes.Find(name).Text("hex"));
        foreach (var pieceLength in new[] { int.MaxValue, 1, 3 })
        {
            var server = new MessiServerDouble(PayloadMax);
            Feed(server, input, pieceLength);
            Check(name, server);
        }
    }

    // Its first byte is the beginning of a documented frame here; that end of the deployed world would be closed at once.
    [Fact]
    [Covers("MESSI-021", "MESSI-035")]
    public void Type_0_is_half_a_documented_header()
    {
        var server = new MessiServerDouble(PayloadMax);
        Feed(server, MessiBytes.Hex(MessiBytes.Find("server.unknown_type_0_empty").Text("hex")), int.MaxValue);
        Assert.Equal(MessiWireFormat.Documented, server.Machine.Format);
        server.Advance(TimeSpan.FromSeconds(2.99));
        Assert.Null(server.Reason);
        server.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(MessiDisconnectReason.KeepAliveTimeout, server.Reason);
    }

    private static void Check(string name, MessiServerDouble server)
    {
        var parsed = MessiBytes.Find(name).GetProperty("parsed");
        var frames = MessiBytes.ReadCompact(MessiBytes.Hex(MessiBytes.Find(name).Text("hex")));
        var closed = parsed.Text("outcome") != "connection stays open";
        if (name == "server.unknown_type_0_empty")
            return;

        if (closed && parsed.GetProperty("closed_after_s").GetDouble() > 1)
        {
            server.Advance(TimeSpan.FromSeconds(2.99));
            Assert.Null(server.Reason);
            server.Advance(TimeSpan.FromSeconds(3));
            Assert.Equal(MessiDisconnectReason.KeepAliveTimeout, server.Reason);
        }
        else if (name.Contains("type", StringComparison.Ordinal) && closed && !name.Contains("wire_type", StringComparison.Ordinal))
        {
            Assert.Equal(MessiDisconnectReason.UnexpectedMessage, server.Reason);
            Assert.Empty(server.Frames);
        }
        else if (name is "server.payload_125" or "server.payload_255" or "server.header_only_max_size")
        {
            Assert.Equal(MessiDisconnectReason.MessageTooBig, server.Reason);
            Assert.Empty(server.Frames);
        }
        else
        {
            // Payload by payload what was sent; whoever reads messages closes, or not.
            Assert.Null(server.Reason);
            Assert.Equal(frames.Select(frame => frame.Type == 1 ? Convert.ToHexString(frame.Payload) : "ping"),
                server.Frames.Select(frame => frame.Kind == MessiFrameKind.User ? Convert.ToHexString(frame.Payload) : "ping"));
        }

        var pongs = MessiBytes.ReadCompact(MessiBytes.Hex(parsed.Text("reply"))).Where(frame => frame.Type == 4);
        Assert.Equal(string.Concat(pongs.Select(_ => "04000000")), Convert.ToHexStringLower(server.Sent));
    }

    private static void Feed(MessiServerDouble server, ReadOnlySpan<byte> input, int pieceLength)
    {
        while (!input.IsEmpty)
        {
            var length = Math.Min(pieceLength, input.Length);
            server.Receive(input[..length]);
            input = input[length..];
        }
    }
}
