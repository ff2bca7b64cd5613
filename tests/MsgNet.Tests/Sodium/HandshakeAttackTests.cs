using MsgNet.Core;
using MsgNet.Sodium;
using MsgNet.Testing;
using static MsgNet.Tests.Sodium.ChannelVectors;

namespace MsgNet.Tests.Sodium;

/// <summary>What a responder and an initiator must refuse. The responder judges in the order of SEC-004, 024, 025, 054, 056.</summary>
public class HandshakeAttackTests
{
    private static readonly byte[][] LowOrderPoints =
    [
        new byte[32],
        [1, .. new byte[31]],
        Convert.FromHexString("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        Convert.FromHexString("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        Convert.FromHexString("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        Convert.FromHexString("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        Convert.FromHexString("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ];

    [Theory]
    [Covers("SEC-001", "SEC-004", "SEC-024", "SEC-025", "SEC-054", "SEC-056")]
    [InlineData("hello", null)]
    [InlineData("retry_hello2", "cookie")]
    public void Every_flipped_bit_of_a_HELLO_is_refused(string name, string? cookieName)
    {
        using var responder = Responder();
        byte[] cookie = cookieName is null ? [] : Bytes(cookieName);
        Assert.True(Accepts(responder, Bytes(name), cookie));
        for (var bit = 0; bit < Bytes(name).Length * 8; bit++)
        {
            var changed = Flip(Bytes(name), bit);
            Assert.False(Accepts(responder, changed, cookie), $"bit {bit} of {name}");

            // Whoever knows the responder's key can make mac1 fit again, and whoever holds the cookie mac2.
            var offset = bit / 8;
            if (offset is < HelloMessage.Mac1Offset or >= HelloMessage.StaticOffset)
                Assert.False(Accepts(responder, WithMacs(responder, changed, cookie), cookie), $"bit {bit} of {name}, macs repaired");
        }
    }

    [Fact]
    [Covers("SEC-025")]
    public void A_cookie_cannot_be_glued_to_a_recorded_HELLO()
    {
        using var responder = Responder();
        var glued = WithMacs(responder, Bytes("hello"), Bytes("cookie"));
        Assert.False(Accepts(responder, glued, Bytes("cookie")));
    }

    [Fact]
    [Covers("SEC-024", "SEC-037")]
    public void A_HELLO_to_another_identity_is_refused_even_with_its_mac1()
    {
        using var other = new SodiumChannelCrypto(Identity.Generate(), SystemRandom.Instance);
        Assert.False(Accepts(other, Bytes("hello"), []));
        Assert.False(Accepts(other, WithMacs(other, Bytes("hello"), []), []));
    }

    [Fact]
    [Covers("SEC-056")]
    public void A_HELLO_from_the_nodes_own_key_is_refused()
    {
        using var node = Responder();
        using var handshake = new InitiatorHandshake(node, Remote(node, node.PublicKey), default);
        var datagram = new byte[Limits.HelloSizeMax];
        var length = handshake.WriteHello(datagram, 1, Timestamp, 1, ChannelOffers.Common, default);
        Assert.False(Accepts(node, datagram[..length], []));
    }

    [Fact]
    [Covers("SEC-003")]
    public void Ephemeral_keys_of_low_order_end_the_handshake()
    {
        using var responder = Responder();
        using var initiator = Initiator();
        using var waiting = Begin(initiator, out _);
        var shared = new byte[32];
        foreach (var point in LowOrderPoints)
        {
            var hello = Bytes("hello");
            point.CopyTo(hello, HelloMessage.EphemeralOffset);
            Assert.False(Accepts(responder, WithMacs(responder, hello, []), []));

            var ack = Bytes("ack");
            point.CopyTo(ack, AckMessage.EphemeralOffset);
            Assert.False(waiting.TryReadAck(ack, new byte[200], out _, out _));
            Array.Fill(shared, (byte)1);
            Assert.False(responder.TryAgreeIdentity(point, shared));
            Assert.Equal(new byte[32], shared);
        }
    }

    [Fact]
    [Covers("SEC-036", "SEC-037")]
    public void Every_flipped_bit_of_an_ACK_is_refused_and_the_true_one_still_accepted()
    {
        using var crypto = Initiator(Bytes("e_i"));
        using var handshake = Begin(crypto, out _);
        var buffer = new byte[200];
        for (var bit = 0; bit < Bytes("ack").Length * 8; bit++)
            Assert.False(handshake.TryReadAck(Flip(Bytes("ack"), bit), buffer, out _, out _), $"bit {bit}");

        for (var length = 0; length < Bytes("ack").Length; length++)
            Assert.False(handshake.TryReadAck(Bytes("ack").AsSpan(0, length), buffer, out _, out _));

        Assert.True(handshake.TryReadAck(Bytes("ack"), buffer, out _, out var keys));
        Assert.Equal(Bytes("handshake_hash"), keys.Binding.ToArray());
    }

    [Fact]
    [Covers("SEC-071")]
    public void An_ACK_is_accepted_once_since_its_keys_would_count_from_zero_again()
    {
        using var crypto = Initiator(Bytes("e_i"));
        using var handshake = Begin(crypto, out _);
        Assert.True(handshake.TryReadAck(Bytes("ack"), new byte[200], out _, out _));
        Assert.False(handshake.TryReadAck(Bytes("ack"), new byte[200], out _, out _));
    }

    [Fact]
    [Covers("SEC-071")]
    public void A_handshake_gives_each_thing_once()
    {
        using var crypto = Initiator();
        using var initiator = Begin(crypto, out var hello);
        initiator.CreateEarlyKey().Dispose();
        Assert.Throws<InvalidOperationException>(() => initiator.CreateEarlyKey());
        Assert.Throws<InvalidOperationException>(() => initiator.WriteHello(new byte[200], 1, 1, 1, 1, default));

        using var node = Responder();
        using var responder = new ResponderHandshake(node);
        Assert.Throws<InvalidOperationException>(() => responder.WriteAck(new byte[200], 1, 1, 1, default, out _));
        Assert.True(Reads(responder, hello));
        Assert.NotEqual(0, responder.WriteAck(new byte[200], 1, 1, 1, default, out _));
        Assert.Throws<InvalidOperationException>(() => responder.WriteAck(new byte[200], 1, 1, 1, default, out _));
        Assert.Throws<InvalidOperationException>(() => responder.CreateEarlyKey());

        static bool Reads(ResponderHandshake responder, byte[] datagram) =>
            HelloMessage.TryParse(datagram, out var parsed)
            && responder.TryReadStatic(parsed, default)
            && responder.TryReadPayload(parsed, new byte[200], out _);
    }

    [Fact]
    [Covers("SEC-012", "SEC-101")]
    public void Local_misuse_is_told_at_once()
    {
        using var crypto = Initiator();
        var remote = Remote(crypto, Bytes("responder_pk"));
        Assert.Throws<ArgumentException>(() => new InitiatorHandshake(crypto, remote, new byte[15]));
        using var handshake = new InitiatorHandshake(crypto, remote, default);
        Assert.Throws<ArgumentOutOfRangeException>(() => handshake.WriteHello(new byte[1200], 1, 1, 0, 1, default));
        Assert.Throws<ArgumentException>(() => handshake.WriteHello(new byte[152], 1, 1, 1, 1, default));
        Assert.Throws<ArgumentException>(() => handshake.WriteHello(new byte[2000], 1, 1, 1, 1, new byte[1200 - 152]));
        Assert.Equal(1200, handshake.WriteHello(new byte[1200], 1, 1, 1, 1, new byte[1200 - 153]));
    }

    [Fact]
    [Covers("SEC-005", "SEC-006")]
    public void No_HELLO_or_ACK_throws_or_allocates_beyond_the_bound()
    {
        using var responder = Responder();
        using var node = Initiator();
        using var waiting = Begin(node, out var own);
        byte[][] hellos = [Bytes("hello"), Bytes("retry_hello2"), own];
        byte[][] acks = [Bytes("ack"), Bytes("retry_ack2")];
        var mutator = new Mutator(11);
        var buffer = new byte[4096];
        for (var i = 0; i < 3000; i++)
        {
            var hello = mutator.Next(hellos).ToArray();
            if (HelloMessage.TryParse(hello, out _))
                new HelloMac(responder, responder.PublicKey).Write(hello);

            AssertBounded(hello, () => Judge(responder, hello, buffer));
            var ack = mutator.Next(acks).ToArray();
            AssertBounded(ack, () => Assert.False(waiting.TryReadAck(ack, buffer, out _, out _)));
        }

        Assert.Equal(0, responder.KeysInUse);

        static void Judge(SodiumChannelCrypto responder, byte[] datagram, byte[] buffer)
        {
            if (!HelloMessage.TryParse(datagram, out var hello))
                return;

            using var handshake = new ResponderHandshake(responder);
            if (handshake.TryReadStatic(hello, default))
                handshake.TryReadPayload(hello, buffer, out _);
        }

        static void AssertBounded(byte[] input, Action act) =>
            Allocations.AssertAtMost<byte>((2 * input.Length) + 1024, input, _ => act());
    }

    [Fact]
    public void Handshakes_give_back_every_key()
    {
        using var node = Initiator();
        using var peer = Responder();
        for (var i = 0; i < 300; i++)
        {
            using var initiator = Begin(node, out var hello);
            Assert.Equal(i % 2 == 0, Accepts(peer, i % 2 == 0 ? hello : Flip(hello, 8 * 130), []));
        }

        Assert.Equal(0, node.KeysInUse);
        Assert.Equal(0, peer.KeysInUse);
    }

    private static InitiatorHandshake Begin(SodiumChannelCrypto crypto, out byte[] hello)
    {
        var handshake = new InitiatorHandshake(crypto, Remote(crypto, Bytes("responder_pk")), default);
        var datagram = new byte[Limits.HelloSizeMax];
        var length = handshake.WriteHello(
            datagram, Index("idx_i"), Timestamp, InitiatorIncarnation, ChannelOffers.Common, Text("frames_hello"));
        hello = datagram[..length];
        return handshake;
    }

    private static bool Accepts(SodiumChannelCrypto crypto, byte[] datagram, byte[] cookie)
    {
        if (!HelloMessage.TryParse(datagram, out var hello) || !new HelloMac(crypto, crypto.PublicKey).Check(hello))
            return false;

        if (hello.HasMac2)
        {
            Span<byte> mac2 = stackalloc byte[16];
            if (cookie.Length == 0)
                return false;

            crypto.Mac(cookie, hello.CoveredByMac2, mac2);
            if (!crypto.MacEquals(mac2, hello.Mac2))
                return false;
        }

        using var handshake = new ResponderHandshake(crypto);
        return handshake.TryReadStatic(hello, hello.HasMac2 ? cookie : default)
            && handshake.TryReadPayload(hello, new byte[Limits.HelloSizeMax], out _);
    }

    private static byte[] WithMacs(SodiumChannelCrypto responder, byte[] hello, byte[] cookie)
    {
        var repaired = (byte[])hello.Clone();
        new HelloMac(responder, responder.PublicKey).Write(repaired);
        if (cookie.Length > 0)
            responder.Mac(cookie, repaired.AsSpan(0, HelloMessage.Mac2Offset), repaired.AsSpan(HelloMessage.Mac2Offset, 16));

        return repaired;
    }

    private static byte[] Flip(byte[] datagram, int bit)
    {
        var changed = (byte[])datagram.Clone();
        changed[bit / 8] ^= (byte)(1 << (bit % 8));
        return changed;
    }
}
