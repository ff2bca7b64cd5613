using BenchmarkDotNet.Attributes;

namespace MsgNet.Benchmarks;

[MemoryDiagnoser]
public class MspBenchmarks
{
    private const int Batch = 64;
    private const int Warmup = 500;
    private MspEndpointPair pair = null!;
    private byte[] message = [];

    /// <summary>Bytes of the message; 1,024 is the largest of MSP over datagrams.</summary>
    [Params(32, 256, 1_024)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        pair = new MspEndpointPair();
        message = new byte[Size];
        for (var i = 0; i < Warmup; i++)
            pair.Send(message, Batch);
    }

    [GlobalCleanup]
    public void Cleanup() => pair.Dispose();

    /// <summary>64 messages in Serval's window of four: sent, put in order, consumed, acknowledged; per message, both ends.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public long ServalSendConsumeAcknowledge()
    {
        pair.Send(message, Batch);
        return pair.Received;
    }
}
