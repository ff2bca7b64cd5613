using MsgNet.Core;
using MsgNet.Testing;
using static MsgNet.Tests.Sodium.ChannelVectors;

namespace MsgNet.Tests.Sodium;

[Covers("SEC-021")]
public class HandshakeVectorTests
{
    [Fact]
    public void Identities_convert_as_recorded()
    {
        using var initiator = Initiator();
        using var responder = Responder();
        Assert.Equal(Bytes("initiator_pk"), initiator.PublicKey.ToArray());
        Assert.Equal(Bytes("responder_pk"), responder.PublicKey.ToArray());
        Assert.Equal(Bytes("responder_x_pub"), Remote(initiator, responder.PublicKey).AgreementKey.ToArray());

        // The initiator's X25519 secret shows only in what it agrees on.
        using var recorded = Initiator(Bytes("initiator_x")).CreateEphemeral();
        Span<byte> expected = stackalloc byte[32];
        Span<byte> actual = stackalloc byte[32];
        Assert.True(recorded.TryAgree(Bytes("responder_x_pub"), expected));
        Assert.True(initiator.TryAgreeIdentity(Bytes("responder_x_pub"), actual));
        Assert.Equal(expected.ToArray(), actual.ToArray());
    }

    [Fact]
    [Covers("SEC-011", "SEC-024", "SEC-025")]
    public void The_initiator_writes_the_recorded_HELLO()
    {
        using var crypto = Initiator(Bytes("e_i"));
        using var handshake = new InitiatorHandshake(crypto, Remote(crypto, Bytes("responder_pk")), default);
        Assert.Equal(Bytes("hello"), WriteHello(handshake));
        Assert.Equal(Bytes("hello")[40..56], handshake.Mac1.ToArray());
    }

    [Fact]
    public void Frames_that_lie_in_the_datagram_already_need_no_copy()
    {
        using var crypto = Initiator(Bytes("e_i"));
        using var handshake = new InitiatorHandshake(crypto, Remote(crypto, Bytes("responder_pk")), default);
        var datagram = new byte[Limits.HelloSizeMax];
        var frames = datagram.AsSpan(HelloMessage.PayloadOffset + HelloPayload.FieldsLength, Text("frames_hello").Length);
        Text("frames_hello").CopyTo(frames);
        var length = handshake.WriteHello(datagram, Index("idx_i"), Timestamp, InitiatorIncarnation, ChannelOffers.Common, frames);
        Assert.Equal(Bytes("hello"), datagram[..length]);
    }

    [Fact]
    [Covers("SEC-013", "SEC-022", "SEC-026", "SEC-121")]
    public void The_responder_reads_the_recorded_HELLO_and_writes_the_recorded_ACK()
    {
        using var crypto = Responder(Bytes("e_r"));
        using var handshake = new ResponderHandshake(crypto);
        Assert.True(HelloMessage.TryParse(Bytes("hello"), out var hello));
        Assert.True(new HelloMac(crypto, crypto.PublicKey).Check(hello));
        Assert.True(handshake.TryReadStatic(hello, default));
        Assert.Equal(Bytes("initiator_pk"), handshake.RemoteKey.ToArray());
        Assert.True(handshake.TryReadPayload(hello, new byte[200], out var payload));
        Assert.Equal(Timestamp, payload.Timestamp);
        Assert.Equal(InitiatorIncarnation, payload.Incarnation);
        Assert.Equal(ChannelOffers.Common, payload.Offers);
        Assert.Equal(Text("frames_hello"), payload.Frames.ToArray());

        using var early = handshake.CreateEarlyKey();
        AssertOpens(early, Bytes("early0"), "early one"u8);

        var ack = new byte[200];
        var length = handshake.WriteAck(
            ack, Index("idx_r"), ResponderIncarnation, ChannelOffers.Common, Text("frames_ack"), out var keys);
        using (keys)
        {
            Assert.Equal(Bytes("ack"), ack[..length]);
            Assert.Equal(Bytes("handshake_hash"), keys!.Binding.ToArray());
            AssertOpens(keys.Opening, Bytes("data0"), Text("data0_plain"));
            using var recorded = crypto.CreateSealingKey(PacketSuite.ChaCha20Poly1305, Bytes("k_r2i"));
            Assert.Equal(Packet(recorded, ChannelMessageType.Data, 9, "x"u8), Packet(keys.Sealing, ChannelMessageType.Data, 9, "x"u8));
        }
    }

    [Fact]
    [Covers("SEC-014", "SEC-022", "SEC-026")]
    public void The_initiator_reads_the_recorded_ACK_and_seals_the_recorded_DATA()
    {
        using var crypto = Initiator(Bytes("e_i"));
        using var handshake = new InitiatorHandshake(crypto, Remote(crypto, Bytes("responder_pk")), default);
        WriteHello(handshake);
        using var early = handshake.CreateEarlyKey();
        Assert.Equal(Bytes("early0"), Packet(early, ChannelMessageType.Early, Index("idx_i"), "early one"u8));

        Assert.True(handshake.TryReadAck(Bytes("ack"), new byte[200], out var payload, out var keys));
        using (keys)
        {
            Assert.Equal(ResponderIncarnation, payload.Incarnation);
            Assert.Equal(ChannelOffers.Common, payload.Offers);
            Assert.Equal(Text("frames_ack"), payload.Frames.ToArray());
            Assert.Equal(Bytes("handshake_hash"), keys.Binding.ToArray());
            Assert.Equal(Bytes("data0"), Packet(keys.Sealing, ChannelMessageType.Data, Index("idx_r"), Text("data0_plain")));
            using var recorded = crypto.CreateSealingKey(PacketSuite.ChaCha20Poly1305, Bytes("k_r2i"));
            AssertOpens(keys.Opening, Packet(recorded, ChannelMessageType.Data, 9, "back"u8), "back"u8);
        }
    }

    [Fact]
    [Covers("SEC-023", "SEC-017")]
    public void The_early_key_is_the_recorded_one()
    {
        using var crypto = Initiator();
        using var recorded = crypto.CreateSealingKey(PacketSuite.ChaCha20Poly1305, Bytes("early_key"));
        Assert.Equal(Bytes("early0"), Packet(recorded, ChannelMessageType.Early, Index("idx_i"), "early one"u8));
    }

    [Fact]
    public void The_recorded_RETRY_is_written_and_its_cookie_opened()
    {
        using var responder = Responder();
        using var initiator = Initiator(Enumerable.Repeat((byte)0xA2, 32).ToArray());
        using var first = new InitiatorHandshake(initiator, Remote(initiator, Bytes("responder_pk")), default);
        var sent = new byte[Limits.HelloSizeMax];
        var length = first.WriteHello(sent, 7, Timestamp + 1, InitiatorIncarnation, ChannelOffers.Common, "x"u8);
        Assert.Equal(Bytes("retry_hello1"), sent[..length]);

        Assert.True(HelloMessage.TryParse(sent.AsSpan(0, length), out var hello));
        var cookie = new byte[16];
        responder.Mac(Bytes("cookie_secret"), Bytes("addr"), cookie);
        Assert.Equal(Bytes("cookie"), cookie);
        var written = new byte[RetryMessage.Length];
        Assert.Equal(RetryMessage.Length, RetryMessage.Write(written, responder, hello, Bytes("retry_nonce"), cookie));
        Assert.Equal(Bytes("retry"), written);

        Assert.True(RetryMessage.TryParse(written, out var retry));
        Assert.Equal(7u, retry.ReceiverIndex);
        var opened = new byte[16];
        Assert.True(retry.TryOpen(initiator, Bytes("responder_pk"), first.Mac1, opened));
        Assert.Equal(cookie, opened);
        Assert.False(retry.TryOpen(initiator, Bytes("initiator_pk"), first.Mac1, opened));
        Assert.False(retry.TryOpen(initiator, Bytes("responder_pk"), new byte[16], opened));
    }

    [Fact]
    [Covers("SEC-025")]
    public void With_a_cookie_both_ends_agree_on_the_recorded_HELLO_and_ACK()
    {
        using var initiator = Initiator(Enumerable.Repeat((byte)0xA3, 32).ToArray());
        using var responder = Responder(Enumerable.Repeat((byte)0xB3, 32).ToArray());
        using var first = new InitiatorHandshake(initiator, Remote(initiator, Bytes("responder_pk")), Bytes("cookie"));
        var sent = new byte[Limits.HelloSizeMax];
        var length = first.WriteHello(sent, 7, Timestamp + 1, InitiatorIncarnation, ChannelOffers.Common, "x"u8);
        Assert.Equal(Bytes("retry_hello2"), sent[..length]);

        using var second = new ResponderHandshake(responder);
        Assert.True(HelloMessage.TryParse(Bytes("retry_hello2"), out var hello));
        var mac2 = new byte[16];
        responder.Mac(Bytes("cookie"), hello.CoveredByMac2, mac2);
        Assert.Equal(mac2, hello.Mac2.ToArray());
        Assert.True(second.TryReadStatic(hello, Bytes("cookie")));
        Assert.True(second.TryReadPayload(hello, new byte[200], out var payload));
        Assert.Equal("x"u8.ToArray(), payload.Frames.ToArray());
        var ack = new byte[200];
        var ackLength = second.WriteAck(ack, 9, 1, ChannelOffers.Common, default, out var responderKeys);
        Assert.Equal(Bytes("retry_ack2"), ack[..ackLength]);
        Assert.True(first.TryReadAck(ack.AsSpan(0, ackLength), new byte[200], out _, out var initiatorKeys));
        using (responderKeys)
        using (initiatorKeys)
            Assert.Equal(initiatorKeys.Binding.ToArray(), responderKeys!.Binding.ToArray());
    }

    private static byte[] WriteHello(InitiatorHandshake handshake)
    {
        var datagram = new byte[Limits.HelloSizeMax];
        var length = handshake.WriteHello(
            datagram, Index("idx_i"), Timestamp, InitiatorIncarnation, ChannelOffers.Common, Text("frames_hello"));
        return datagram[..length];
    }

    private static byte[] Packet(ISealingKey key, ChannelMessageType type, uint index, ReadOnlySpan<byte> frames)
    {
        var datagram = new byte[frames.Length + Limits.SealOverhead];
        DataHeader.Write(datagram, type, index);
        frames.CopyTo(datagram.AsSpan(DataHeader.Length));
        Assert.Equal(0UL, key.Seal(datagram, frames.Length));
        return datagram;
    }

    private static void AssertOpens(IOpeningKey key, byte[] datagram, ReadOnlySpan<byte> frames)
    {
        Assert.True(key.TryOpen(datagram, out var counter, out var length));
        Assert.Equal(0UL, counter);
        Assert.Equal(frames.ToArray(), datagram.AsSpan(DataHeader.Length, length).ToArray());
    }
}
