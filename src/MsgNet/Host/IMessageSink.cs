using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Where carriers put what arrived. Called under the carrier's lock: it copies what it keeps and runs no user code.
/// </summary>
internal interface IMessageSink
{
    /// <summary>Who takes the messages of a protocol; null when nobody does. Good as long as the carrier holds its lock.</summary>
    IMessageConsumer? ConsumerOf(ProtocolId protocol);

    /// <summary>Takes a stream that a peer opened; false when nobody takes streams of its protocol: the carrier refuses it.</summary>
    bool OnStream(LaneStream stream);

    /// <summary>So much waits for <see cref="RunInline"/> that who has more should call it first. Under the carrier's lock.</summary>
    bool WantsToRunInline { get; }

    /// <summary>
    /// Runs the inline handlers of what was taken since. A carrier calls it on the same thread after every batch of messages, once it has
    /// released its lock; costs one read when there is nothing to run.
    /// </summary>
    void RunInline();

    /// <summary>
    /// As far as <see cref="RunInline"/> needs the carrier's lock, for one who holds it; true when <see cref="MakeInlineCalls"/> has to
    /// follow.
    /// </summary>
    bool TryBeginInlineCalls();

    /// <summary>Runs the inline handlers that <see cref="TryBeginInlineCalls"/> left to this thread, once the lock is released.</summary>
    void MakeInlineCalls();
}

/// <summary>What became of a message.</summary>
internal enum SinkResult
{
    /// <summary>Queued for its handler, or for <see cref="IMessageSink.RunInline"/>.</summary>
    Taken,

    /// <summary>
    /// The handler's queue is full. An unreliable message is dropped and counted; the carrier answers a request with status 4, and
    /// keeps a message that has an <see cref="IncomingMessage.Inbox"/>.
    /// </summary>
    Busy,

    /// <summary>No handler any more; the carrier refuses the protocol, a request gets status 3.</summary>
    NoHandler,
}

/// <summary>A message as a carrier hands it over.</summary>
internal readonly ref struct IncomingMessage
{
    public required PeerId From { get; init; }
    public required ProtocolId Protocol { get; init; }
    public required ReadOnlySpan<byte> Data { get; init; }
    public required Delivery Delivery { get; init; }
    public bool Early { get; init; }

    /// <summary>Who sends the reply of a request; null for a plain message.</summary>
    public IReplyTarget? ReplyTo { get; init; }

    /// <summary>Id of the request; 0 for a plain message.</summary>
    public ulong RequestId { get; init; }

    /// <summary>
    /// Set by reliable carriers: what is not taken now stays with them until told of room, and they learn when the handler is done.
    /// </summary>
    public ICarrierInbox? Inbox { get; init; }

    /// <summary>The carrier's name for this message in <see cref="ICarrierInbox.OnHandled"/>.</summary>
    public ulong Token { get; init; }
}

/// <summary>
/// A reliable carrier's side of handing over messages: told on the scheduler, by a reader, or after inline calls.
/// </summary>
internal interface ICarrierInbox
{
    /// <summary>The handler's queue of <paramref name="protocol"/> had no room and now has some: offer again. Under no lock.</summary>
    void OnRoom(ProtocolId protocol);

    /// <summary>The handler is done with the messages of these tokens, also by throwing. Under the host's gate.</summary>
    void OnHandled(ReadOnlySpan<ulong> tokens);

    /// <summary>All that is done was told, to this inbox and to others. Under the host's gate.</summary>
    void AfterHandled();

    /// <summary>
    /// The handler, or reader, was removed before it was given the message of that token: nobody will have it. Under no lock.
    /// </summary>
    void OnDropped(ulong token);
}

/// <summary>Sends the reply of one request back over the carrier it came by. Safe on any thread; the first reply wins.</summary>
internal interface IReplyTarget
{
    /// <summary>Largest reply in bytes.</summary>
    int ReplySizeMax { get; }

    /// <summary>Sends the reply; does nothing when the peer is gone. Never blocks.</summary>
    void Reply(PeerId peer, ulong requestId, RequestStatus status, ReadOnlySpan<byte> data);
}
