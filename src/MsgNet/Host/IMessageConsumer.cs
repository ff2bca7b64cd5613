using MsgNet.Core;

namespace MsgNet;

/// <summary>The one consumer of a protocol: a handler's queue, a reader, or a queue of streams.</summary>
internal interface IMessageConsumer
{
    /// <summary>Messages that wait; when read without its lock, a recent value.</summary>
    int Count { get; }

    /// <summary>Takes a copy of the message, or says why not. Under the carrier's lock; runs no user code.</summary>
    SinkResult Offer(in IncomingMessage message);

    /// <summary>
    /// Takes copies of messages that follow the one it just took, as far as it has room for them without any ado: what is left is offered
    /// like any other. Under the same lock, with nothing in between.
    /// </summary>
    void OfferFollowing(ref LaneRun following)
    {
    }

    /// <inheritdoc cref="OfferFollowing(ref LaneRun)"/>
    void OfferFollowing(ref MessageRun following)
    {
    }

    /// <summary>Takes a stream; false when it takes messages, or nothing any more. Runs no user code.</summary>
    bool Offer(LaneStream stream) => false;

    /// <summary>Ends it because the host closes.</summary>
    void Close();
}
