using System.Runtime.InteropServices;
using MsgNet.Core;
using MsgNet.Sodium;
using MsgNet.Testing;

namespace MsgNet.Tests.Sodium;

[Covers("ID-005", "SEC-054")]
public unsafe class IdentityPointTests
{
    private readonly SodiumChannelCrypto crypto = ChannelVectors.Responder();

    [Fact]
    public void Every_encoding_at_or_above_p_is_refused()
    {
        for (var low = 0xED; low <= 0xFF; low++)
        {
            foreach (var high in (byte[])[0x7F, 0xFF])
            {
                var encoded = Enumerable.Repeat((byte)0xFF, 32).ToArray();
                encoded[0] = (byte)low;
                encoded[31] = high;
                Assert.False(Ed25519Encoding.IsCanonical(encoded));
                AssertRefused(encoded);
            }
        }
    }

    [Fact]
    public void One_below_p_and_one_bit_below_all_ones_are_canonical()
    {
        var encoded = Enumerable.Repeat((byte)0xFF, 32).ToArray();
        encoded[0] = 0xEC;
        encoded[31] = 0x7F;
        Assert.True(Ed25519Encoding.IsCanonical(encoded));
        for (var i = 1; i < 32; i++)
        {
            var smaller = (byte[])encoded.Clone();
            smaller[0] = 0xFF;
            smaller[i] ^= 0x01;
            Assert.True(Ed25519Encoding.IsCanonical(smaller));
        }
    }

    [Theory]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000080")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000080")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")]
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85")]
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")]
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa")]
    public void Points_of_small_order_are_refused(string hex) => AssertRefused(Convert.FromHexString(hex));

    [Fact]
    public void Wrong_lengths_are_refused()
    {
        AssertRefused([]);
        AssertRefused(crypto.PublicKey[..31].ToArray());
        AssertRefused([.. crypto.PublicKey, 0]);
    }

    [Fact]
    public void Among_random_encodings_exactly_libsodiums_valid_points_are_accepted()
    {
        var random = new SeededRandom(5);
        var encoded = new byte[32];
        var accepted = 0;
        var library = SodiumCore.Load(SodiumCore.Names, typeof(SodiumCore).Assembly);
        var isValid = (delegate* unmanaged<byte*, int>)NativeLibrary.GetExport(library, "crypto_core_ed25519_is_valid_point");
        for (var i = 0; i < 4000; i++)
        {
            random.Fill(encoded);
            var converted = crypto.TryConvertPublicKey(encoded, new byte[32]);
            fixed (byte* point = encoded)
                Assert.Equal(isValid(point) == 1, converted);

            accepted += converted ? 1 : 0;
        }

        // One in two is on the curve, and one in eight of those in the main subgroup.
        Assert.InRange(accepted, 150, 350);
    }

    [Fact]
    public void The_negative_of_a_key_is_a_second_name_with_the_same_agreement_key()
    {
        var twin = crypto.PublicKey.ToArray();
        twin[31] ^= 0x80;
        Span<byte> a = stackalloc byte[32];
        Span<byte> b = stackalloc byte[32];
        Assert.True(crypto.TryConvertPublicKey(crypto.PublicKey, a));
        Assert.True(crypto.TryConvertPublicKey(twin, b));
        Assert.Equal(a.ToArray(), b.ToArray());

        // The exact 32 bytes are hashed, so a HELLO to the one is refused by the other.
        using var initiator = ChannelVectors.Initiator();
        using var handshake = new InitiatorHandshake(initiator, ChannelVectors.Remote(initiator, twin), default);
        var datagram = new byte[Limits.HelloSizeMax];
        var length = handshake.WriteHello(datagram, 1, 1, 1, ChannelOffers.Common, default);
        new HelloMac(crypto, crypto.PublicKey).Write(datagram);
        Assert.True(HelloMessage.TryParse(datagram.AsSpan(0, length), out var hello));
        using var responder = new ResponderHandshake(crypto);
        Assert.False(responder.TryReadStatic(hello, default));
    }

    private void AssertRefused(byte[] encoded)
    {
        var converted = new byte[32];
        Assert.False(crypto.TryConvertPublicKey(encoded, converted));
        Assert.Equal(new byte[32], converted);
        Assert.False(RemoteIdentity.TryCreate(crypto, encoded, out _));
    }
}
