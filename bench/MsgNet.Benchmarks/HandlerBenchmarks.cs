using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using MsgNet.Core;

namespace MsgNet.Benchmarks;

[MemoryDiagnoser]
public class HandlerBenchmarks
{
    private static readonly ProtocolId Protocol = "/benchmark/1.0.0";
    private readonly Lock gate = new();
    private readonly byte[] message = new byte[256];
    private readonly PeerId peer = PeerId.FromEd25519(new byte[32]);
    private HandlerPlatform platform = null!;
    private HandlerTable table = null!;
    private long handled;

    [Params(false, true)]
    public bool Inline { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        platform = new HandlerPlatform();
        table = new HandlerTable(
            new HostDiagnostics(platform, NullLogger.Instance, meter: null),
            new ProtocolRegistry(),
            gate,
            NullLogger.Instance,
            poisonReturnedBuffers: false);
        table.SetMessageHandler(
            Protocol,
            (received, _) =>
            {
                handled += received.Data.Length;
                return ValueTask.CompletedTask;
            },
            new HandlerOptions { Inline = Inline });
    }

    /// <summary>A message of 256 bytes is copied into its queue, taken out and handled.</summary>
    [Benchmark]
    public long OfferAndPump()
    {
        lock (gate)
        {
            table.OnMessage(new IncomingMessage { From = peer, Protocol = Protocol, Data = message, Delivery = Delivery.Unreliable });
        }

        table.RunInline();
        platform.Run();
        return handled;
    }
}
