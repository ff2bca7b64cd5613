using System.Buffers.Binary;
using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using MsgNet.Core;
using MsgNet.Sodium;

namespace MsgNet.Benchmarks;

/// <summary>
/// One packet of both suites, and of the runtime's own class for AES with the same header and nonce. Needs a CPU that has AES.
/// </summary>
[MemoryDiagnoser]
public class SealBenchmarks
{
    private const uint Index = 7;
    private readonly byte[] nonce = new byte[12];
    private Identity identity = null!;
    private SodiumChannelCrypto crypto = null!;
    private ISealingKey chaChaSealing = null!;
    private IOpeningKey chaChaOpening = null!;
    private ISealingKey aesSealing = null!;
    private IOpeningKey aesOpening = null!;
    private AesGcm runtimeAes = null!;
    private byte[] datagram = [];
    private byte[] sealedChaCha = [];
    private byte[] sealedAes = [];
    private byte[] scratch = [];

    /// <summary>Bytes of plaintext.</summary>
    [Params(64, 256, 1_200, 8_192)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var key = new byte[32];
        identity = Identity.Generate();
        crypto = new SodiumChannelCrypto(identity, SystemRandom.Instance);
        chaChaSealing = crypto.CreateSealingKey(PacketSuite.ChaCha20Poly1305, key);
        chaChaOpening = crypto.CreateOpeningKey(PacketSuite.ChaCha20Poly1305, key);
        aesSealing = crypto.CreateSealingKey(PacketSuite.Aes256Gcm, key);
        aesOpening = crypto.CreateOpeningKey(PacketSuite.Aes256Gcm, key);
        runtimeAes = new AesGcm(key, 16);
        datagram = new byte[Size + Limits.SealOverhead];
        scratch = new byte[datagram.Length];
        SealChaCha();
        sealedChaCha = [.. datagram];
        SealAes();
        sealedAes = [.. datagram];
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        chaChaSealing.Dispose();
        chaChaOpening.Dispose();
        aesSealing.Dispose();
        aesOpening.Dispose();
        runtimeAes.Dispose();
        crypto.Dispose();
        identity.Dispose();
    }

    [Benchmark]
    public ulong SealChaCha() => Seal(chaChaSealing);

    [Benchmark]
    public ulong SealAes() => Seal(aesSealing);

    [Benchmark]
    public byte SealByRuntime()
    {
        DataHeader.Write(datagram, ChannelMessageType.Data, Index);
        BinaryPrimitives.WriteUInt64LittleEndian(nonce.AsSpan(4), BinaryPrimitives.ReadUInt64LittleEndian(nonce.AsSpan(4)) + 1);
        var frames = datagram.AsSpan(DataHeader.Length, Size);
        runtimeAes.Encrypt(nonce, frames, frames, datagram.AsSpan(^16..), datagram.AsSpan(0, DataHeader.Length));
        return datagram[^1];
    }

    /// <summary>With a copy of the datagram, which is opened in place.</summary>
    [Benchmark]
    public int OpenChaCha() => Open(chaChaOpening, sealedChaCha);

    [Benchmark]
    public int OpenAes() => Open(aesOpening, sealedAes);

    [Benchmark]
    public byte OpenByRuntime()
    {
        sealedAes.CopyTo(scratch, 0);
        scratch.AsSpan(DataHeader.CounterOffset, 8).CopyTo(nonce.AsSpan(4));
        var frames = scratch.AsSpan(DataHeader.Length, Size);
        runtimeAes.Decrypt(nonce, frames, scratch.AsSpan(^16..), frames, scratch.AsSpan(0, DataHeader.Length));
        return scratch[^17];
    }

    private ulong Seal(ISealingKey key)
    {
        DataHeader.Write(datagram, ChannelMessageType.Data, Index);
        return key.Seal(datagram, Size);
    }

    private int Open(IOpeningKey key, byte[] packet)
    {
        packet.CopyTo(scratch, 0);
        return key.TryOpen(scratch, out _, out var length) ? length : throw new InvalidOperationException("It did not open.");
    }
}
