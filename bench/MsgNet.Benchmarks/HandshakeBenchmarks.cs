using BenchmarkDotNet.Attributes;
using MsgNet.Core;
using MsgNet.Sodium;

namespace MsgNet.Benchmarks;

[MemoryDiagnoser]
public class HandshakeBenchmarks
{
    private readonly byte[] hello = new byte[Limits.HelloSizeMax];
    private readonly byte[] ack = new byte[Limits.HelloSizeMax];
    private readonly byte[] payloadBuffer = new byte[Limits.HelloSizeMax];
    private Identity alice = null!;
    private Identity bob = null!;
    private SodiumChannelCrypto aliceCrypto = null!;
    private SodiumChannelCrypto bobCrypto = null!;
    private RemoteIdentity remote = null!;

    [GlobalSetup]
    public void Setup()
    {
        alice = Identity.Generate();
        bob = Identity.Generate();
        aliceCrypto = new SodiumChannelCrypto(alice, SystemRandom.Instance);
        bobCrypto = new SodiumChannelCrypto(bob, SystemRandom.Instance);
        remote = RemoteIdentity.TryCreate(aliceCrypto, bobCrypto.PublicKey, out var created)
            ? created
            : throw new InvalidOperationException("The key is no point.");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        aliceCrypto.Dispose();
        bobCrypto.Dispose();
        alice.Dispose();
        bob.Dispose();
    }

    /// <summary>HELLO written and read, ACK written and read, keys made: both ends.</summary>
    [Benchmark]
    public bool HelloAndAck()
    {
        using var initiator = new InitiatorHandshake(aliceCrypto, remote, default);
        using var responder = new ResponderHandshake(bobCrypto);
        var length = initiator.WriteHello(hello, 1, 1, 1, ChannelOffers.Common, default);
        if (!HelloMessage.TryParse(hello.AsSpan(0, length), out var message)
            || !responder.TryReadStatic(message, default)
            || !responder.TryReadPayload(message, payloadBuffer, out _))
        {
            throw new InvalidOperationException("The HELLO was refused.");
        }

        length = responder.WriteAck(ack, 2, 2, ChannelOffers.Common, default, out var responderKeys);
        var isDone = initiator.TryReadAck(ack.AsSpan(0, length), payloadBuffer, out _, out var initiatorKeys);
        responderKeys?.Dispose();
        initiatorKeys?.Dispose();
        return isDone ? isDone : throw new InvalidOperationException("The ACK was refused.");
    }
}
