namespace MsgNet;

/// <summary>One message from a peer.</summary>
/// <remarks>
/// Immutable and safe on any thread. In a handler <see cref="Data"/> is borrowed until the handler's task ends; keep it longer with
/// <see cref="ToOwned"/>. Messages from <see cref="IMessageHost.ReceiveMessages"/> and replies of requests are owned already.
/// </remarks>
public readonly struct Message
{
    private readonly RequestContext? request;

    internal Message(PeerId from, ProtocolId protocol, ReadOnlyMemory<byte> data, Delivery delivery)
        : this(from, protocol, data, delivery, early: false, request: null)
    {
    }

    internal Message(PeerId from, ProtocolId protocol, ReadOnlyMemory<byte> data, Delivery delivery, bool early, RequestContext? request)
    {
        From = from;
        Protocol = protocol;
        Data = data;
        Delivery = delivery;
        Early = early;
        this.request = request;
    }

    /// <summary>The peer that sent it.</summary>
    public PeerId From { get; } // API-065

    /// <summary>The protocol it was sent on.</summary>
    public ProtocolId Protocol { get; }

    /// <summary>The bytes; may be empty.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The delivery it came by: what the sender asked for, or more.</summary>
    public Delivery Delivery { get; } // API-064

    /// <summary>It came in the first flight: no forward secrecy, and the sender may be replaying another moment of itself.</summary>
    public bool Early { get; }

    /// <summary>True for a request that has no answer yet.</summary>
    public bool CanReply => request is { IsOpen: true }; // API-072

    /// <summary>
    /// Answers a request, once. Completes at once: the reply is with the transport, and goes nowhere when the peer is gone. A handler that
    /// ends without a reply answers <see cref="RequestStatus.NoReply"/>, one that throws <see cref="RequestStatus.HandlerFailed"/>.
    /// </summary>
    /// <param name="data">The reply; copied before the call returns.</param>
    /// <param name="cancellationToken">Looked at before anything is sent.</param>
    /// <exception cref="InvalidOperationException">The message is no request, or has its answer.</exception>
    /// <exception cref="MessageTooLargeException">The reply is above the transport's limit; the peer is told so.</exception>
    public ValueTask Reply(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        if (request is null)
            throw new InvalidOperationException("This message is not a request: check CanReply, or answer with SendMessage.");
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        var fits = data.Length <= request.ReplySizeMax; // REQ-015
        if (!request.TryAnswer(fits ? RequestStatus.Ok : RequestStatus.ReplyTooLarge, fits ? data.Span : default))
            throw new InvalidOperationException("This request has its answer: reply once, and before the handler ends.");

        return fits ? ValueTask.CompletedTask : throw new MessageTooLargeException(data.Length, request.ReplySizeMax, Delivery);
    }

    /// <summary>This message with its own copy of the bytes, to keep beyond the handler. A request still ends with its handler.</summary>
    public Message ToOwned() => new(From, Protocol, Data.ToArray(), Delivery, Early, request);

    /// <summary>Answers a request with a failure; does nothing for other messages and for answered ones.</summary>
    internal void Refuse(RequestStatus status) => request?.TryAnswer(status, default);
}
