namespace MsgNet;

/// <summary>Messages of a batch that follow each other from one source to one handler; a request is a run of its own.</summary>
internal struct InlineRun
{
    public HandlerQueue Queue;
    public PeerId From;
    public Delivery Delivery;
    public bool Early;
    public IReplyTarget? ReplyTo;
    public ulong RequestId;
    public ICarrierInbox? Inbox;

    /// <summary>Where in the batch it starts.</summary>
    public int First;

    public int Count;

    /// <summary>Messages from the start that were given to the handler.</summary>
    public int Taken;

    /// <summary>Messages from the start whose calls have ended.</summary>
    public int Handled;

    public readonly bool Takes(HandlerQueue queue, in IncomingMessage message) =>
        ReferenceEquals(Queue, queue)
        && ReferenceEquals(Inbox, message.Inbox)
        && From == message.From
        && Delivery == message.Delivery
        && Early == message.Early
        && ReplyTo is null
        && message.ReplyTo is null;
}
