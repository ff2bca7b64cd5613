using System.Text.Json;
using MsgNet.Core;
using MsgNet.Sodium;
using MsgNet.Testing;

namespace MsgNet.Tests.Sodium;

[Covers("SEC-002")]
public class WycheproofTests
{
    [Fact]
    [Covers("SEC-003")]
    public void X25519_agrees_and_refuses_outputs_of_zero()
    {
        var zeros = 0;
        var count = 0;
        foreach (var (_, test) in Cases("x25519_test.json"))
        {
            using var crypto = ChannelVectors.Initiator(Hex(test, "private"));
            using var key = crypto.CreateEphemeral();
            var expected = Hex(test, "shared");
            var shared = new byte[32];
            var isZero = expected.All(value => value == 0);
            Assert.True(key.TryAgree(Hex(test, "public"), shared) == !isZero, Id(test));
            Assert.True(expected.AsSpan().SequenceEqual(shared), Id(test));
            zeros += isZero ? 1 : 0;
            count++;
        }

        Assert.Equal((518, 31), (count, zeros));
    }

    [Fact]
    public void Ed25519_accepts_the_valid_signatures_and_no_other()
    {
        var count = 0;
        foreach (var (group, test) in Cases("ed25519_test.json"))
        {
            var key = Hex(group.GetProperty("publicKey"), "pk");
            Assert.True(Identity.Verify(key, Hex(test, "msg"), Hex(test, "sig")) == IsValid(test), Id(test));
            count++;
        }

        Assert.Equal(151, count);
    }

    [Fact]
    [Covers("SEC-001")]
    public void ChaCha20_Poly1305_seals_and_opens()
    {
        SodiumCore.Start();
        var count = 0;
        foreach (var (group, test) in Cases("chacha20_poly1305_test.json"))
        {
            // A nonce of another length cannot even be passed.
            if (group.GetProperty("ivSize").GetInt32() != 96)
                continue;

            var (sealedBytes, message) = (new byte[Hex(test, "msg").Length + 16], Hex(test, "msg"));
            byte[] ciphertext = [.. Hex(test, "ct"), .. Hex(test, "tag")];
            var opened = new byte[message.Length];
            Assert.True(Open(test, ciphertext, opened) == IsValid(test), Id(test));
            Assert.True(!IsValid(test) || opened.AsSpan().SequenceEqual(message), Id(test));
            Seal(test, message, sealedBytes);
            Assert.True(sealedBytes.AsSpan().SequenceEqual(ciphertext) == IsValid(test), Id(test));
            count++;
        }

        Assert.Equal(316, count);
    }

    [SkippableTheory]
    [Covers("SEC-126")]
    [InlineData(AesLibraries.Sodium)]
    [InlineData(AesLibraries.OpenSsl)]
    public void AES_256_GCM_seals_and_opens(object library)
    {
        Skip.IfNot(AesLibrariesOfMachine.Present.HasFlag((AesLibraries)library), $"needs AES by {library}");
        var count = 0;
        foreach (var (group, test) in Cases("aes_gcm_test.json"))
        {
            if ((group.GetProperty("ivSize").GetInt32(), group.GetProperty("keySize").GetInt32()) != (96, 256))
                continue;

            var message = Hex(test, "msg");
            byte[] ciphertext = [.. Hex(test, "ct"), .. Hex(test, "tag")];
            var aes = new WycheproofAes(Hex(test, "key"), Hex(test, "iv"), Hex(test, "aad"), (AesLibraries)library);
            Assert.True(aes.TryOpen(ciphertext, out var opened) == IsValid(test), Id(test));
            Assert.True(!IsValid(test) || opened.AsSpan().SequenceEqual(message), Id(test));
            Assert.True(aes.Seal(message).AsSpan().SequenceEqual(ciphertext) == IsValid(test), Id(test));
            count++;
        }

        Assert.Equal(66, count);
    }

    [Fact]
    [Covers("SEC-001")]
    public void The_channels_nonce_is_four_zeros_and_a_little_endian_counter()
    {
        using var crypto = ChannelVectors.Initiator();
        var count = 0;
        foreach (var (_, test) in Cases("chacha20_poly1305_test.json"))
        {
            var iv = Hex(test, "iv");
            if (iv.Length != 12 || iv.AsSpan(0, 4).ContainsAnyExcept((byte)0) || !IsValid(test))
                continue;

            var nonce = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(iv.AsSpan(4));
            var ciphertext = new byte[Hex(test, "msg").Length + 16];
            crypto.SealHandshake(Hex(test, "key"), nonce, Hex(test, "aad"), Hex(test, "msg"), ciphertext);
            Assert.True(ciphertext.AsSpan().SequenceEqual([.. Hex(test, "ct"), .. Hex(test, "tag")]), Id(test));
            var opened = new byte[ciphertext.Length - 16];
            Assert.True(crypto.TryOpenHandshake(Hex(test, "key"), nonce, Hex(test, "aad"), ciphertext, opened), Id(test));
            Assert.True(opened.AsSpan().SequenceEqual(Hex(test, "msg")), Id(test));
            count++;
        }

        Assert.InRange(count, 1, 10);
    }

    [Fact]
    public void HMAC_SHA_256_agrees_up_to_its_truncation()
    {
        using var crypto = ChannelVectors.Initiator();
        var count = 0;
        foreach (var (_, test) in Cases("hmac_sha256_test.json"))
        {
            var mac = new byte[32];
            crypto.HmacSha256(Hex(test, "key"), Hex(test, "msg"), mac);
            var tag = Hex(test, "tag");
            Assert.True(mac.AsSpan(0, tag.Length).SequenceEqual(tag) == IsValid(test), Id(test));
            count++;
        }

        Assert.Equal(174, count);
    }

    [Fact]
    public void HKDF_of_two_outputs_without_info_agrees()
    {
        using var crypto = ChannelVectors.Initiator();
        var count = 0;
        foreach (var (_, test) in Cases("hkdf_sha256_test.json"))
        {
            if (test.GetProperty("info").GetString() != "" || test.GetProperty("size").GetInt32() > 64)
                continue;

            var output = new byte[64];
            NoiseHkdf.Derive(crypto, Hex(test, "salt"), Hex(test, "ikm"), output.AsSpan(0, 32), output.AsSpan(32));
            Assert.True(output.AsSpan(0, Hex(test, "okm").Length).SequenceEqual(Hex(test, "okm")), Id(test));
            count++;
        }

        Assert.Equal(31, count);
    }

    [Fact]
    public void BLAKE2b_agrees_with_RFC_7693_and_the_pieces_with_the_whole()
    {
        using var crypto = ChannelVectors.Initiator();
        var whole = new byte[32];
        var pieces = new byte[32];
        crypto.Hash32("abc"u8, default, whole);

        // BLAKE2b-256 of "abc", as b2sum -l 256 prints it.
        Assert.Equal("BDDD813C634239723171EF3FEE98579B94964E3BB1CB3E427262C8C068D52319", Convert.ToHexString(whole));
        var data = new byte[300];
        new SeededRandom(1).Fill(data);
        crypto.Hash32(default, data, whole);
        for (var cut = 0; cut <= data.Length; cut++)
        {
            crypto.Hash32(data.AsSpan(0, cut), data.AsSpan(cut), pieces);
            Assert.Equal(whole, pieces);
        }
    }

    [Fact]
    public void SHA_256_of_two_pieces_is_that_of_the_whole_at_every_length()
    {
        using var crypto = ChannelVectors.Initiator();
        var data = new byte[5000];
        new SeededRandom(2).Fill(data);
        var hash = new byte[32];
        foreach (var length in (int[])[0, 1, 32, 55, 56, 64, 1232, 2016, 2047, 2048, 2049, 5000])
        {
            foreach (var cut in (int[])[0, Math.Min(32, length), length])
            {
                crypto.Sha256(data.AsSpan(0, cut), data.AsSpan(cut, length - cut), hash);
                Assert.Equal(System.Security.Cryptography.SHA256.HashData(data.AsSpan(0, length)), hash);
            }
        }
    }

    private static unsafe bool Open(JsonElement test, byte[] ciphertext, byte[] opened)
    {
        fixed (byte* output = opened, input = ciphertext, ad = Hex(test, "aad"), nonce = Hex(test, "iv"), key = Hex(test, "key"))
        {
            return SodiumAeadChaCha20Poly1305.Decrypt(
                output, null, null, input, (ulong)ciphertext.Length, ad, (ulong)Hex(test, "aad").Length, nonce, key) == 0;
        }
    }

    private static unsafe void Seal(JsonElement test, byte[] message, byte[] ciphertext)
    {
        fixed (byte* output = ciphertext, input = message, ad = Hex(test, "aad"), nonce = Hex(test, "iv"), key = Hex(test, "key"))
        {
            Assert.Equal(0, SodiumAeadChaCha20Poly1305.Encrypt(
                output, null, input, (ulong)message.Length, ad, (ulong)Hex(test, "aad").Length, null, nonce, key));
        }
    }

    private static IEnumerable<(JsonElement Group, JsonElement Test)> Cases(string file) =>
        from testGroup in RepositoryFiles.Vectors("wycheproof", file).GetProperty("testGroups").EnumerateArray()
        from test in testGroup.GetProperty("tests").EnumerateArray()
        select (testGroup, test);

    private static bool IsValid(JsonElement test) => test.GetProperty("result").GetString() == "valid";

    private static string Id(JsonElement test) => $"case {test.GetProperty("tcId").GetInt32()}: {test.GetProperty("comment").GetString()}";

    private static byte[] Hex(JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);
}
