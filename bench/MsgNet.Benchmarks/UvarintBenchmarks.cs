using BenchmarkDotNet.Attributes;
using MsgNet.Core;

namespace MsgNet.Benchmarks;

[MemoryDiagnoser]
public class UvarintBenchmarks
{
    private readonly byte[] buffer = new byte[Uvarint.LengthMax];

    [Params(100UL, 100_000UL)]
    public ulong Value { get; set; }

    [GlobalSetup]
    public void Setup() => Uvarint.Write(buffer, Value);

    [Benchmark]
    public int Write() => Uvarint.Write(buffer, Value);

    [Benchmark]
    public ulong Read()
    {
        Uvarint.Read(buffer, out var value);
        return value;
    }
}
