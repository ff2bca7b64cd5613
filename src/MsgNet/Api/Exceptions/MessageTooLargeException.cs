using MsgNet.Core;

namespace MsgNet;

/// <summary>A message is above the limit of the delivery it was to be sent with.</summary>
public sealed class MessageTooLargeException : MsgNetException
{
    /// <summary>Says by how much, and what to do.</summary>
    public MessageTooLargeException(long size, long limit, Delivery delivery)
        : base($"A message of {size} bytes is above the limit of {limit} bytes for {delivery} delivery; {Advice(limit, delivery)}")
    {
        Size = size;
        Limit = limit;
    }

    /// <summary>Size of the message in bytes.</summary>
    public long Size { get; }

    /// <summary>The limit in bytes.</summary>
    public long Limit { get; }

    // API-047; a limit below or above what the option takes is not the option's.
    private static string Advice(long limit, Delivery delivery) => (delivery, limit) switch
    {
        (Delivery.Unreliable, _) => "send it with SendOptions.Reliable.",
        (_, >= Limits.ReliableMessageMin and < Limits.ReliableMessageMax) =>
            "send it in parts or by OpenStream, or raise MsgNetOptions.MessageSizeMax, "
            + $"to at most {Limits.ReliableMessageMax}, at both ends.",
        _ => "send it in parts.",
    };
}
