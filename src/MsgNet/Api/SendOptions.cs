namespace MsgNet;

/// <summary>What a sender asks for. A transport that gives more may be used; one that gives less never is.</summary>
public sealed record SendOptions
{
    /// <summary>At most once, no waiting: the default.</summary>
    public static SendOptions Unreliable { get; } = new();

    /// <summary>Exactly once or told, in any order.</summary>
    public static SendOptions Reliable { get; } = new() { Delivery = Delivery.Reliable };

    /// <summary>Exactly once or told, in order.</summary>
    public static SendOptions Ordered { get; } = new() { Delivery = Delivery.ReliableOrdered };

    /// <summary>The least delivery that will do. Default <see cref="Delivery.Unreliable"/>.</summary>
    public Delivery Delivery { get; init; }

    /// <summary>
    /// Complete only when the peer's handler is done with the message; needs a reliable delivery. Default false. Done is also a handler
    /// that threw: the peer logs and counts it, and the sender is not told. Who needs to know what became of it sends a request.
    /// </summary>
    public bool WaitForDelivery { get; init; }

    /// <summary>
    /// The message may ride in the first flight, before the peer has answered (<see cref="Message.Early"/>). Default true.
    /// </summary>
    public bool AllowEarly { get; init; } = true;

    /// <summary>
    /// Unreliable messages may share a datagram with others of the same peer, and wait some microseconds for them when much is sent.
    /// Default true. False gives each message a datagram of its own, which leaves with the call, at several times the cost; reliable
    /// deliveries take no notice of it. <see cref="ISocketSession.SendMessages"/> hands over the datagrams of its messages together.
    /// </summary>
    public bool Coalesce { get; init; } = true;
}
