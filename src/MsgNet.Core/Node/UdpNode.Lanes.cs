using System.Diagnostics.CodeAnalysis;

namespace MsgNet.Core;

/// <content>Reliable messages and streams: what the driver does with lanes.</content>
public sealed partial class UdpNode
{
    // A lane's id of two bytes: those of its first 4,095 lanes of each kind.
    private const ulong UsualLaneIdMax = (1UL << 14) - 1;

    /// <summary>
    /// Longest message that one datagram carries on every path, in one chunk of a segment, on any of the first 4,095 lanes of a kind.
    /// </summary>
    public static int DatagramLaneMessageMax { get; } = Limits.DatagramSizeMin
        - Limits.SealOverhead
        - FrameSize.Listed(FrameSize.Msp(UsualLaneIdMax, MspPacket.HeaderLength + LaneSegment.SpanLength))
        - FrameSize.Listed(FrameSize.Continuation(0))
        - 2; // the lengths of segment and chunk take two bytes each, not one

    /// <summary>
    /// Opens a lane to a peer that is ready or being dialled; sends nothing yet. <see cref="SendStatus.TooManyLanes"/> when 128 are
    /// open, or 960 are kept because the peer may not know that they are over.
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="protocol">The one protocol of the lane.</param>
    /// <param name="kind">What it is for.</param>
    /// <param name="allowEarly">What it carries may ride in the first packet of the handshake, which has no forward secrecy.</param>
    /// <param name="lane">The lane, when accepted.</param>
    public SendStatus TryOpenLane(Instant now, PeerChannel peer, ProtocolId protocol, LaneKind kind, bool allowEarly, out Lane? lane)
    {
        Require(peer);
        lane = null;
        if (!IsReached(peer))
            return SendStatus.NotConnected;

        peer.LastUsedAt = now;
        lane = Lanes.Require(peer).Open(now, protocol, kind, allowEarly);
        return lane is null ? SendStatus.TooManyLanes : SendStatus.Accepted;
    }

    /// <summary>
    /// Accepts a message into the lane's send buffer; its number is then <see cref="Lane.Sent"/>. <see cref="SendStatus.Full"/>: wait for
    /// <see cref="NodeEventKind.LaneRoom"/>. <see cref="SendStatus.Closed"/>: the lane has ended or was shut down.
    /// </summary>
    public SendStatus TrySend(Instant now, Lane lane, ReadOnlySpan<byte> message)
    {
        CheckLength(message.Length);
        if (!TryFindOpen(lane, out var peer, out var lanes) || lane.IsShutDown)
            return SendStatus.Closed;
        if (!lanes.TrySend(now, lane, message))
            return SendStatus.Full;

        Use(now, peer);
        return SendStatus.Accepted;
    }

    /// <summary>
    /// As <see cref="TrySend(Instant, Lane, ReadOnlySpan{byte})"/>, for several messages in order, at a fraction of the price of each
    /// alone. None is accepted when one is too long.
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="lane">A lane that this side opened.</param>
    /// <param name="messages">The messages; copied.</param>
    /// <param name="accepted">As many of them, from the first on, were accepted: all with <see cref="SendStatus.Accepted"/>.</param>
    public SendStatus TrySend(Instant now, Lane lane, ReadOnlySpan<ReadOnlyMemory<byte>> messages, out int accepted)
    {
        accepted = 0;
        foreach (ref readonly var message in messages)
            CheckLength(message.Length);
        if (!TryFindOpen(lane, out var peer, out var lanes) || lane.IsShutDown)
            return SendStatus.Closed;

        accepted = lanes.SendSome(now, lane, messages);
        Use(now, peer);
        return accepted == messages.Length ? SendStatus.Accepted : SendStatus.Full;
    }

    /// <summary>
    /// As <see cref="TrySend(Instant, Lane, ReadOnlySpan{byte})"/>, for a request; it is sent once, and ends by an event.
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="lane">A lane for messages that this side opened.</param>
    /// <param name="message">The message; copied.</param>
    /// <param name="state">Comes back in the event that ends the request.</param>
    /// <param name="deadline">When it fails with <see cref="PeerLoss.NoReply"/>.</param>
    /// <param name="id">The request's id, above 0.</param>
    public SendStatus TryRequest(Instant now, Lane lane, ReadOnlySpan<byte> message, object state, Instant deadline, out ulong id)
    {
        CheckLength(message.Length);
        id = 0;
        if (!TryFindOpen(lane, out var peer, out var lanes) || lane.IsShutDown)
            return SendStatus.Closed;

        var association = peer.RequireAssociation();
        if (!association.OutgoingIds.TryAllocate(out id))
        {
            peer.RoomWanted = new RoomWanted(0, NeedsId: true);
            return SendStatus.Full;
        }

        if (!lanes.TryRequest(now, lane, id, message))
        {
            association.OutgoingIds.Release(id);
            id = 0;
            return SendStatus.Full;
        }

        association.Requests.AddOnce(id, lane.Protocol, state, deadline, lane); // REQ-026
        Use(now, peer);
        return SendStatus.Accepted;
    }

    /// <summary>
    /// Answers a request that came by a lane, over that lane; nothing happens when the lane is gone. When its send buffer is full the reply
    /// is kept, and nothing more can be read from the lane until it has gone.
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="lane">The lane it came by.</param>
    /// <param name="requestId"><see cref="LaneMessage.RequestId"/>.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="data">The answer; copied.</param>
    public void Reply(Instant now, Lane lane, ulong requestId, ReplyStatus status, ReadOnlySpan<byte> data)
    {
        CheckLength(data.Length);
        if (requestId == 0)
            throw new ArgumentException("That message is no request: its RequestId is 0.", nameof(requestId));
        if (!TryFindOpen(lane, out var peer, out var lanes))
            return;

        var kept = peer.RequireAssociation().KeptReplies;
        if (kept.Holds(lane) || !lanes.TryReply(now, lane, requestId, status, data))
            kept.Add(Pool, lanes, lane, requestId, status, data);
        Use(now, peer);
    }

    /// <summary>No message follows on this side: what was accepted is sent, then SHUTDOWN. Repeated calls do nothing.</summary>
    public void ShutdownLane(Instant now, Lane lane)
    {
        if (!TryFindOpen(lane, out var peer, out var lanes))
            return;

        lanes.Shutdown(now, lane);
        QueueToWrite(peer);
    }

    /// <summary>
    /// Ends a lane at once and tells the peer; what was not delivered is lost. Its <see cref="NodeEventKind.LaneEnded"/> comes with the
    /// next timer, which is due at once. Repeated calls do nothing.
    /// </summary>
    public void AbortLane(Instant now, Lane lane) => End(now, lane, LaneEnd.Aborted);

    /// <summary>
    /// Ends a lane that the peer opened as <see cref="AbortLane"/> does, because nobody takes its protocol any more: STOP 1.
    /// </summary>
    public void RefuseLane(Instant now, Lane lane) => End(now, lane, LaneEnd.ProtocolNotSupported);

    /// <summary>The next message that waits on a lane, after <see cref="NodeEventKind.LaneReadable"/>; read until false.</summary>
    public bool TryPeekMessage(Lane lane, out LaneMessage message)
    {
        message = default;
        return TryFindOpen(lane, out var peer, out var lanes)
            && !peer.Association!.KeptReplies.Holds(lane)
            && lanes.TryPeek(lane, out message);
    }

    /// <summary>
    /// Takes the message just peeked. The peer's window stays closed for it until <see cref="Consume(Instant, Lane, ulong)"/>.
    /// </summary>
    public void TakeMessage(Instant now, Lane lane) => TakeMessages(now, lane, default);

    /// <summary>
    /// The messages that stand behind the one just peeked: after <see cref="LaneRun.Take"/> of some, <see cref="TakeMessages"/>.
    /// </summary>
    public static LaneRun PeekFollowing(Lane lane)
    {
        ArgumentNullException.ThrowIfNull(lane);
        return lane.IsOpen ? lane.Inbox.PeekFollowing() : default;
    }

    /// <summary>As <see cref="TakeMessage"/>, with what was taken of the messages that follow the one just peeked.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="following">What <see cref="PeekFollowing"/> gave, with no other call since.</param>
    public void TakeMessages(Instant now, Lane lane, in LaneRun following)
    {
        if (!TryFindOpen(lane, out var peer, out var lanes))
            return;

        Counters.MessagesDelivered += 1 + following.Taken;
        lanes.Take(now, lane, following);
        QueueToWrite(peer);
    }

    /// <summary>The receiver is done with a message it took, in whatever order. Nothing happens when the lane is gone.</summary>
    public void Consume(Instant now, Lane lane, ulong receipt)
    {
        if (!TryFindOpen(lane, out var peer, out var lanes))
            return;

        lanes.Consume(now, lane, receipt);
        QueueToWrite(peer);
    }

    /// <summary>
    /// As <see cref="Consume(Instant, Lane, ulong)"/>, for several messages of a lane, in whatever order; at a fraction of the price of
    /// each alone where messages of the same segment follow each other.
    /// </summary>
    public void Consume(Instant now, Lane lane, ReadOnlySpan<ulong> receipts)
    {
        if (!TryFindOpen(lane, out var peer, out var lanes))
            return;

        lanes.Consume(now, lane, receipts);
        QueueToWrite(peer);
    }

    /// <summary>Tells a peer's lanes what became of packets where there is nobody to tell events: they come with the next timer.</summary>
    internal void TakeOutcomes(Instant now, PeerChannel peer) => Lanes.TakeOutcomes(now, peer, owed);

    private void End(Instant now, Lane lane, LaneEnd reason)
    {
        if (!TryFindOpen(lane, out var peer, out var lanes))
            return;

        Lanes.Abort(now, peer, lanes, lane, reason, owed);
        QueueToWrite(peer);
    }

    private bool TryFindOpen(Lane lane, [NotNullWhen(true)] out PeerChannel? peer, out LaneTable lanes)
    {
        ArgumentNullException.ThrowIfNull(lane);
        lanes = lane.Table;
        peer = lanes.Channel;
        if (!lane.IsOpen || peer is not { ClosePending: null })
            return false;
        if (!peer.IsOf(this))
            throw new ArgumentException("That lane belongs to another node.", nameof(lane));
        return true;
    }

    private void Use(Instant now, PeerChannel peer)
    {
        peer.LastUsedAt = now;
        QueueToWrite(peer);
    }

    private void CheckLength(int length)
    {
        if (length > Settings.ReliableMessageSizeMax)
            ThrowTooLong(length);
    }

    [DoesNotReturn]
    private void ThrowTooLong(int length) =>
        throw new ArgumentException($"{length} bytes exceed ReliableMessageSizeMax, {Settings.ReliableMessageSizeMax}: use a stream.");
}
