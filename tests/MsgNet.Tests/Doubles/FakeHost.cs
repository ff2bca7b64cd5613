namespace MsgNet.Tests;

/// <summary>A host that has handlers and keeps what is sent; it reaches nobody.</summary>
internal sealed class FakeHost(HandlerRig rig) : IMessageHost
{
    public List<(PeerId Peer, ProtocolId Protocol, byte[] Data, Delivery Delivery)> Sent { get; } = [];

    /// <summary>What sending gives; null: done at once.</summary>
    public Task? Sending { get; set; }

    public PeerId Id => HandlerRig.Carol;

    public IMessageNetwork Network => throw new NotSupportedException("This host has no network.");

    public IReadOnlyList<Multiaddress> Addresses => [];

    public void SetMessageHandler(ProtocolId protocol, MessageHandler handler) =>
        rig.Table.SetMessageHandler(protocol, handler, HandlerOptions.Default);

    public void SetMessageHandler(ProtocolId protocol, MessageHandler handler, HandlerOptions options) =>
        rig.Table.SetMessageHandler(protocol, handler, options);

    public bool RemoveMessageHandler(ProtocolId protocol) => rig.Table.RemoveMessageHandler(protocol);

    public ValueTask SendMessage(
        PeerId peer, ProtocolId protocol, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        SendMessage(peer, protocol, data, SendOptions.Unreliable, cancellationToken);

    public ValueTask SendMessage(
        PeerId peer, ProtocolId protocol, ReadOnlyMemory<byte> data, SendOptions options, CancellationToken cancellationToken = default)
    {
        Sent.Add((peer, protocol, data.ToArray(), options.Delivery));
        return Sending is null ? ValueTask.CompletedTask : new ValueTask(Sending);
    }

    public ValueTask SendMessages(
        PeerId peer,
        ProtocolId protocol,
        ReadOnlyMemory<ReadOnlyMemory<byte>> messages,
        SendOptions options,
        CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("This host has no network.");

    public ValueTask<Message> Request(
        PeerId peer, ProtocolId protocol, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("This host has no network.");

    public ValueTask<Message> Request(
        PeerId peer,
        ProtocolId protocol,
        ReadOnlyMemory<byte> data,
        RequestOptions options,
        CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("This host has no network.");

    public void SetStreamHandler(ProtocolId protocol, StreamHandler handler) => throw new NotSupportedException();

    public bool RemoveStreamHandler(ProtocolId protocol) => throw new NotSupportedException();

    public ValueTask<Stream> OpenStream(PeerId peer, ProtocolId protocol, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ISocketSession OpenSession(PeerId peer, ProtocolId protocol, SendOptions options) =>
        throw new NotSupportedException("This host has no network.");

    public IAsyncEnumerable<Message> ReceiveMessages(ProtocolId protocol, CancellationToken cancellationToken = default) =>
        rig.Table.ReceiveMessages(protocol, cancellationToken);

    public ValueTask Close(TimeSpan drain, CancellationToken cancellationToken = default)
    {
        rig.Table.Close();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => Close(TimeSpan.Zero);
}
