using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>Takes the streams of one protocol of a host.</summary>
internal sealed class MessiStreamListener(IMessageHost host, ProtocolId protocol) : IMessiListener
{
    public string Address => protocol.ToString();

    // MESSI-061
    public MessiWireFormat WireFormat => MessiWireFormat.Documented;

    // MESSI-062
    public bool HasLiveness => true;

    public Task Start(MessiServerCore server, CancellationToken cancellationToken)
    {
        host.SetStreamHandler(protocol, (stream, from, _) => Take(server, stream, from));
        return Task.CompletedTask;
    }

    public Task Stop()
    {
        host.RemoveStreamHandler(protocol);
        return Task.CompletedTask;
    }

    // The host disposes the stream when this ends.
    private static async ValueTask Take(MessiServerCore server, Stream stream, PeerId from)
    {
        if (server.TryReserve())
            await server.Admit(MessiCarrier.Of(stream, from));
    }
}
