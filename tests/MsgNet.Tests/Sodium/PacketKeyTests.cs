using System.Buffers.Binary;
using System.Security.Cryptography;
using MsgNet.Core;
using MsgNet.Sodium;
using MsgNet.Testing;

namespace MsgNet.Tests.Sodium;

/// <summary>What the keys of every suite owe their sessions, whichever library seals.</summary>
public abstract class PacketKeyTests : IDisposable
{
    private readonly PacketSuite suite;
    private readonly AesLibraries libraries;
    private readonly Identity identity = Identity.Generate();
    private readonly SodiumChannelCrypto crypto;
    private readonly byte[] secret = new byte[32];

    private protected PacketKeyTests(PacketSuite suite, AesLibraries aes)
    {
        var missing = aes & ~AesLibrariesOfMachine.Present;
        Skip.If(missing != AesLibraries.None, $"needs instructions for AES, and what uses them: {missing}");
        this.suite = suite;
        libraries = aes;
        crypto = new SodiumChannelCrypto(identity, SystemRandom.Instance, aes, SecureSlab.SessionKeys);
        new SeededRandom(3).Fill(secret);
    }

    public void Dispose()
    {
        crypto.Dispose();
        identity.Dispose();
        GC.SuppressFinalize(this);
    }

    [SkippableTheory]
    [Covers("SEC-014", "SEC-126")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(AesWorkspace.OpenSslLengthMin - 1)]
    [InlineData(AesWorkspace.OpenSslLengthMin)]
    [InlineData(1440)]
    public void What_is_sealed_opens_in_place(int length)
    {
        using var sealing = Sealing(secret);
        using var opening = Opening(secret);
        for (var expected = 0UL; expected < 3; expected++)
        {
            var datagram = Datagram(length);
            var frames = datagram.AsSpan(16, length).ToArray();
            Assert.Equal(expected, sealing.NextCounter);
            Assert.Equal(expected, sealing.Seal(datagram, length));
            Assert.Equal(expected, BinaryPrimitives.ReadUInt64LittleEndian(datagram.AsSpan(8)));
            Assert.True(length == 0 || !datagram.AsSpan(16, length).SequenceEqual(frames));
            Assert.True(opening.TryOpen(datagram, out var counter, out var opened));
            Assert.Equal((expected, length), (counter, opened));
            Assert.Equal(frames, datagram[16..(16 + length)]);
        }
    }

    [SkippableTheory]
    [Covers("SEC-001", "SEC-126")]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(AesWorkspace.OpenSslLengthMin)]
    public void Every_flipped_bit_of_a_packet_is_refused(int length)
    {
        using var sealing = Sealing(secret);
        using var opening = Opening(secret);
        var datagram = Datagram(length);
        sealing.Seal(datagram, length);
        for (var bit = 0; bit < datagram.Length * 8; bit++)
        {
            var changed = (byte[])datagram.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(opening.TryOpen(changed, out _, out var opened), $"bit {bit}");
            Assert.Equal(0, opened);
        }

        for (var size = 0; size < datagram.Length; size++)
            Assert.False(opening.TryOpen(datagram.AsSpan(0, size).ToArray(), out _, out _));

        for (var bit = 0; bit < 256; bit++)
        {
            var otherSecret = (byte[])secret.Clone();
            otherSecret[bit / 8] ^= (byte)(1 << (bit % 8));
            using var other = Opening(otherSecret);
            Assert.False(other.TryOpen((byte[])datagram.Clone(), out _, out _));
        }

        Assert.True(opening.TryOpen(datagram, out _, out _));
    }

    [SkippableFact]
    public void A_skipped_counter_is_never_sealed_with()
    {
        using var sealing = Sealing(secret);
        Assert.Equal(0UL, sealing.Seal(Datagram(1), 1));
        Assert.Equal(1UL, sealing.Take());
        Assert.Equal(2UL, sealing.Seal(Datagram(1), 1));
    }

    [SkippableFact]
    public void A_counter_at_or_above_the_bound_is_refused_unopened()
    {
        using var opening = Opening(secret);
        foreach (var counter in (ulong[])[PacketCounter.RejectAfter - 1, PacketCounter.RejectAfter, ulong.MaxValue])
        {
            // Sealed outside, since a sealing key gives no such counter.
            var datagram = Datagram(4);
            BinaryPrimitives.WriteUInt64LittleEndian(datagram.AsSpan(8), counter);
            SealOutside(datagram, counter);
            Assert.Equal(counter < PacketCounter.RejectAfter, opening.TryOpen(datagram, out _, out _));
        }
    }

    [SkippableTheory]
    [Covers("SEC-001", "SEC-126")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(1440)]
    public void What_others_seal_opens_and_one_false_byte_leaves_nothing_of_it(int length)
    {
        using var opening = Opening(secret);
        foreach (var counter in (ulong[])[0, 0x0102_0304_0506_0708])
        {
            var datagram = Datagram(length);
            BinaryPrimitives.WriteUInt64LittleEndian(datagram.AsSpan(8), counter);
            SealOutside(datagram, counter);
            var forged = (byte[])datagram.Clone();
            forged[^1] ^= 1;
            Assert.False(opening.TryOpen(forged, out _, out _));
            Assert.Equal(new byte[length], forged[16..(16 + length)]);
            Assert.True(opening.TryOpen(datagram, out var named, out _));
            Assert.Equal(counter, named);
            Assert.All(datagram[16..(16 + length)], value => Assert.Equal(0x5A, value));
        }
    }

    [SkippableFact]
    public void A_disposed_key_refuses()
    {
        var sealing = Sealing(secret);
        var opening = Opening(secret);
        sealing.Dispose();
        opening.Dispose();
        sealing.Dispose();
        Assert.Throws<ObjectDisposedException>(() => sealing.Seal(Datagram(1), 1));
        Assert.Throws<ObjectDisposedException>(() => opening.TryOpen(Datagram(1), out _, out _));
        Assert.Equal(0UL, sealing.NextCounter);
    }

    [SkippableFact]
    [Covers("API-234", "SEC-071")]
    public void A_key_that_is_lent_outlives_its_disposal_and_is_wiped_with_its_return()
    {
        using var own = new SodiumChannelCrypto(identity, SystemRandom.Instance, libraries, new SecureSlab(32, isReadOnly: false));
        var sealing = own.CreateSealingKey(suite, secret);
        using var opening = Opening(secret);
        sealing.Lend();
        sealing.Lend();
        var (first, second) = (sealing.Take(), sealing.Take());
        sealing.Dispose();
        foreach (var (counter, length) in new[] { (second, 600), (first, 20) })
        {
            var datagram = Datagram(length);
            sealing.Seal(datagram, length, counter);
            Assert.True(opening.TryOpen(datagram, out var opened, out var plaintextLength));
            Assert.Equal((counter, length), (opened, plaintextLength));
            Assert.Equal(1, own.KeysInUse);
            sealing.Return();
        }

        Assert.Equal(0, own.KeysInUse);
        Assert.Throws<ObjectDisposedException>(sealing.Lend);
        Assert.Throws<ObjectDisposedException>(() => sealing.Seal(Datagram(1), 1));
    }

    [SkippableFact]
    [Covers("API-234", "SEC-071")]
    public void A_key_that_is_lent_opens_after_its_disposal_and_is_wiped_with_its_return()
    {
        using var own = new SodiumChannelCrypto(identity, SystemRandom.Instance, libraries, new SecureSlab(32, isReadOnly: false));
        using var sealing = Sealing(secret);
        var opening = own.CreateOpeningKey(suite, secret);
        opening.Lend();
        opening.Lend();
        opening.Dispose();
        foreach (var length in new[] { 600, 20 })
        {
            var datagram = Datagram(length);
            sealing.Seal(datagram, length);
            Assert.True(opening.TryOpenLent(datagram, out _, out var plaintextLength));
            Assert.Equal(length, plaintextLength);
            Assert.Equal(1, own.KeysInUse);
            opening.Return();
        }

        Assert.Equal(0, own.KeysInUse);
        Assert.Throws<ObjectDisposedException>(opening.Lend);
    }

    [SkippableFact]
    public void A_datagram_without_room_is_refused_before_a_counter_is_used()
    {
        using var sealing = Sealing(secret);
        Assert.Throws<ArgumentException>(() => sealing.Seal(new byte[32], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => sealing.Seal(new byte[32], -1));
        Assert.Equal(0UL, sealing.NextCounter);
    }

    [SkippableFact]
    public void Sealing_and_opening_allocate_nothing()
    {
        using var sealing = Sealing(secret);
        using var opening = Opening(secret);
        var datagram = Datagram(1168);
        var forged = Datagram(1168);
        var window = new ReplayWindow(Limits.ReplayWindowBits);
        var other = new byte[40];
        SealAndOpen(100);
        Allocations.AssertAtMost<byte>(0, default, _ => SealAndOpen(5_000));

        void SealAndOpen(int count)
        {
            for (var i = 0; i < count; i++)
            {
                sealing.Seal(datagram, 1168);
                Invariant.Check(opening.TryOpen(datagram, out var counter, out _) && window.TryAccept(counter));
                Invariant.Check(!opening.TryOpen(forged, out _, out _));
                sealing.Seal(other, 8);
            }
        }
    }

    [SkippableFact]
    public void Hashing_allocates_nothing_for_datagrams_of_handshakes()
    {
        var data = new byte[Limits.DatagramSizeEthernet];
        var hash = new byte[32];
        Hash(10);
        Allocations.AssertAtMost<byte>(0, default, _ => Hash(1000));

        void Hash(int count)
        {
            for (var i = 0; i < count; i++)
            {
                crypto.Sha256(hash, data, hash);
                crypto.HmacSha256(secret, data, hash);
                crypto.Mac(secret, data, hash.AsSpan(0, 16));
                crypto.Hash32("prefix"u8, data, hash);
            }
        }
    }

    private ISealingKey Sealing(byte[] key32) => crypto.CreateSealingKey(suite, key32);

    private IOpeningKey Opening(byte[] key32) => crypto.CreateOpeningKey(suite, key32);

    // By the runtime's own classes: one that the keys do not share.
    private void SealOutside(byte[] datagram, ulong counter)
    {
        var nonce = new byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(nonce.AsSpan(4), counter);
        var (frames, tag, header) = (datagram.AsMemory(16, datagram.Length - 32), datagram.AsMemory(^16..), datagram.AsMemory(0, 16));
        if (suite == PacketSuite.Aes256Gcm)
        {
            using var aes = new AesGcm(secret, 16);
            aes.Encrypt(nonce, frames.Span, frames.Span, tag.Span, header.Span);
            return;
        }

        using var cipher = new ChaCha20Poly1305(secret);
        cipher.Encrypt(nonce, frames.Span, frames.Span, tag.Span, header.Span);
    }

    private static byte[] Datagram(int plaintextLength)
    {
        var datagram = new byte[plaintextLength + Limits.SealOverhead];
        DataHeader.Write(datagram, ChannelMessageType.Data, 0x01020304);
        datagram.AsSpan(16, plaintextLength).Fill(0x5A);
        return datagram;
    }
}

public sealed class ChaChaPacketKeyTests() : PacketKeyTests(PacketSuite.ChaCha20Poly1305, AesLibraries.None);

public sealed class AesPacketKeyTests() : PacketKeyTests(PacketSuite.Aes256Gcm, AesLibrariesOfMachine.Present);

public sealed class AesBySodiumPacketKeyTests() : PacketKeyTests(PacketSuite.Aes256Gcm, AesLibraries.Sodium);

public sealed class AesByOpenSslPacketKeyTests() : PacketKeyTests(PacketSuite.Aes256Gcm, AesLibraries.OpenSsl);
