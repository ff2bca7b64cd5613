namespace MsgNet;

/// <summary>The one consumer of a protocol: a handler's queue, a reader, or a queue of streams.</summary>
internal interface IMessageConsumer
{
    /// <summary>Messages that wait; when read without its lock, a recent value.</summary>
    int Count { get; }

    /// <summary>Takes a copy of the message, or says why not. Under the carrier's lock; runs no user code.</summary>
    SinkResult Offer(in IncomingMessage message);

    /// <summary>Takes a stream; false when it takes messages, or nothing any more. Runs no user code.</summary>
    bool Offer(LaneStream stream) => false;

    /// <summary>Ends it because the host closes.</summary>
    void Close();
}
