using BenchmarkDotNet.Attributes;

namespace MsgNet.Benchmarks;

[MemoryDiagnoser]
public class LaneBenchmarks
{
    private const int Batch = 64;
    private const long WarmUpBytes = 64 << 20;
    private const int WarmUpBatchesMax = 1_000;
    private NodePair pair = null!;
    private byte[] message = [];

    /// <summary>Bytes of the message; 65,536 go in many segments.</summary>
    [Params(32, 256, 1_200, 65_536)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        pair = new NodePair();
        message = new byte[Size];
        for (var left = Math.Min(WarmUpBytes / (Size * Batch), WarmUpBatchesMax); left > 0; left--)
            pair.SendOnLane(message, Batch);
    }

    [GlobalCleanup]
    public void Cleanup() => pair.Dispose();

    /// <summary>
    /// 64 messages at once: packed into segments, sealed, opened, put in order, handled, acknowledged; per message, both ends.
    /// </summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public long SendHandleAcknowledge()
    {
        pair.SendOnLane(message, Batch);
        return pair.Received;
    }
}
