using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Simulation.Tests;

/// <summary>Stands where a message host would, in tests of the world below it; keeps what the simulator gave it.</summary>
internal sealed class TestMessageHost(IHostPlatform platform, IChannelCrypto crypto, PeerId id, MsgNetOptions options) : IMessageHost
{
    public IHostPlatform Platform => platform;

    public IChannelCrypto Crypto => crypto;

    public MsgNetOptions Options => options;

    public PeerId Id => id;

    public IReadOnlyList<Multiaddress> Addresses => [];

    public IMessageNetwork Network => throw new NotSupportedException();

    public static IMessageHost Create(
        IHostPlatform platform, IChannelCrypto crypto, PeerId id, bool identityIsFresh, MsgNetOptions options) =>
        new TestMessageHost(platform, crypto, id, options);

    public void SetMessageHandler(ProtocolId protocol, MessageHandler handler) => throw new NotSupportedException();

    public void SetMessageHandler(ProtocolId protocol, MessageHandler handler, HandlerOptions options) => throw new NotSupportedException();

    public bool RemoveMessageHandler(ProtocolId protocol) => throw new NotSupportedException();

    public ValueTask SendMessage(PeerId peer, ProtocolId protocol, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask SendMessage(
        PeerId peer, ProtocolId protocol, ReadOnlyMemory<byte> data, SendOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask SendMessages(
        PeerId peer,
        ProtocolId protocol,
        ReadOnlyMemory<ReadOnlyMemory<byte>> messages,
        SendOptions options,
        CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("This host has no network.");

    public ValueTask<Message> Request(PeerId peer, ProtocolId protocol, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<Message> Request(
        PeerId peer, ProtocolId protocol, ReadOnlyMemory<byte> data, RequestOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public void SetStreamHandler(ProtocolId protocol, StreamHandler handler) => throw new NotSupportedException();

    public bool RemoveStreamHandler(ProtocolId protocol) => throw new NotSupportedException();

    public ValueTask<Stream> OpenStream(PeerId peer, ProtocolId protocol, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ISocketSession OpenSession(PeerId peer, ProtocolId protocol, SendOptions options) => throw new NotSupportedException();

    public IAsyncEnumerable<Message> ReceiveMessages(ProtocolId protocol, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask Close(TimeSpan drain, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
