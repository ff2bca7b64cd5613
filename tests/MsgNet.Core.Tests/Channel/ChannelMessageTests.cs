using MsgNet.Testing;

namespace MsgNet.Core.Tests.Channel;

public class ChannelMessageTests
{
    private static readonly System.Text.Json.JsonElement Vectors = RepositoryFiles.Vectors("secure-datagrams.json");

    private delegate bool Parser(ReadOnlySpan<byte> datagram);

    [Fact]
    [Covers("SEC-011")]
    public void The_fields_of_the_recorded_HELLO_lie_where_the_layout_says()
    {
        Assert.True(HelloMessage.TryParse(Bytes("hello"), out var hello));
        Assert.Equal(0x11223344u, hello.SenderIndex);
        Assert.Equal(Bytes("hello")[..8], hello.Header.ToArray());
        Assert.Equal(Bytes("hello")[8..40], hello.Ephemeral.ToArray());
        Assert.Equal(Bytes("hello")[40..56], hello.Mac1.ToArray());
        Assert.False(hello.HasMac2);
        Assert.Equal(Bytes("hello")[72..120], hello.SealedStatic.ToArray());
        Assert.Equal(Bytes("hello")[120..], hello.SealedPayload.ToArray());
        Assert.True(HelloMessage.TryParse(Bytes("retry_hello2"), out var second));
        Assert.True(second.HasMac2);
    }

    [Fact]
    [Covers("SEC-013")]
    public void The_fields_of_the_recorded_ACK_lie_where_the_layout_says()
    {
        Assert.True(AckMessage.TryParse(Bytes("ack"), out var ack));
        Assert.Equal(0x55667788u, ack.SenderIndex);
        Assert.Equal(0x11223344u, ack.ReceiverIndex);
        Assert.Equal(Bytes("ack")[12..44], ack.Ephemeral.ToArray());
        Assert.Equal(Bytes("ack")[44..], ack.SealedPayload.ToArray());
    }

    [Fact]
    [Covers("SEC-014")]
    public void The_headers_of_the_recorded_DATA_and_EARLY_are_read_and_written()
    {
        Assert.True(DataHeader.TryParse(Bytes("data0"), out var data));
        Assert.Equal(new DataHeader(ChannelMessageType.Data, 0x55667788, 0), data);
        Assert.True(DataHeader.TryParse(Bytes("early0"), out var early));
        Assert.Equal(new DataHeader(ChannelMessageType.Early, 0x11223344, 0), early);
        var written = new byte[8];
        DataHeader.Write(written, ChannelMessageType.Data, 0x55667788);
        Assert.Equal(Bytes("data0")[..8], written);
    }

    [Fact]
    public void Sizes_are_those_recorded()
    {
        var sizes = Vectors.GetProperty("sizes");
        Assert.Equal(HelloMessage.Overhead, sizes.GetProperty("hello_overhead").GetInt32());
        Assert.Equal(AckMessage.Overhead, sizes.GetProperty("ack_overhead").GetInt32());
        Assert.Equal(RetryMessage.Length, sizes.GetProperty("retry").GetInt32());
        Assert.Equal(Limits.SealOverhead, sizes.GetProperty("data_overhead").GetInt32());
    }

    [Fact]
    [Covers("SEC-004")]
    public void One_changed_bit_of_type_version_or_zeros_makes_it_another_message_or_none()
    {
        Check("hello", d => HelloMessage.TryParse(d, out _));
        Check("ack", d => AckMessage.TryParse(d, out _));
        Check("retry", d => RetryMessage.TryParse(d, out _));

        static void Check(string name, Parser parse)
        {
            Assert.True(parse(Bytes(name)));
            for (var bit = 0; bit < 32; bit++)
            {
                var changed = Bytes(name);
                changed[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.False(parse(changed), $"{name} with bit {bit} changed");
            }
        }
    }

    [Fact]
    [Covers("SEC-004")]
    public void Anything_shorter_than_the_least_length_is_refused()
    {
        for (var length = 0; length < HelloMessage.Overhead; length++)
            Assert.False(HelloMessage.TryParse(Bytes("hello").AsSpan(0, length), out _));

        Assert.True(HelloMessage.TryParse(Bytes("hello").AsSpan(0, HelloMessage.Overhead), out _));
        for (var length = 0; length < AckMessage.Overhead; length++)
            Assert.False(AckMessage.TryParse(Bytes("ack").AsSpan(0, length), out _));

        Assert.True(AckMessage.TryParse(Bytes("ack").AsSpan(0, AckMessage.Overhead), out _));
        for (var length = 0; length < Limits.SealOverhead; length++)
            Assert.False(DataHeader.TryParse(Bytes("data0").AsSpan(0, length), out _));

        Assert.True(DataHeader.TryParse(Bytes("data0").AsSpan(0, Limits.SealOverhead), out _));
        for (var length = 0; length < RetryMessage.Length; length++)
            Assert.False(RetryMessage.TryParse(Bytes("retry").AsSpan(0, length), out _));

        Assert.False(RetryMessage.TryParse([.. Bytes("retry"), 0], out _));
    }

    [Fact]
    [Covers("SEC-004")]
    public void Exactly_the_types_4_to_11_exist()
    {
        for (var type = 0; type < 256; type++)
        {
            var expected = type is >= 4 and <= 11 ? (ChannelMessageType)type : ChannelMessageType.None;
            Assert.Equal(expected, ChannelHeader.Read([(byte)type, 1, 0, 0]));
            Assert.Equal(expected is not ChannelMessageType.None, Enum.IsDefined((ChannelMessageType)type) && type != 0);
        }
    }

    [Fact]
    [Covers("SEC-121", "SEC-122")]
    public void Every_node_offers_ChaCha20_Poly1305_and_version_1_and_two_that_offer_AES_use_it()
    {
        Assert.Equal(0x01, ChannelOffers.Common);
        Assert.Equal(1, ChannelOffers.HighestVersion(ChannelOffers.Common));
        Assert.True(ChannelOffers.AreCompatible(ChannelOffers.Common, 0x01));
        Assert.True(ChannelOffers.AreCompatible(ChannelOffers.Common, 0xF3));
        Assert.False(ChannelOffers.AreCompatible(ChannelOffers.Common, 0x00));
        Assert.False(ChannelOffers.AreCompatible(0x11, 0x21));
        for (var local = 0; local < 256; local++)
        {
            for (var remote = 0; remote < 256; remote++)
            {
                var both = (local & 2) != 0 && (remote & 2) != 0;
                Assert.Equal(both ? PacketSuite.Aes256Gcm : PacketSuite.ChaCha20Poly1305, ChannelOffers.SuiteOf((byte)local, (byte)remote));
            }
        }
    }

    [Fact]
    [Covers("SEC-006")]
    public void No_datagram_makes_a_parser_throw_or_allocate()
    {
        byte[][] corpus = [Bytes("hello"), Bytes("ack"), Bytes("retry"), Bytes("data0"), Bytes("early0")];
        var mutator = new Mutator(1);
        for (var i = 0; i < 200_000; i++)
            Allocations.AssertAtMost(0, mutator.Next(corpus), ParseAll);
    }

    private static void ParseAll(ReadOnlySpan<byte> input)
    {
        if (HelloMessage.TryParse(input, out var hello))
            Invariant.Check(hello.SealedPayload.Length >= 33 && hello.Mac2.Length == 16);

        if (AckMessage.TryParse(input, out var ack))
            Invariant.Check(ack.SealedPayload.Length >= 25);

        if (HelloPayload.TryParse(input, out var helloPayload))
            Invariant.Check(helloPayload.Frames.Length == input.Length - 17);

        if (AckPayload.TryParse(input, out var ackPayload))
            Invariant.Check(ackPayload.Frames.Length == input.Length - 9);

        _ = RetryMessage.TryParse(input, out _);
        _ = DataHeader.TryParse(input, out _);
    }

    private static byte[] Bytes(string name) => Convert.FromHexString(Vectors.GetProperty(name).GetString()!);
}
