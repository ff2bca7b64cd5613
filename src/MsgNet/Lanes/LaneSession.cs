using System.Diagnostics.CodeAnalysis;
using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Reliable messages to one peer on one protocol, over a lane of the sealed channel. Virtual: it opens its lane with the first message, and
/// another after the first was closed because it was idle.
/// </summary>
/// <remarks>
/// What it accepted is delivered, or its end says that it may not have been: <see cref="SealedSession.Completion"/> then fails, and so does
/// every send that waits. Closing it sends what it accepted, in the background.
/// </remarks>
internal sealed class LaneSession : SealedSession
{
    private readonly LaneKind kind;
    private Lane? lane;

    // Messages count over all lanes of the session: those of the lanes before this one, those accepted, those the peer is done with.
    private ulong before;
    private ulong accepted;
    private ulong delivered;
    private bool isCompleted;

    /// <param name="endpoints">The host's UDP.</param>
    /// <param name="socket">The socket it belongs to.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="remote">The peer.</param>
    /// <param name="options">How messages are sent; unreliable ones travel as reliable ones do.</param>
    /// <param name="consumer">Takes the peer's messages; null: the host's handlers do.</param>
    public LaneSession(
        UdpEndpoints endpoints, UdpSocket socket, ProtocolId protocol, PeerInfo remote, SendOptions options, HandlerQueue? consumer)
        : base(endpoints, socket, GuaranteesOf(socket, options), protocol, remote, options, consumer)
    {
        kind = options.Delivery == Delivery.ReliableOrdered ? LaneKind.Ordered : LaneKind.Unordered;
    }

    public override bool IsDrained => accepted == delivered && Sends.IsEmpty;

    protected override ulong LastNumber => accepted;

    // Datagrams are refused where streams are taken; a lane is told of its own.
    public override void OnProtocolRefused()
    {
    }

    /// <summary>The peer is done with more messages. Under the gate.</summary>
    public void OnDelivered()
    {
        delivered = before + lane!.Delivered;
        Sends.OnDeliveredUpTo(delivered); // API-040
    }

    /// <summary>The lane has ended. Under the gate.</summary>
    public void OnLaneEnded(in NodeEvent happened) // API-043
    {
        OnDelivered();
        if (accepted != delivered)
        {
            End(Endpoints.Lanes.WhyLost(happened, Protocol));
            return;
        }

        // Nothing is lost with it: the next message opens another.
        LetGo();
        if (IsEnded)
            End(null);
        else
            OnRoom();
    }

    public override void End(Exception? why)
    {
        if (isCompleted)
            return;

        isCompleted = true;
        var undelivered = accepted != delivered;
        var loss = why is null ? PeerLoss.ClosedLocally : (why as SessionLostException)?.Reason;
        var (unsent, maybeSent) = loss is { } reason
            ? (Lost(reason, maybeDelivered: false), Lost(reason, maybeDelivered: undelivered && reason != PeerLoss.Refused))
            : (why!, why!);
        if (lane is { IsOpen: true } open)
            Endpoints.Node.AbortLane(Endpoints.Now, open);
        LetGo();

        // Who closes it himself is told only of what may have come to nothing by that.
        var outcome = undelivered || (why is not null && !IsEnded) ? maybeSent : null;
        Complete(outcome, why is null ? null : unsent, unsent, maybeSent);
    }

    protected override SendStatus Send(Instant now, ReadOnlySpan<byte> data)
    {
        var status = TryOpen(now, out var open) ? Endpoints.Node.TrySend(now, open, data) : SendStatus.Full;
        return status == SendStatus.Closed && TryReopen(now, out open) ? Endpoints.Node.TrySend(now, open, data) : status;
    }

    protected override SendStatus Send(Instant now, ReadOnlySpan<ReadOnlyMemory<byte>> messages, out int taken)
    {
        taken = 0;
        var status = TryOpen(now, out var open) ? Endpoints.Node.TrySend(now, open, messages, out taken) : SendStatus.Full;
        return status == SendStatus.Closed && TryReopen(now, out open)
            ? Endpoints.Node.TrySend(now, open, messages, out taken)
            : status;
    }

    protected override SendStatus Request( // API-046
        Instant now, ReadOnlySpan<byte> data, RequestWaiter waiter, Instant deadline, out ulong id)
    {
        id = 0;
        var status = TryOpen(now, out var open)
            ? Endpoints.Node.TryRequest(now, open, data, waiter, deadline, out id)
            : SendStatus.Full;
        return status == SendStatus.Closed && TryReopen(now, out open)
            ? Endpoints.Node.TryRequest(now, open, data, waiter, deadline, out id)
            : status;
    }

    protected override bool Finish(Instant now, SendStatus status)
    {
        // Nothing may happen to the session before its caller waits.
        if (status != SendStatus.Accepted)
        {
            Endpoints.Flush(); // a handshake may have been started for what was not accepted
            return false;
        }

        accepted = before + lane!.Sent;
        Endpoints.FlushSoon(now);
        return true;
    }

    // What was accepted is sent in the background: Completion says when, and whether, all of it is delivered.
    protected override void Close() // API-044
    {
        if (IsEnded)
            return;

        StopTaking();
        Sends.FailWaiting(Lost(PeerLoss.ClosedLocally, maybeDelivered: false)); // API-020
        var now = Endpoints.Now;
        if (lane is { IsOpen: true } open)
            Endpoints.Node.ShutdownLane(now, open);
        else
            End(null);
        Endpoints.Flush();
    }

    private static TransportGuarantees GuaranteesOf(UdpSocket socket, SendOptions options) =>
        options.Delivery == Delivery.ReliableOrdered
            ? socket.Transport.Guarantees
            : socket.Transport.Guarantees with { Delivery = Delivery.Reliable };

    // A lane to send on; false while there is none, and then something will make room. Ends the session when there will never be one.
    private bool TryOpen(Instant now, [NotNullWhen(true)] out Lane? open)
    {
        open = null;
        if (!TryReach(now, out var peer) || !(AllowEarly || peer.IsReady))
            return false;

        if (lane is null)
            Open(now, peer);
        open = lane;
        return open is not null;
    }

    // The lane was idle and is being closed. Another may be opened at once when nothing of this one can still be handed over; else the
    // order of messages could be lost.
    private bool TryReopen(Instant now, [NotNullWhen(true)] out Lane? open) // API-045
    {
        open = null;
        OnDelivered();
        if (accepted != delivered)
            return false;

        LetGo();
        if (TryReach(now, out var peer))
            Open(now, peer);
        open = lane;
        return open is not null;
    }

    private void Open(Instant now, PeerChannel peer)
    {
        var status = Endpoints.Node.TryOpenLane(now, peer, Protocol, kind, AllowEarly, out lane);
        if (status == SendStatus.TooManyLanes)
            End(LaneEvents.TooManyLanes(Remote.Id));
        else if (lane is not null)
            lane.State = this;
    }

    private void LetGo()
    {
        if (lane is null)
            return;

        before = accepted;
        lane.State = null;
        lane = null;
    }
}
