using BenchmarkDotNet.Attributes;
using MsgNet.Core;

namespace MsgNet.Benchmarks;

[MemoryDiagnoser]
public class ReplayWindowBenchmarks
{
    private ReplayWindow inOrder = new(2_048);
    private ReplayWindow swapped = new(2_048);
    private ulong next;
    private ulong nextPair;

    [Benchmark]
    public bool AcceptInOrder() => inOrder.TryAccept(next++);

    /// <summary>Two numbers, the newer first.</summary>
    [Benchmark(OperationsPerInvoke = 2)]
    public bool AcceptSwapped()
    {
        nextPair += 2;
        return swapped.TryAccept(nextPair) & swapped.TryAccept(nextPair - 1);
    }

    [Benchmark]
    public bool RefuseReplay() => inOrder.TryAccept(0);
}
