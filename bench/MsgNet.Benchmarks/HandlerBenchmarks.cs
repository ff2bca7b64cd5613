using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using MsgNet.Core;

namespace MsgNet.Benchmarks;

/// <summary>From a carrier's gate to the handler, and back for reliable messages: what a message of 32 bytes costs on the way.</summary>
[MemoryDiagnoser]
public class HandlerBenchmarks
{
    private const int BurstSize = 128;
    private static readonly ProtocolId Protocol = "/benchmark/1.0.0";
    private readonly Gate gate = new();
    private readonly byte[] message = new byte[32];
    private readonly PeerId peer = PeerId.FromEd25519(new byte[32]);
    private readonly NullInbox inbox = new();
    private HandlerPlatform platform = null!;
    private HandlerTable table = null!;
    private long handled;

    [Params(false, true)]
    public bool Inline { get; set; }

    [Params(false, true)]
    public bool Reliable { get; set; }

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

    /// <summary>A message that comes alone.</summary>
    [Benchmark]
    public long One()
    {
        using (gate.Enter())
            Offer(1);
        return Pump();
    }

    /// <summary>Messages that come together, as a run of datagrams brings them.</summary>
    [Benchmark(OperationsPerInvoke = BurstSize)]
    public long Burst()
    {
        using (gate.Enter())
            Offer(BurstSize);
        return Pump();
    }

    private void Offer(int count)
    {
        var consumer = table.ConsumerOf(Protocol)!;
        for (var i = 0; i < count; i++)
        {
            consumer.Offer(new IncomingMessage
            {
                From = peer,
                Protocol = Protocol,
                Data = message,
                Delivery = Reliable ? Delivery.ReliableOrdered : Delivery.Unreliable,
                Inbox = Reliable ? inbox : null,
                Token = (ulong)i,
            });
        }
    }

    private long Pump()
    {
        table.RunInline();
        platform.Run();
        return handled;
    }

    private sealed class NullInbox : ICarrierInbox
    {
        public void OnRoom(ProtocolId protocol)
        {
        }

        public void OnHandled(ReadOnlySpan<ulong> tokens)
        {
        }

        public void AfterHandled()
        {
        }

        public void OnDropped(ulong token)
        {
        }
    }
}
