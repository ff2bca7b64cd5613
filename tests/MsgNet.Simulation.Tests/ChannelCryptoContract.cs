using System.Buffers.Binary;
using MsgNet.Core;

namespace MsgNet.Simulation.Tests;

/// <summary>What every <see cref="IChannelCrypto"/> owes the channel, whatever is behind it.</summary>
public abstract class ChannelCryptoContract
{
    private readonly SeededRandom random = new(11);

    [Fact]
    public void Identities_agree_and_only_with_the_right_keys()
    {
        var (a, b, c) = (Create(1), Create(2), Create(3));
        var ab = AgreeIdentity(a, b);
        Assert.Equal(ab, AgreeIdentity(b, a));
        Assert.NotEqual(ab, AgreeIdentity(a, c));
        Assert.NotEqual(ab, AgreeIdentity(c, b));
        Assert.NotEqual(AgreeIdentity(a, c), AgreeIdentity(c, b));
    }

    [Fact]
    public void Ephemeral_keys_agree_with_each_other_and_with_identities()
    {
        var (a, b) = (Create(1), Create(2));
        using var x = a.CreateEphemeral();
        using var y = b.CreateEphemeral();
        var xy = Agree(x, y.PublicKey);
        Assert.Equal(xy, Agree(y, x.PublicKey));
        var es = Agree(x, Convert(b));
        var fromIdentity = new byte[32];
        Assert.True(b.TryAgreeIdentity(x.PublicKey, fromIdentity));
        Assert.Equal(es, fromIdentity);
        Assert.NotEqual(xy, es);
        using var another = a.CreateEphemeral();
        Assert.NotEqual(x.PublicKey.ToArray(), another.PublicKey.ToArray());
    }

    [Fact]
    public void The_unconverted_identity_key_does_not_agree()
    {
        var (a, b) = (Create(1), Create(2));
        var shared = new byte[32];
        if (a.TryAgreeIdentity(b.PublicKey, shared))
            Assert.NotEqual(AgreeIdentity(b, a), shared);
    }

    [Fact]
    public void The_zero_key_is_refused_with_zeros()
    {
        var crypto = Create(1);
        var output = Filled(32);
        Assert.False(crypto.TryConvertPublicKey(new byte[32], output));
        Assert.Equal(new byte[32], output);
        output = Filled(32);
        Assert.False(crypto.TryAgreeIdentity(new byte[32], output));
        Assert.Equal(new byte[32], output);
        output = Filled(32);
        using var key = crypto.CreateEphemeral();
        Assert.False(key.TryAgree(new byte[32], output));
        Assert.Equal(new byte[32], output);
        Assert.False(crypto.TryConvertPublicKey(new byte[31], output));
    }

    [Fact]
    public void A_disposed_key_refuses_and_still_shows_its_public_half()
    {
        var crypto = Create(1);
        var ephemeral = crypto.CreateEphemeral();
        var before = ephemeral.PublicKey.ToArray();
        ephemeral.Dispose();
        ephemeral.Dispose();
        Assert.Equal(before, ephemeral.PublicKey);
        Assert.Throws<ObjectDisposedException>(() => ephemeral.TryAgree(before, new byte[32]));
        var sealing = crypto.CreateSealingKey(PacketSuite.ChaCha20Poly1305, new byte[32]);
        sealing.Dispose();
        Assert.Throws<ObjectDisposedException>(() => sealing.Seal(new byte[64], 32));
        var opening = crypto.CreateOpeningKey(PacketSuite.ChaCha20Poly1305, new byte[32]);
        opening.Dispose();
        Assert.Throws<ObjectDisposedException>(() => opening.TryOpen(new byte[64], out _, out _));
    }

    [Fact]
    public void Hashes_depend_on_every_bit_and_not_on_where_the_input_is_cut()
    {
        var crypto = Create(1);
        foreach (var length in (int[])[0, 1, 15, 16, 17, 100, 1200, 5000])
        {
            var data = Filled(length);
            var hashes = new HashSet<string> { Sha(data, []), Hash(data, []) };
            Assert.Equal(2, hashes.Count);
            Assert.Equal(Sha(data, []), Sha([], data));
            Assert.Equal(Sha(data, []), Sha(data[..(length / 3)], data[(length / 3)..]));
            Assert.Equal(Hash(data, []), Hash(data[..(length / 2)], data[(length / 2)..]));
            Assert.True(hashes.Add(Sha(data, [0])));
            foreach (var flipped in Flipped(data))
                Assert.True(hashes.Add(Sha(flipped, [])));
        }

        var overlap = Filled(32);
        var expected = Sha(overlap, overlap);
        crypto.Sha256(overlap, overlap, overlap);
        Assert.Equal(expected, System.Convert.ToHexString(overlap));

        string Sha(byte[] a, byte[] b)
        {
            var hash = new byte[32];
            crypto.Sha256(a, b, hash);
            return System.Convert.ToHexString(hash);
        }

        string Hash(byte[] a, byte[] b)
        {
            var hash = new byte[32];
            crypto.Hash32(a, b, hash);
            return System.Convert.ToHexString(hash);
        }
    }

    [Fact]
    public void Macs_depend_on_every_bit_of_key_and_data()
    {
        var crypto = Create(1);
        var (key, data) = (Filled(32), Filled(77));
        var macs = new HashSet<string> { Mac(key, data) };
        var hmacs = new HashSet<string> { Hmac(key, data) };
        Assert.Equal(Mac(key, data), Mac(key, data));
        Assert.Equal(Hmac(key, data), Hmac(key, data));
        foreach (var flipped in Flipped(key))
        {
            Assert.True(macs.Add(Mac(flipped, data)));
            Assert.True(hmacs.Add(Hmac(flipped, data)));
        }

        foreach (var flipped in Flipped(data))
        {
            Assert.True(macs.Add(Mac(key, flipped)));
            Assert.True(hmacs.Add(Hmac(key, flipped)));
        }

        Assert.True(hmacs.Add(Hmac([], data)));
        Assert.True(crypto.MacEquals(key, key.ToArray()));
        Assert.False(crypto.MacEquals(key, key.AsSpan(1)));
        Assert.All(Flipped(key), flipped => Assert.False(crypto.MacEquals(key, flipped)));
        Assert.Throws<ArgumentException>(() => crypto.Mac(new byte[15], data, new byte[16]));
        Assert.Throws<ArgumentException>(() => crypto.Mac(new byte[65], data, new byte[16]));

        string Mac(byte[] k, byte[] d)
        {
            var mac = new byte[16];
            crypto.Mac(k, d, mac);
            return System.Convert.ToHexString(mac);
        }

        string Hmac(byte[] k, byte[] d)
        {
            var mac = new byte[32];
            crypto.HmacSha256(k, d, mac);
            return System.Convert.ToHexString(mac);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 7)]
    [InlineData(32, 32)]
    [InlineData(1100, 16)]
    public void The_handshake_seal_opens_only_untouched(int length, int adLength)
    {
        var crypto = Create(1);
        var (key, ad, plaintext) = (Filled(32), Filled(adLength), Filled(length));
        var ciphertext = new byte[length + 16];
        crypto.SealHandshake(key, 3, ad, plaintext, ciphertext);
        AssertHidden(plaintext, ciphertext);

        var opened = new byte[length];
        Assert.True(crypto.TryOpenHandshake(key, 3, ad, ciphertext, opened));
        Assert.Equal(plaintext, opened);
        Assert.False(crypto.TryOpenHandshake(key, 4, ad, ciphertext, opened));
        Assert.Equal(new byte[length], opened);
        Assert.All(Flipped(key), wrong => Assert.False(crypto.TryOpenHandshake(wrong, 3, ad, ciphertext, opened)));
        Assert.All(Flipped(ad), wrong => Assert.False(crypto.TryOpenHandshake(key, 3, wrong, ciphertext, opened)));
        Assert.All(Flipped(ciphertext), wrong => Assert.False(crypto.TryOpenHandshake(key, 3, ad, wrong, opened)));
        Assert.False(crypto.TryOpenHandshake(key, 3, [.. ad, 0], ciphertext, opened));
        Assert.False(crypto.TryOpenHandshake(key, 3, ad, new byte[15], []));

        var inPlace = new byte[length + 16];
        plaintext.CopyTo(inPlace, 0);
        crypto.SealHandshake(key, 3, ad, inPlace.AsSpan(0, length), inPlace);
        Assert.Equal(ciphertext, inPlace);
    }

    [Fact]
    public void The_cookie_seal_opens_only_untouched()
    {
        var crypto = Create(1);
        var (key, nonce, ad, cookie) = (Filled(32), Filled(24), Filled(16), Filled(16));
        var ciphertext = new byte[32];
        crypto.SealCookie(key, nonce, ad, cookie, ciphertext);
        AssertHidden(cookie, ciphertext);
        var opened = new byte[16];
        Assert.True(crypto.TryOpenCookie(key, nonce, ad, ciphertext, opened));
        Assert.Equal(cookie, opened);
        Assert.All(Flipped(key), wrong => Assert.False(crypto.TryOpenCookie(wrong, nonce, ad, ciphertext, opened)));
        Assert.All(Flipped(nonce), wrong => Assert.False(crypto.TryOpenCookie(key, wrong, ad, ciphertext, opened)));
        Assert.All(Flipped(ad), wrong => Assert.False(crypto.TryOpenCookie(key, nonce, wrong, ciphertext, opened)));
        Assert.All(Flipped(ciphertext), wrong => Assert.False(crypto.TryOpenCookie(key, nonce, ad, wrong, opened)));
        Assert.Equal(new byte[16], opened);
    }

    [SkippableTheory]
    [InlineData(0, PacketSuite.ChaCha20Poly1305)]
    [InlineData(0, PacketSuite.Aes256Gcm)]
    [InlineData(1, PacketSuite.ChaCha20Poly1305)]
    [InlineData(1, PacketSuite.Aes256Gcm)]
    [InlineData(31, PacketSuite.ChaCha20Poly1305)]
    [InlineData(31, PacketSuite.Aes256Gcm)]
    [InlineData(1168, PacketSuite.ChaCha20Poly1305)]
    [InlineData(1168, PacketSuite.Aes256Gcm)]
    public void Packets_open_only_untouched_and_carry_their_counter(int length, PacketSuite suite)
    {
        var crypto = Create(1);
        Skip.IfNot(suite == PacketSuite.ChaCha20Poly1305 || crypto.HasAes256Gcm, "needs a CPU with instructions for AES");
        var key = Filled(32);
        using var sealing = crypto.CreateSealingKey(suite, key);
        using var opening = Create(2).CreateOpeningKey(suite, key);
        var frames = Filled(length);
        Assert.Equal(0UL, sealing.Take());
        Assert.Equal(1UL, sealing.NextCounter);

        var first = Sealed(sealing, frames);
        var second = Sealed(sealing, frames);
        AssertHidden(frames, first.AsSpan(16));
        Assert.NotEqual(first[16..], second[16..]);
        Assert.Equal(1UL, BinaryPrimitives.ReadUInt64LittleEndian(first.AsSpan(8)));

        foreach (var (datagram, expected) in new[] { (second, 2UL), (first, 1UL), (first, 1UL) })
        {
            var copy = datagram.ToArray();
            Assert.True(opening.TryOpen(copy, out var counter, out var plaintextLength));
            Assert.Equal(expected, counter);
            Assert.Equal(length, plaintextLength);
            Assert.Equal(frames, copy.AsSpan(16, length));
        }

        Assert.All(Flipped(first), wrong => Assert.False(opening.TryOpen(wrong, out _, out _)));
        Assert.False(opening.TryOpen(first.AsSpan(0, 31), out _, out _));
        if (crypto.HasAes256Gcm)
        {
            using var ofOtherSuite = crypto.CreateOpeningKey(PacketSuite.Aes256Gcm - (int)suite, key);
            Assert.False(ofOtherSuite.TryOpen(first.ToArray(), out _, out _));
        }

        foreach (var wrongKey in Flipped(key))
        {
            using var wrong = crypto.CreateOpeningKey(suite, wrongKey);
            var copy = first.ToArray();
            Assert.False(wrong.TryOpen(copy, out _, out var plaintextLength));
            Assert.Equal(0, plaintextLength);
            if (length > 8)
                Assert.False(frames.AsSpan().SequenceEqual(copy.AsSpan(16, length)));
        }
    }

    [Fact]
    public void Misuse_throws()
    {
        var crypto = Create(1);
        Assert.ThrowsAny<ArgumentException>(() => crypto.CreateSealingKey(PacketSuite.ChaCha20Poly1305, new byte[31]));
        Assert.ThrowsAny<ArgumentException>(() => crypto.CreateOpeningKey(PacketSuite.ChaCha20Poly1305, new byte[33]));
        Assert.ThrowsAny<ArgumentException>(() => crypto.Sha256([], [], new byte[31]));
        Assert.ThrowsAny<ArgumentException>(() => crypto.SealHandshake(new byte[31], 0, [], [], new byte[16]));
        using var sealing = crypto.CreateSealingKey(PacketSuite.ChaCha20Poly1305, new byte[32]);
        Assert.ThrowsAny<ArgumentException>(() => sealing.Seal(new byte[40], 9));
        Assert.Equal(0UL, sealing.NextCounter);
        var secret = Filled(32);
        crypto.Wipe(secret);
        Assert.Equal(new byte[32], secret);
    }

    /// <summary>The cryptography of the node with that number; another number is another node.</summary>
    protected abstract IChannelCrypto Create(int node);

    private static byte[] Sealed(ISealingKey key, byte[] frames)
    {
        var datagram = new byte[frames.Length + 32];
        datagram[0] = 8;
        frames.CopyTo(datagram, 16);
        key.Seal(datagram, frames.Length);
        return datagram;
    }

    private static byte[] Convert(IChannelCrypto crypto)
    {
        var converted = new byte[32];
        Assert.True(crypto.TryConvertPublicKey(crypto.PublicKey, converted));
        return converted;
    }

    private static byte[] AgreeIdentity(IChannelCrypto own, IChannelCrypto remote)
    {
        var shared = new byte[32];
        Assert.True(own.TryAgreeIdentity(Convert(remote), shared));
        return shared;
    }

    private static byte[] Agree(IEphemeralKey own, ReadOnlySpan<byte> remote)
    {
        var shared = new byte[32];
        Assert.True(own.TryAgree(remote, shared));
        return shared;
    }

    private static void AssertHidden(ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> ciphertext)
    {
        for (var i = 0; i + 8 <= plaintext.Length; i++)
            Assert.Equal(-1, ciphertext.IndexOf(plaintext.Slice(i, 8)));
    }

    /// <summary>Copies with one bit flipped: every bit of the first and last 40 bytes, and some between.</summary>
    private static IEnumerable<byte[]> Flipped(byte[] bytes)
    {
        for (var bit = 0; bit < bytes.Length * 8; bit += bit < 320 || bit >= (bytes.Length - 40) * 8 ? 1 : 61)
        {
            var copy = bytes.ToArray();
            copy[bit / 8] ^= (byte)(1 << (bit % 8));
            yield return copy;
        }
    }

    private byte[] Filled(int length)
    {
        var bytes = new byte[length];
        random.Fill(bytes);
        return bytes;
    }
}
