namespace MsgNet;

/// <summary>A message in a <see cref="MessageBacklog"/> or in the hands of a handler; recycled by the backlog.</summary>
internal sealed class QueuedMessage
{
    public PeerId From { get; private set; }

    public byte[] Buffer { get; private set; } = [];

    public int Length { get; private set; }

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
        From = message.From;
        Buffer = buffer;
        Length = message.Data.Length;
        Request = message.ReplyTo is null ? null : new RequestContext(message.ReplyTo, message.From, message.RequestId);
        Inbox = message.Inbox;
        Token = message.Token;
        Number = number;
        protocol = message.Protocol;
        delivery = message.Delivery;
        early = message.Early;
    }

    public Message ToMessage() => new(From, protocol, Buffer.AsMemory(0, Length), delivery, early, Request);

    /// <summary>Lets go of everything the message referred to.</summary>
    public void Clear()
    {
        From = default;
        Buffer = [];
        Request = null;
        Inbox = null;
    }
}
