using BenchmarkDotNet.Attributes;
using MsgNet.Core;
using MsgNet.Sodium;

namespace MsgNet.Benchmarks;

[MemoryDiagnoser]
public class SealBenchmarks
{
    private const uint Index = 7;
    private Identity identity = null!;
    private SodiumChannelCrypto crypto = null!;
    private ISealingKey sealing = null!;
    private IOpeningKey opening = null!;
    private byte[] datagram = [];
    private byte[] arrived = [];
    private byte[] scratch = [];

    /// <summary>Bytes of plaintext.</summary>
    [Params(32, 256, 1_200)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        identity = Identity.Generate();
        crypto = new SodiumChannelCrypto(identity, SystemRandom.Instance);
        sealing = crypto.CreateSealingKey(new byte[32]);
        opening = crypto.CreateOpeningKey(new byte[32]);
        datagram = new byte[Size + Limits.SealOverhead];
        scratch = new byte[datagram.Length];
        Seal();
        arrived = [.. datagram];
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        sealing.Dispose();
        opening.Dispose();
        crypto.Dispose();
        identity.Dispose();
    }

    [Benchmark]
    public ulong Seal()
    {
        DataHeader.Write(datagram, ChannelMessageType.Data, Index);
        return sealing.Seal(datagram, Size);
    }

    /// <summary>With a copy of the datagram, which is opened in place.</summary>
    [Benchmark]
    public int Open()
    {
        arrived.CopyTo(scratch, 0);
        return opening.TryOpen(scratch, out _, out var length) ? length : throw new InvalidOperationException("It did not open.");
    }
}
