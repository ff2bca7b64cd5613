namespace MsgNet;

/// <content>Handlers of streams.</content>
internal sealed partial class HandlerTable
{
    /// <inheritdoc/>
    public bool OnStream(LaneStream stream) => consumers.TryGetValue(stream.Protocol, out var consumer) && consumer.Offer(stream);

    /// <summary>As <see cref="IMessageHost.SetStreamHandler"/>.</summary>
    public void SetStreamHandler(ProtocolId protocol, StreamHandler handler)
    {
        CheckNamed(protocol);
        ArgumentNullException.ThrowIfNull(handler);
        using (gate.Enter())
        {
            ObjectDisposedException.ThrowIf(closed, typeof(IMessageHost));
            if (!consumers.TryGetValue(protocol, out var consumer))
                Add(protocol, new StreamQueue(services, protocol, handler));
            else if (consumer is StreamQueue queue)
                queue.SetHandler(handler);
            else
                throw Taken(protocol, consumer); // API-052
        }
    }

    /// <summary>As <see cref="IMessageHost.RemoveStreamHandler"/>.</summary>
    public bool RemoveStreamHandler(ProtocolId protocol)
    {
        using (gate.Enter())
        {
            if (!consumers.TryGetValue(protocol, out var consumer) || consumer is not StreamQueue queue)
                return false;

            Remove(protocol);
            queue.Stop();
            return true;
        }
    }
}
