namespace MsgNet;

/// <content>Streams.</content>
internal sealed partial class MessageNetwork
{
    /// <summary>As <see cref="IMessageHost.OpenStream"/>.</summary>
    public ValueTask<Stream> OpenStream(PeerId peer, ProtocolId protocol, CancellationToken cancellationToken) // API-171
    {
        CheckTarget(peer, protocol);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<Stream>(cancellationToken);

        using (context.Gate.Enter())
        {
            if (!TryRoute(peer, Delivery.ReliableOrdered, out var route, out var error))
                return ValueTask.FromException<Stream>(error);

            try
            {
                var carrier = (IStreamCarrier)carriers[route.Transport];
                return ValueTask.FromResult<Stream>(carrier.OpenStream(protocol, new PeerInfo(peer, route.Addresses)));
            }
            catch (MsgNetException refused)
            {
                return ValueTask.FromException<Stream>(refused);
            }
        }
    }
}
