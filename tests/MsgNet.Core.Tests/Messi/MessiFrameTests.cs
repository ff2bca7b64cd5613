using MsgNet.Messi;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Messi;

/// <summary>What headers say, and what a reader makes of them.</summary>
public sealed class MessiFrameTests
{
    [Fact]
    [Covers("MESSI-001", "MESSI-002", "MESSI-003", "MESSI-004")]
    public void The_examples_of_the_text()
    {
        var payload = MessiBytes.Hex("0a060a044572696b");
        Assert.Equal("00000001000000080a060a044572696b",
            Header(MessiWireFormat.Documented, MessiRole.Client, MessiFrameKind.User, payload.Length) + Convert.ToHexStringLower(payload));
        Assert.Equal("010000080a060a044572696b",
            Header(MessiWireFormat.Compact, MessiRole.Client, MessiFrameKind.User, payload.Length) + Convert.ToHexStringLower(payload));
        Assert.Equal("03000000", Header(MessiWireFormat.Compact, MessiRole.Client, MessiFrameKind.Ping, 0));
        Assert.Equal("04000000", Header(MessiWireFormat.Compact, MessiRole.Server, MessiFrameKind.Pong, 0));
        Assert.Equal("0000000200000000", Header(MessiWireFormat.Documented, MessiRole.Client, MessiFrameKind.Ping, 0));
        Assert.Equal("0000000300000000", Header(MessiWireFormat.Documented, MessiRole.Server, MessiFrameKind.Pong, 0));
    }

    [Theory]
    [InlineData(MessiWireFormat.Documented, 1, -1, 2, 3)]
    [InlineData(MessiWireFormat.Compact, 1, 2, 3, 4)]
    [Covers("MESSI-002", "MESSI-004", "MESSI-013", "MESSI-014")]
    public void Every_type_means_one_thing_to_each_end(MessiWireFormat format, int clientUser, int serverUser, int ping, int pong)
    {
        serverUser = serverUser < 0 ? clientUser : serverUser;
        for (var type = 0; type < 300; type++)
        {
            var atServer = type == clientUser ? MessiFrameKind.User : type == ping ? MessiFrameKind.Ping : MessiFrameKind.Unknown;
            var atClient = type == serverUser ? MessiFrameKind.User : type == pong ? MessiFrameKind.Pong : MessiFrameKind.Unknown;
            Assert.Equal(atServer, MessiFrame.KindOf(format, MessiRole.Server, (uint)type));
            Assert.Equal(atClient, MessiFrame.KindOf(format, MessiRole.Client, (uint)type));
        }

        Assert.Equal(MessiFrameKind.Unknown, MessiFrame.KindOf(format, MessiRole.Server, 0x0100_0001));
    }

    [Fact]
    [Covers("MESSI-004")]
    public void What_an_end_does_not_send_is_not_written()
    {
        foreach (var format in Enum.GetValues<MessiWireFormat>())
        {
            foreach (var (sender, kind) in new[]
                     {
                         (MessiRole.Client, MessiFrameKind.Pong), (MessiRole.Server, MessiFrameKind.Ping),
                         (MessiRole.Client, MessiFrameKind.Unknown), (MessiRole.Server, MessiFrameKind.Unknown),
                     })
            {
                Assert.Throws<ArgumentOutOfRangeException>(() => MessiFrame.TypeOf(format, sender, kind));
                Assert.Throws<ArgumentOutOfRangeException>(() => Header(format, sender, kind, 0));
            }
        }
    }

    [Fact]
    [Covers("MESSI-012")]
    public void A_length_that_the_format_cannot_say_is_not_written()
    {
        Assert.Equal("01ffffff", Header(MessiWireFormat.Compact, MessiRole.Client, MessiFrameKind.User, 0xFF_FFFF));
        Assert.Equal("0000000101000000", Header(MessiWireFormat.Documented, MessiRole.Client, MessiFrameKind.User, 0x100_0000));
        Assert.Equal("0000000110000000",
            Header(MessiWireFormat.Documented, MessiRole.Server, MessiFrameKind.User, Limits.MessiMessageSizeMax));
        foreach (var (format, length) in new[]
                 {
                     (MessiWireFormat.Compact, 0x100_0000), (MessiWireFormat.Documented, Limits.MessiMessageSizeMax + 1),
                     (MessiWireFormat.Compact, -1), (MessiWireFormat.Documented, -1), (MessiWireFormat.Documented, int.MaxValue),
                 })
        {
            var header = new byte[MessiFrame.HeaderLengthMax];
            Assert.Throws<ArgumentOutOfRangeException>(
                () => MessiFrame.WriteHeader(header, format, MessiRole.Client, MessiFrameKind.User, length));
            Assert.All(header, value => Assert.Equal(0, value));
        }
    }

    [Fact]
    [Covers("MESSI-021")]
    public void The_first_byte_tells_the_format()
    {
        for (var first = 0; first < 256; first++)
            Assert.Equal(first == 0 ? MessiWireFormat.Documented : MessiWireFormat.Compact, MessiFrame.FormatOf((byte)first));
    }

    [Theory]
    [InlineData(MessiWireFormat.Documented)]
    [InlineData(MessiWireFormat.Compact)]
    [Covers("MESSI-011")]
    public void Conformance_received_message_too_big_is_refused_at_the_header(MessiWireFormat format)
    {
        foreach (var role in Enum.GetValues<MessiRole>())
        {
            var user = MessiFrame.TypeOf(format, role == MessiRole.Client ? MessiRole.Server : MessiRole.Client, MessiFrameKind.User);
            var allowed = Frame(format, user, new byte[124]);
            var reading = new MessiReading(format, role, 124);
            Assert.True(reading.ReceiveInPieces(allowed, 1));
            Assert.Equal(124, Assert.Single(reading.Frames).Payload.Length);

            var header = Frame(format, user, new byte[125])[..MessiFrame.HeaderLength(format)];
            Assert.True(reading.ReceiveInPieces(header.AsSpan(0, header.Length - 1), 1));
            Assert.False(reading.Receive(header.AsSpan(header.Length - 1)));
            Assert.Equal((MessiReadStatus.TooBig, 125u), (reading.Last, reading.LastPayloadLength));
            Assert.Single(reading.Frames);
        }
    }

    [Fact]
    [Covers("MESSI-011")]
    public void A_length_of_32_bits_is_no_negative_number()
    {
        var reading = new MessiReading(MessiWireFormat.Documented, MessiRole.Server, Limits.MessiMessageSizeDefault);
        Assert.False(reading.Receive(MessiBytes.Hex("00000001ffffffff")));
        Assert.Equal((MessiReadStatus.TooBig, uint.MaxValue), (reading.Last, reading.LastPayloadLength));
    }

    [Fact]
    [Covers("MESSI-011")]
    public void What_is_refused_stays_refused()
    {
        foreach (var (bytes, status) in new[] { ("01ffffff", MessiReadStatus.TooBig), ("0900000461626364", MessiReadStatus.Unexpected) })
        {
            var reader = new MessiFrameReader(MessiWireFormat.Compact, MessiRole.Server, 100);
            ReadOnlySpan<byte> input = MessiBytes.Hex(bytes);
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal(status, reader.Read(ref input, out _, out var payload));
                Assert.True(payload.IsEmpty);
                Assert.Equal(bytes.Length / 2, input.Length);
            }
        }
    }

    [Theory]
    [InlineData(MessiWireFormat.Documented)]
    [InlineData(MessiWireFormat.Compact)]
    [Covers("MESSI-013", "MESSI-015")]
    public void What_nobody_reads_is_not_kept(MessiWireFormat format)
    {
        var pong = MessiFrame.TypeOf(format, MessiRole.Server, MessiFrameKind.Pong);
        foreach (var (type, kind) in new[] { (200u, MessiFrameKind.Unknown), (pong, MessiFrameKind.Pong) })
        {
            var reader = new MessiFrameReader(format, MessiRole.Client, 100_000);
            ReadOnlySpan<byte> input = Frame(format, type, new byte[100_000]).AsSpan(0, MessiFrame.HeaderLength(format));
            Assert.Equal(MessiReadStatus.NeedMore, reader.Read(ref input, out _, out _));
            Assert.True(input.IsEmpty);
            Assert.Equal(1, reader.Needed);
            for (var left = 100_000; left > 1_000; left -= 1_000)
            {
                input = new byte[1_000];
                Assert.Equal(MessiReadStatus.NeedMore, reader.Read(ref input, out _, out _));
                Assert.True(input.IsEmpty);
            }

            input = new byte[1_001];
            Assert.Equal(MessiReadStatus.Frame, reader.Read(ref input, out var read, out _));
            Assert.Equal((kind, 1), (read, input.Length));
        }
    }

    [Fact]
    [Covers("MESSI-014")]
    public void A_web_browser_at_the_port_of_a_server_is_refused_at_once()
    {
        var reading = new MessiReading(MessiFrame.FormatOf((byte)'G'), MessiRole.Server, Limits.MessiMessageSizeDefault);
        Assert.False(reading.Receive("GET / HTTP/1.1\r\n"u8));
        Assert.Equal((MessiReadStatus.Unexpected, (uint)'G'), (reading.Last, reading.LastType));
    }

    [Fact]
    public void A_limit_out_of_range_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MessiFrameReader(MessiWireFormat.Compact, MessiRole.Client, 0));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new MessiFrameReader(MessiWireFormat.Compact, MessiRole.Client, Limits.MessiMessageSizeMax + 1));
    }

    [Theory]
    [InlineData(1, 0, "0a00")]
    [InlineData(15, 127, "7a7f")]
    [InlineData(16, 128, "82018001")]
    [InlineData(2047, 16383, "fa7fff7f")]
    [InlineData(2048, 16384, "828001808001")]
    [InlineData(536870911, 2147483647, "faffffff0fffffffff07")]
    [Covers("MESSI-071")]
    public void Tag_and_length_of_a_member_are_written_in_shortest_form(int number, int length, string expected)
    {
        var written = new byte[MessiMember.HeaderLengthMax];
        var count = MessiMember.WriteHeader(written, number, length);
        Assert.Equal(expected, Convert.ToHexStringLower(written.AsSpan(0, count)));
        Assert.Equal(count, MessiMember.HeaderLength(number, length));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(536870912, 0)]
    [InlineData(1, -1)]
    public void A_member_that_cannot_be_is_refused(int number, int length)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => MessiMember.HeaderLength(number, length));
        Assert.Throws<ArgumentOutOfRangeException>(() => MessiMember.WriteHeader(new byte[10], number, length));
    }

    private static byte[] Frame(MessiWireFormat format, uint type, byte[] payload) =>
        format == MessiWireFormat.Compact ? MessiBytes.Compact((int)type, payload) : MessiBytes.Documented(type, payload);

    private static string Header(MessiWireFormat format, MessiRole sender, MessiFrameKind kind, int length)
    {
        var header = new byte[MessiFrame.HeaderLengthMax];
        return Convert.ToHexStringLower(header.AsSpan(0, MessiFrame.WriteHeader(header, format, sender, kind, length)));
    }
}
