namespace MsgNet.Core;

/// <content>Unreliable messages, requests and replies.</content>
public sealed partial class UdpNode
{
    /// <summary>Queues an unreliable message of at most 65,535 bytes.</summary>
    public SendStatus TrySend(Instant now, PeerChannel peer, ProtocolId protocol, ReadOnlySpan<byte> data, bool allowEarly) =>
        TrySend(now, peer, protocol, data, allowEarly, alone: false);

    /// <summary>Queues an unreliable message of at most 65,535 bytes.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="data">The message; copied.</param>
    /// <param name="allowEarly">It may ride in the first flight.</param>
    /// <param name="alone">It leaves in a datagram without other messages.</param>
    public SendStatus TrySend(
        Instant now, PeerChannel peer, ProtocolId protocol, ReadOnlySpan<byte> data, bool allowEarly, bool alone)
    {
        Require(peer);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, Limits.UnreliableMessageMax);
        var status = Admit(now, peer, protocol, data.Length, out var name);
        if (status != SendStatus.Accepted)
            return status;

        var queued = peer.Packer.Messages.TryEnqueue(now, name!, data, allowEarly, alone);
        Invariant.Check(queued);
        QueueToWrite(peer);
        return SendStatus.Accepted;
    }

    /// <summary>
    /// As the other, for several messages in order; queues as many as there is room for, and says what became of the first that was not.
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="messages">At least one; copied.</param>
    /// <param name="allowEarly">They may ride in the first flight.</param>
    /// <param name="alone">Each leaves in a datagram without other messages.</param>
    /// <param name="taken">How many were queued.</param>
    public SendStatus TrySend(
        Instant now,
        PeerChannel peer,
        ProtocolId protocol,
        ReadOnlySpan<ReadOnlyMemory<byte>> messages,
        bool allowEarly,
        bool alone,
        out int taken)
    {
        Require(peer);
        taken = 0;
        var status = SendStatus.Accepted;
        OutgoingName? name = null;
        foreach (ref readonly var message in messages)
        {
            var data = message.Span;
            ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, Limits.UnreliableMessageMax);

            // An INIT counts for each message (MP-041); a name that is known need not be looked up again.
            if (name is not { IsAcknowledged: true } || !peer.Packer.Messages.HasRoom(data.Length))
                status = Admit(now, peer, protocol, data.Length, out name);
            if (status != SendStatus.Accepted)
                break;

            var queued = peer.Packer.Messages.TryEnqueue(now, name!, data, allowEarly, alone);
            Invariant.Check(queued);
            taken++;
        }

        if (taken > 0)
            QueueToWrite(peer);
        return status;
    }

    /// <summary>
    /// Queues a request of at most 65,535 bytes; it is sent again until a reply, <see cref="CancelRequest"/> or the deadline (REQ-021).
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="data">The message; copied.</param>
    /// <param name="state">Comes back in the event that ends the request.</param>
    /// <param name="deadline">When it fails with <see cref="PeerLoss.TimedOut"/>.</param>
    /// <param name="id">The request's id, above 0.</param>
    public SendStatus TryRequest(
        Instant now, PeerChannel peer, ProtocolId protocol, ReadOnlySpan<byte> data, object state, Instant deadline, out ulong id)
    {
        Require(peer);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, Limits.UnreliableMessageMax);
        id = 0;
        var status = Admit(now, peer, protocol, data.Length, out var name);
        if (status != SendStatus.Accepted)
            return status;

        var association = peer.RequireAssociation();
        if (!association.OutgoingIds.TryAllocate(out id))
        {
            peer.RoomWanted = new RoomWanted(data.Length, NeedsId: true);
            return SendStatus.Full;
        }

        association.Requests.Add(id, protocol, data, state, deadline);
        QueueRequest(now, peer, name!, id, data.Length);
        return SendStatus.Accepted;
    }

    /// <summary>Gives up a request; its reply, if one comes, is dropped and counted.</summary>
    public void CancelRequest(PeerChannel peer, ulong id)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (peer.Association is { } association && association.Requests.TryTake(id, out _))
        {
            association.OutgoingIds.Release(id);
            timers.Update(peer);
        }
    }

    /// <summary>Answers a request of the peer; nothing happens when the peer has gone or restarted since.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="id">The peer.</param>
    /// <param name="requestId"><see cref="NodeEvent.RequestId"/> of the request.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="data">The answer, at most 65,535 bytes; copied.</param>
    public void Reply(Instant now, PeerId id, ulong requestId, ReplyStatus status, ReadOnlySpan<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, Limits.UnreliableMessageMax);
        if (peers.TryFind(id, out var peer)
            && peer is { ClosePending: null, Association: { } association }
            && association.TryReadToken(requestId, out var wireId))
        {
            ReplyTo(now, peer, wireId, status, data);
        }
    }
}
