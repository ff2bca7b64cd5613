using System.Security.Cryptography;
using MsgNet.Core;
using MsgNet.Sodium;
using MsgNet.Testing;

namespace MsgNet.Tests.Sodium;

/// <summary>Many keys take turns in one workspace: each packet is under its own, and nothing of a key stays behind.</summary>
public sealed class AesWorkspaceTests : IDisposable
{
    private readonly Identity identity = Identity.Generate();
    private readonly SodiumChannelCrypto crypto;
    private readonly SeededRandom random = new(5);

    public AesWorkspaceTests() => crypto = new SodiumChannelCrypto(
        identity, SystemRandom.Instance, AesLibrariesOfMachine.Present, new SecureSlab(32, isReadOnly: false));

    [SkippableFact]
    [Covers("SEC-126")]
    public void Keys_that_take_turns_seal_and_open_each_with_its_own()
    {
        Require();
        var secrets = Enumerable.Range(0, 8).Select(_ => Secret()).ToArray();
        var sealing = secrets.Select(secret => crypto.CreateSealingKey(PacketSuite.Aes256Gcm, secret)).ToArray();
        var opening = secrets.Select(secret => crypto.CreateOpeningKey(PacketSuite.Aes256Gcm, secret)).ToArray();
        for (var turn = 0; turn < 2_000; turn++)
        {
            var which = random.NextInt32(0, secrets.Length);
            var length = random.NextInt32(0, 2) == 0 ? random.NextInt32(0, 100) : random.NextInt32(400, 1_400);
            var datagram = Datagram(length);
            var frames = datagram[16..(16 + length)];
            sealing[which].Seal(datagram, length);
            Assert.Equal(frames, OpenOutside(secrets[which], datagram));
            Assert.False(opening[(which + 1) % opening.Length].TryOpen((byte[])datagram.Clone(), out _, out _));
            Assert.True(opening[which].TryOpen(datagram, out _, out _));
            Assert.Equal(frames, datagram[16..(16 + length)]);
        }

        Array.ForEach(sealing, key => key.Dispose());
        Array.ForEach(opening, key => key.Dispose());
        Assert.Equal(0, crypto.KeysInUse);
    }

    [SkippableFact]
    [Covers("SEC-071", "SEC-126")]
    public void Threads_with_keys_of_their_own_do_not_disturb_each_other()
    {
        Require();
        var wrong = 0;
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, number =>
        {
            var secret = new byte[32];
            secret[0] = (byte)number;
            using var sealing = crypto.CreateSealingKey(PacketSuite.Aes256Gcm, secret);
            using var opening = crypto.CreateOpeningKey(PacketSuite.Aes256Gcm, secret);
            for (var i = 0; i < 10_000; i++)
            {
                var length = i % 2 == 0 ? 20 : 600;
                var datagram = new byte[length + Limits.SealOverhead];
                sealing.Seal(datagram, length);
                if (!opening.TryOpen(datagram, out _, out _))
                    Interlocked.Increment(ref wrong);
            }
        });
        Assert.Equal(0, wrong);
    }

    [SkippableFact]
    [Covers("SEC-128")]
    public unsafe void What_was_expanded_is_wiped_with_its_key_and_no_other()
    {
        Require();
        var slab = new SecureSlab(32, isReadOnly: false);
        using var workspace = new AesWorkspace(seals: true, AesLibrariesOfMachine.Present);
        var first = slab.Store(Secret());
        var second = slab.Store(Secret());
        var counter = 0UL;
        Use(first);
        Assert.True(workspace.Holds(first));
        Use(second);
        Assert.False(workspace.Holds(first));
        var slot = first.DangerousGetHandle();
        workspace.Forget(first);
        first.Dispose();
        Assert.Equal(new byte[32], new ReadOnlySpan<byte>((void*)slot, 32).ToArray());
        Assert.Throws<ObjectDisposedException>(() => Use(first));
        Assert.True(workspace.Holds(second));
        Assert.True(workspace.ShowsKeys);
        workspace.Forget(second);
        workspace.Forget(second);
        second.Dispose();
        Assert.False(workspace.Holds(second));
        Assert.False(workspace.ShowsKeys);
        Assert.Equal(0, slab.Used);

        void Use(SecureMemory key)
        {
            workspace.Seal(key, counter++, new byte[100], 68);
            workspace.Seal(key, counter++, new byte[1_000], 968);
        }
    }

    [SkippableFact]
    public void A_key_outlives_its_cryptography()
    {
        Require();
        var secret = Secret();
        var other = new SodiumChannelCrypto(identity, SystemRandom.Instance);
        using var sealing = other.CreateSealingKey(PacketSuite.Aes256Gcm, secret);
        sealing.Seal(Datagram(20), 20);
        sealing.Seal(Datagram(1_000), 1_000);
        other.Dispose();
        foreach (var length in (int[])[20, 1_000])
        {
            var datagram = Datagram(length);
            var frames = datagram[16..(16 + length)];
            sealing.Seal(datagram, length);
            Assert.Equal(frames, OpenOutside(secret, datagram));
        }
    }

    [Fact]
    [Covers("SEC-125")]
    public void Without_a_library_there_is_no_such_key()
    {
        var keys = new SecureSlab(32, isReadOnly: false);
        using var without = new SodiumChannelCrypto(identity, SystemRandom.Instance, AesLibraries.None, keys);
        Assert.False(without.HasAes256Gcm);
        Assert.Throws<ArgumentException>(() => without.CreateSealingKey(PacketSuite.Aes256Gcm, new byte[32]));
        Assert.Throws<ArgumentException>(() => without.CreateOpeningKey(PacketSuite.Aes256Gcm, new byte[32]));
        Assert.Equal(0, without.KeysInUse);
    }

    [Fact]
    [Covers("SEC-125")]
    public void Without_instructions_no_library_counts()
    {
        var instructions = (System.Runtime.Intrinsics.X86.Aes.IsSupported && System.Runtime.Intrinsics.X86.Pclmulqdq.IsSupported)
            || System.Runtime.Intrinsics.Arm.Aes.IsSupported;
        Assert.True(instructions || AesLibrariesOfMachine.Present == AesLibraries.None);
        Assert.Equal(AesLibrariesOfMachine.Present != AesLibraries.None, crypto.HasAes256Gcm);
    }

    public void Dispose()
    {
        crypto.Dispose();
        identity.Dispose();
    }

    private void Require() => Skip.IfNot(crypto.HasAes256Gcm, "needs a CPU with instructions for AES");

    private byte[] Secret()
    {
        var secret = new byte[32];
        random.Fill(secret);
        return secret;
    }

    private byte[] Datagram(int length)
    {
        var datagram = new byte[length + Limits.SealOverhead];
        random.Fill(datagram);
        return datagram;
    }

    private static byte[] OpenOutside(byte[] secret, byte[] datagram)
    {
        using var aes = new AesGcm(secret, 16);
        var nonce = new byte[12];
        datagram.AsSpan(8, 8).CopyTo(nonce.AsSpan(4));
        var plaintext = new byte[datagram.Length - Limits.SealOverhead];
        aes.Decrypt(nonce, datagram.AsSpan(16, plaintext.Length), datagram.AsSpan(^16..), plaintext, datagram.AsSpan(0, 16));
        return plaintext;
    }
}
