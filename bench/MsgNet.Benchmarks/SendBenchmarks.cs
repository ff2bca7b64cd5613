using BenchmarkDotNet.Attributes;

namespace MsgNet.Benchmarks;

/// <summary>
/// Messages of 32 bytes from the call of one host to the handler of another, and what that reports; per message, both ends. Alone, in seven
/// seconds: <c>-- --filter '*SendBenchmarks*' --job short --inProcess</c>.
/// </summary>
[MemoryDiagnoser]
public class SendBenchmarks
{
    private const int Messages = 1_024;
    private const int CallSize = 256;
    private const int WarmUp = 500;
    private readonly byte[] message = new byte[32];
    private readonly ReadOnlyMemory<byte>[] messages = new ReadOnlyMemory<byte>[CallSize];
    private HostPair pair = null!;
    private SendOptions options = null!;

    [Params(Delivery.Unreliable, Delivery.ReliableOrdered)]
    public Delivery Delivery { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        pair = new HostPair();
        options = new SendOptions { Delivery = Delivery };
        Array.Fill(messages, message);
        for (var i = 0; i < WarmUp; i++)
            OneACall();
    }

    [GlobalCleanup]
    public void Cleanup() => pair.Dispose();

    [Benchmark(OperationsPerInvoke = Messages)]
    public long OneACall()
    {
        var sent = pair.Received + Messages;
        for (var i = 0; i < Messages; i++)
            Check(pair.Send(message, options));
        pair.RunUntil(sent);
        return sent;
    }

    /// <summary>For comparison: what is left of it with few calls.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public long ManyACall()
    {
        var sent = pair.Received + Messages;
        for (var i = 0; i < Messages; i += CallSize)
            Check(pair.Send(messages, options));
        pair.RunUntil(sent);
        return sent;
    }

    private static void Check(ValueTask sending)
    {
        if (!sending.IsCompletedSuccessfully)
            throw new InvalidOperationException("There is always room: nothing waits here.");
    }
}
