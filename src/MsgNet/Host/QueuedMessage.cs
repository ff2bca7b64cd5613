namespace MsgNet;

/// <summary>A message in a <see cref="MessageBacklog"/> or in the hands of a handler; recycled by the backlog.</summary>
internal sealed class QueuedMessage
{
    public PeerId From { get; private set; }

    public byte[] Buffer { get; private set; } = [];

    public int Length { get; private set; }

    /// <summary>What lends the bytes of a message that went to its handler without a queue; null for one with a buffer.</summary>
    public MessageArena? Arena { get; private set; }

    /// <summary>Where its bytes start in <see cref="Arena"/>.</summary>
    public int Offset { get; private set; }

    public RequestContext? Request { get; private set; }

    public ICarrierInbox? Inbox { get; private set; }

    public ulong Token { get; private set; }

    /// <summary>Place in the order of arrival.</summary>
    public long Number { get; private set; }

    /// <summary>The next message of the same peer, or the next unused node.</summary>
    public QueuedMessage? Next { get; set; }

    private ProtocolId protocol;
    private Delivery delivery;
    private bool early;

    public void Fill(in IncomingMessage message, byte[] buffer, long number)
    {
        message.Data.CopyTo(buffer);
        Buffer = buffer;
        Number = number;
        Note(message, RequestContext.For(message));
    }

    /// <summary>Takes over a message that its handler has already.</summary>
    public void Borrow(in IncomingMessage message, RequestContext? request, MessageArena arena, int offset)
    {
        Arena = arena;
        Offset = offset;
        Note(message, request);
    }

    public Message ToMessage() => new(From, protocol, Buffer.AsMemory(0, Length), delivery, early, Request);

    /// <summary>Lets go of everything the message referred to.</summary>
    public void Clear()
    {
        From = default;
        Buffer = [];
        Arena = null;
        Request = null;
        Inbox = null;
    }

    private void Note(in IncomingMessage message, RequestContext? request)
    {
        From = message.From;
        Length = message.Data.Length;
        Request = request;
        Inbox = message.Inbox;
        Token = message.Token;
        protocol = message.Protocol;
        delivery = message.Delivery;
        early = message.Early;
    }
}
