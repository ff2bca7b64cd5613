using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Turns a node's events into messages for the sink, ends of requests, and news for sessions and observers. Under the gate.
/// </summary>
internal sealed class UdpEvents(UdpEndpoints endpoints) : IReplyTarget
{
    private readonly TransportContext context = endpoints.Context;

    // Of the message just before: nobody came or went since.
    private (PeerId Peer, ProtocolId Protocol, IMessageConsumer? Consumer) lastConsumer;

    // Of the dial that failed last: the ends of its requests follow it in the same list.
    private (PeerId Peer, IReadOnlyList<DialAttempt> Attempts) lastTried = (default, []);

    /// <summary>The list the node adds to.</summary>
    public NodeEvents List { get; } = new();

    public int ReplySizeMax => Limits.UnreliableMessageMax;

    /// <summary>Handles and clears the list.</summary>
    public void Handle(Instant now, ReadOnlySpan<byte> datagram)
    {
        for (var i = 0; i < List.Count; i++)
        {
            if (List[i].Kind != NodeEventKind.Message)
                lastConsumer = default;
            Handle(now, List[i], datagram);
        }

        List.Clear();
        lastConsumer = default;
    }

    /// <summary>What was tried in the dial that failed last, if that was the peer's.</summary>
    public PeerUnreachableException WhyUnreachable(PeerId peer) => new(peer, lastTried.Peer == peer ? lastTried.Attempts : []);

    /// <inheritdoc/>
    public void Reply(PeerId peer, ulong requestId, RequestStatus status, ReadOnlySpan<byte> data)
    {
        using (context.Gate.Enter())
        {
            var now = endpoints.Now;
            endpoints.Node.Reply(now, peer, requestId, (ReplyStatus)status, data);
            endpoints.FlushSoon(now);
        }
    }

    private void Handle(Instant now, in NodeEvent happened, ReadOnlySpan<byte> datagram)
    {
        switch (happened.Kind)
        {
            case NodeEventKind.Message:
                OnMessages(now, happened, datagram);
                break;
            case NodeEventKind.Reply: // REQ-016
                ((RequestWaiter)happened.State!).Complete(
                    (RequestStatus)happened.Status, happened.Data(datagram), LaneEvents.DeliveryOf(happened.Lane));
                break;
            case NodeEventKind.RequestFailed:
                OnRequestFailed(happened);
                break;
            case NodeEventKind.PeerReady:
                var address = UdpAddress.From(happened.Address);
                endpoints.Dialer.Forget(happened.Peer);
                AddProven(happened.Peer, address);
                endpoints.Sessions.OnRoom(happened.Peer);
                context.Observer.OnPeerEvent(PeerEventKind.Connected, happened.Peer, address, "");
                break;
            case NodeEventKind.PeerLost:
                OnPeerLost(happened);
                break;
            case NodeEventKind.PeerMoved:
                OnMoved(happened.Peer, UdpAddress.From(happened.Address));
                break;
            case NodeEventKind.DialFailed:
                OnDialFailed(happened);
                break;
            case NodeEventKind.RoomAvailable:
                endpoints.Sessions.OnRoom(happened.Peer);
                break;
            case NodeEventKind.ProtocolRefused:
                endpoints.Sessions.OnProtocolRefused(happened.Peer, happened.Protocol);
                break;
            case NodeEventKind.LaneReadable or NodeEventKind.LaneRoom or NodeEventKind.LaneDelivered or NodeEventKind.LaneEnded:
                endpoints.Lanes.Handle(now, happened);
                break;
            case NodeEventKind.PeerAsks:
                endpoints.Ask(happened.Peer, UdpAddress.From(happened.Address));
                break;
            case NodeEventKind.Identified:
                endpoints.Resolver.OnIdentified(happened);
                break;
            case NodeEventKind.NotIdentified:
                endpoints.Resolver.OnNotIdentified(happened);
                break;
            default:
                break;
        }
    }

    private void OnMessages(Instant now, in NodeEvent happened, ReadOnlySpan<byte> datagram)
    {
        var data = happened.Data(datagram);
        var following = happened.Following(datagram);
        if (happened.Protocol == UdpSocket.RawProtocol
            && endpoints.RawReader is { } reader
            && endpoints.ReturnAddress(happened.Peer) is { } from)
        {
            reader.TakeRaw(from, data);
            for (; following.TryPeek(out data); following.Take())
                reader.TakeRaw(from, data);
            return;
        }

        var message = new IncomingMessage
        {
            From = happened.Peer,
            Protocol = happened.Protocol,
            Data = data,
            Delivery = Delivery.Unreliable,
            Early = happened.Early,
            ReplyTo = happened.RequestId == 0 ? null : this,
            RequestId = happened.RequestId,
        };
        var consumer = ConsumerOf(happened.Peer, happened.Protocol);
        var result = consumer?.Offer(message) ?? SinkResult.NoHandler;
        if (happened.RequestId == 0)
        {
            if (consumer is not null && happened.FollowingCount > 0)
                OfferFollowing(consumer, message, ref following, wasTaken: result == SinkResult.Taken);
            return;
        }

        if (result == SinkResult.Taken)
            return;

        var status = result == SinkResult.Busy ? ReplyStatus.Busy : ReplyStatus.ProtocolNotSupported;
        endpoints.Node.Reply(now, happened.Peer, happened.RequestId, status, default);
    }

    // Those not taken together are offered one by one, so that each is counted when it is dropped.
    private static void OfferFollowing(IMessageConsumer consumer, in IncomingMessage first, ref MessageRun following, bool wasTaken)
    {
        if (wasTaken)
            consumer.OfferFollowing(ref following);
        for (; following.TryPeek(out var data); following.Take())
            consumer.Offer(first with { Data = data });
    }

    private IMessageConsumer? ConsumerOf(PeerId peer, ProtocolId protocol)
    {
        if (lastConsumer.Peer != peer || lastConsumer.Protocol != protocol)
            lastConsumer = (peer, protocol, endpoints.ConsumerOf(peer, protocol));
        return lastConsumer.Consumer;
    }

    private void OnRequestFailed(in NodeEvent happened)
    {
        var waiter = (RequestWaiter)happened.State!;
        switch (happened.Loss)
        {
            case PeerLoss.NoReply:
                waiter.FailTimedOut();
                break;
            case PeerLoss.ProtocolNotSupported:
                waiter.Fail(new RequestFailedException(happened.Peer, happened.Protocol, RequestStatus.ProtocolNotSupported));
                break;
            case PeerLoss.Unreachable:
                waiter.Fail(WhyUnreachable(happened.Peer));
                break;
            default:
                waiter.Fail(new SessionLostException(happened.Peer, happened.Loss, maybeDelivered: true));
                break;
        }
    }

    private void OnPeerLost(in NodeEvent happened)
    {
        var peer = happened.Peer;
        var reason = new SessionLostException(peer, happened.Loss, maybeDelivered: true);
        if (happened.Loss == PeerLoss.PeerRestarted)
        {
            context.Observer.OnPeerEvent(PeerEventKind.Restarted, peer, null, reason.Message);
            return;
        }

        // Idle keys are no loss: the session dials again when it is used.
        if (happened.Loss != PeerLoss.Expired)
            endpoints.Sessions.FailAll(peer, happened.Loss == PeerLoss.ClosedLocally ? null : reason);

        context.Observer.OnPeerEvent(PeerEventKind.Disconnected, peer, null, reason.Message);
    }

    private void OnMoved(PeerId peer, Multiaddress address)
    {
        AddProven(peer, address);
        context.Observer.OnPeerEvent(PeerEventKind.Moved, peer, address, "");
    }

    // The peer answered from this address: it serves to reach a peer that dialled, and comes first in the next dial.
    private void AddProven(PeerId peer, Multiaddress address)
    {
        if (endpoints.Dialer.IsPinned(peer))
            address = UdpAddress.Pinned(address);
        context.Peerstore.AddAddress(peer, address, Limits.ProvenAddressLifetime);
        context.Peerstore.MarkUseful(peer, address);
    }

    private void OnDialFailed(in NodeEvent happened)
    {
        var targets = (IReadOnlyList<(NetAddress Address, int Sends)>)happened.State!;
        var attempts = endpoints.Dialer.Describe(happened.Peer, targets);
        var failure = new PeerUnreachableException(happened.Peer, attempts);
        lastTried = (happened.Peer, attempts);
        endpoints.Sessions.FailAll(happened.Peer, failure);
        context.Observer.OnPeerEvent(PeerEventKind.Unreachable, happened.Peer, null, failure.Message);
    }
}
