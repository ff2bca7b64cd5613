using BenchmarkDotNet.Attributes;

namespace MsgNet.Benchmarks;

[MemoryDiagnoser]
public class NodeBenchmarks
{
    private const int Warmup = 20_000;
    private NodePair pair = null!;
    private byte[] message = [];

    /// <summary>Bytes of the message; 4,000 go in fragments.</summary>
    [Params(32, 256, 1_200, 4_000)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        pair = new NodePair();
        message = new byte[Size];
        for (var i = 0; i < Warmup; i++)
            pair.Send(message);
    }

    [GlobalCleanup]
    public void Cleanup() => pair.Dispose();

    /// <summary>Queued, packed, sealed, opened, read, reported: both ends, one message at a time.</summary>
    [Benchmark]
    public long SendWriteReceiveEvent()
    {
        pair.Send(message);
        return pair.Received;
    }
}
