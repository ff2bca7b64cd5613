using MsgNet.Core;

namespace MsgNet;

/// <summary>Unreliable messages to one peer on one protocol over the sealed channel.</summary>
internal sealed class UdpSession : SealedSession
{
    private readonly bool alone;

    /// <param name="endpoints">The host's UDP.</param>
    /// <param name="socket">The socket it belongs to.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="remote">The peer.</param>
    /// <param name="options">How messages are sent.</param>
    /// <param name="consumer">Takes the peer's messages; null: the host's handlers do.</param>
    public UdpSession(
        UdpEndpoints endpoints, UdpSocket socket, ProtocolId protocol, PeerInfo remote, SendOptions options, HandlerQueue? consumer)
        : base(endpoints, socket, socket.Transport.Guarantees, protocol, remote, options, consumer)
    {
        alone = !options.Coalesce;
    }

    public override bool IsDrained => Sends.IsEmpty;

    public override void OnProtocolRefused() => End(new ProtocolNotSupportedException(Remote.Id, Protocol));

    public override void End(Exception? why)
    {
        if (IsEnded)
            return;

        // API-020: who waited when this side closed learns that; who comes later has a closed session in hand.
        var lost = why ?? Lost(PeerLoss.ClosedLocally, maybeDelivered: false);
        Complete(why, why, lost, lost);
    }

    protected override SendStatus Send(Instant now, ReadOnlySpan<byte> data) =>
        TryReach(now, out var peer) ? Endpoints.Node.TrySend(now, peer, Protocol, data, AllowEarly, alone) : SendStatus.Full;

    protected override SendStatus Send(Instant now, ReadOnlySpan<ReadOnlyMemory<byte>> messages, out int taken)
    {
        taken = 0;
        return TryReach(now, out var peer)
            ? Endpoints.Node.TrySend(now, peer, Protocol, messages, AllowEarly, alone, out taken)
            : SendStatus.Full;
    }

    protected override SendStatus Request(Instant now, ReadOnlySpan<byte> data, RequestWaiter waiter, Instant deadline, out ulong id)
    {
        id = 0;
        return TryReach(now, out var peer)
            ? Endpoints.Node.TryRequest(now, peer, Protocol, data, waiter, deadline, out id)
            : SendStatus.Full;
    }

    protected override bool Finish(Instant now, SendStatus status)
    {
        switch (status)
        {
            case SendStatus.Accepted:
                if (alone)
                    Endpoints.Flush(); // API-227
                else
                    Endpoints.FlushSoon(now);
                return true;
            case SendStatus.Refused:
                OnProtocolRefused();
                return false;
            case SendStatus.TooManyProtocols:
                End(new MsgNetException(
                    $"{Limits.NamesMax} protocols are open to {Remote.Id} already, the most one peer takes; use fewer names."));
                return false;
            default:
                return false;
        }
    }

    protected override void Close() => End(null);
}
