using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// The receiving end of a lane: pulls messages and offers them to their handler. What finds no room stays in the lane, whose window then
/// closes, until the handler has room again. Under the gate, but for what handlers call.
/// </summary>
internal sealed class LaneInbox(UdpEndpoints endpoints, Lane lane) : ICarrierInbox, IReplyTarget
{
    private bool waits;

    /// <inheritdoc/>
    public int ReplySizeMax => endpoints.Context.Options.MessageSizeMax;

    /// <summary>Offers what has come, until nothing is left or there is no room. Allocates nothing for a message.</summary>
    // API-105
    public void Pull(Instant now)
    {
        if (waits)
            return;

        var isRaw = IsRaw;
        var consumer = isRaw ? null : endpoints.ConsumerOf(lane.Peer, lane.Protocol);
        while (endpoints.Node.TryPeekMessage(lane, out var message))
        {
            var (request, receipt) = (message.RequestId, message.Receipt);
            var result = isRaw ? OfferRaw(message.Data) : Offer(consumer, message);
            if (result == SinkResult.NoHandler)
            {
                endpoints.Node.RefuseLane(now, lane); // API-053
                return;
            }

            if (result == SinkResult.Busy && request == 0)
            {
                waits = true; // API-058
                return;
            }

            var following = default(LaneRun);
            if (consumer is not null && request == 0)
            {
                following = UdpNode.PeekFollowing(lane);
                consumer.OfferFollowing(ref following);
            }

            endpoints.Node.TakeMessages(now, lane, following);
            if (result == SinkResult.Busy)
                endpoints.Node.Reply(now, lane, request, ReplyStatus.Busy, default);
            if (result == SinkResult.Busy || isRaw)
                endpoints.Node.Consume(now, lane, receipt);
        }
    }

    /// <summary>There may be room: offers again.</summary>
    public void Resume(Instant now)
    {
        waits = false;
        Pull(now);
    }

    /// <inheritdoc/>
    public void OnRoom(ProtocolId protocol)
    {
        using (endpoints.Context.Gate.Enter())
        {
            var now = endpoints.Now;
            Resume(now);
            endpoints.Flush();
        }

        endpoints.Context.Sink.RunInline();
    }

    /// <inheritdoc/>
    public void OnHandled(ReadOnlySpan<ulong> tokens)
    {
        endpoints.Node.Consume(endpoints.Now, lane, tokens);
        endpoints.Lanes.OnConsumed();
    }

    /// <inheritdoc/>
    public void AfterHandled() => endpoints.Lanes.FlushConsumed();

    /// <inheritdoc/>
    public void OnDropped(ulong token)
    {
        using (endpoints.Context.Gate.Enter())
        {
            var now = endpoints.Now;
            endpoints.Node.RefuseLane(now, lane); // API-043
            endpoints.Flush();
        }
    }

    /// <inheritdoc/>
    public void Reply(PeerId peer, ulong requestId, RequestStatus status, ReadOnlySpan<byte> data) // REQ-026
    {
        using (endpoints.Context.Gate.Enter())
        {
            var now = endpoints.Now;
            endpoints.Node.Reply(now, lane, requestId, (ReplyStatus)status, data);
            endpoints.FlushSoon(now);
        }
    }

    // Of a message outside protocols nobody tells when it is read; with its reader it is where it was sent to.
    private bool IsRaw => lane.Protocol == UdpSocket.RawProtocol;

    private SinkResult Offer(IMessageConsumer? consumer, in LaneMessage message) => consumer?.Offer(new IncomingMessage
    {
        From = lane.Peer,
        Protocol = lane.Protocol,
        Data = message.Data,
        Delivery = LaneEvents.DeliveryOf(lane),
        Early = message.Early,
        ReplyTo = message.RequestId == 0 ? null : this,
        RequestId = message.RequestId,
        Inbox = this,
        Token = message.Receipt,
    }) ?? SinkResult.NoHandler;

    private SinkResult OfferRaw(ReadOnlySpan<byte> data)
    {
        if (endpoints.RawReader is not { } reader)
            return SinkResult.NoHandler;
        if (endpoints.ReturnAddress(lane.Peer) is { } from && reader.TryTakeRaw(from, data))
            return SinkResult.Taken;

        endpoints.Lanes.WaitForReader(this);
        return SinkResult.Busy;
    }
}
