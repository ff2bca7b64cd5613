using System.Security.Cryptography;
using MsgNet;

/// <summary>
/// Publish and subscribe by flooding: whoever sees a message for the first time hands it to all its neighbours but the one it came from.
/// Messages are unreliable; that every peer has several neighbours makes up for loss. Two messages of the same bytes are one.
/// </summary>
internal sealed class FloodPubSub
{
    private const int SeenMax = 4_096;
    private readonly IMessageHost host;
    private readonly ProtocolId protocol;
    private readonly Action<ReadOnlyMemory<byte>> subscriber;
    private readonly HashSet<PeerId> neighbours = [];
    private readonly HashSet<UInt128> seen = [];
    private readonly Queue<UInt128> seenInOrder = [];
    private readonly Lock gate = new();

    /// <summary>Joins a topic; <paramref name="subscriber"/> gets each message once, its bytes borrowed until it returns.</summary>
    public FloodPubSub(IMessageHost host, string topic, Action<ReadOnlyMemory<byte>> subscriber)
    {
        (this.host, this.subscriber, protocol) = (host, subscriber, "/sample/flood/1.0.0/" + topic);
        host.SetMessageHandler(protocol, (message, _) => Flood(message.Data, message.From));
    }

    /// <summary>Sends what passes through this peer to a neighbour as well. Both ends call it.</summary>
    public void Connect(PeerId neighbour, Multiaddress address)
    {
        host.Network.Peerstore.AddAddress(neighbour, address);
        lock (gate)
            neighbours.Add(neighbour);
    }

    /// <summary>Tells everyone on the topic, this peer too.</summary>
    public ValueTask Publish(ReadOnlyMemory<byte> data) => Flood(data, host.Id);

    private async ValueTask Flood(ReadOnlyMemory<byte> data, PeerId from)
    {
        PeerId[] next;
        lock (gate)
        {
            var id = BitConverter.ToUInt128(SHA256.HashData(data.Span));
            if (!seen.Add(id))
                return;
            seenInOrder.Enqueue(id);
            if (seenInOrder.Count > SeenMax)
                seen.Remove(seenInOrder.Dequeue());
            next = [.. neighbours.Where(neighbour => neighbour != from)];
        }

        subscriber(data);
        // Waits for all; a neighbour that cannot be reached is one of the losses that the others make up for.
        await Task.WhenAny(Task.WhenAll(next.Select(neighbour => host.SendMessage(neighbour, protocol, data).AsTask())));
    }
}
