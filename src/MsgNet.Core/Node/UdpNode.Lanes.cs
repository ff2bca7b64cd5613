using System.Diagnostics.CodeAnalysis;

namespace MsgNet.Core;

/// <content>Reliable messages and streams: what the driver does with lanes.</content>
public sealed partial class UdpNode
{
    /// <summary>
    /// Opens a lane to a peer that is ready or being dialled; sends nothing yet. <see cref="SendStatus.TooManyLanes"/> when 128 are open.
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="protocol">The one protocol of the lane.</param>
    /// <param name="kind">What it is for.</param>
    /// <param name="allowEarly">What it carries may ride in the first packet of the handshake, which has no forward secrecy.</param>
    /// <param name="lane">The lane, when accepted.</param>
    public SendStatus TryOpenLane(Instant now, PeerChannel peer, ProtocolId protocol, LaneKind kind, bool allowEarly, out Lane? lane) =>
        throw new NotImplementedException();

    /// <summary>
    /// Accepts a message into the lane's send buffer; its number is then <see cref="Lane.Sent"/>. <see cref="SendStatus.Full"/>: wait for
    /// <see cref="NodeEventKind.LaneRoom"/>. <see cref="SendStatus.Closed"/>: the lane has ended or was shut down.
    /// </summary>
    public SendStatus TrySend(Instant now, Lane lane, ReadOnlySpan<byte> message) => throw new NotImplementedException();

    /// <summary>
    /// As <see cref="TrySend(Instant, Lane, ReadOnlySpan{byte})"/>, for a request; it is sent once, and ends by an event.
    /// </summary>
    public SendStatus TryRequest(
        Instant now, Lane lane, ReadOnlySpan<byte> message, object state, Instant deadline, out ulong id) =>
        throw new NotImplementedException();

    /// <summary>Answers a request that came by a lane, over that lane; nothing happens when the lane is gone.</summary>
    public void Reply(Instant now, Lane lane, ulong requestId, ReplyStatus status, ReadOnlySpan<byte> data) =>
        throw new NotImplementedException();

    /// <summary>No message follows on this side: what was accepted is sent, then SHUTDOWN. Repeated calls do nothing.</summary>
    public void ShutdownLane(Instant now, Lane lane) => throw new NotImplementedException();

    /// <summary>Ends a lane at once and tells the peer; what was not delivered is lost. Repeated calls do nothing.</summary>
    public void AbortLane(Instant now, Lane lane) => throw new NotImplementedException();

    /// <summary>
    /// Ends a lane the peer opened at once, because nobody takes its protocol any more: STOP 1. Repeated calls do nothing.
    /// </summary>
    public void RefuseLane(Instant now, Lane lane) => throw new NotImplementedException();

    /// <summary>The next message that waits on a lane, after <see cref="NodeEventKind.LaneReadable"/>; read until false.</summary>
    public bool TryPeekMessage(Lane lane, out LaneMessage message) => throw new NotImplementedException();

    /// <summary>Takes the message just peeked. The peer's window stays closed for it until <see cref="Consume"/>.</summary>
    public void TakeMessage(Instant now, Lane lane) => throw new NotImplementedException();

    /// <summary>The receiver is done with a message it took, in whatever order. Nothing happens when the lane is gone.</summary>
    public void Consume(Instant now, Lane lane, ulong receipt) => throw new NotImplementedException();
}
