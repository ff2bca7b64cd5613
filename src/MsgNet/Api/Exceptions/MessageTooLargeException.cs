namespace MsgNet;

/// <summary>A message is above the limit of the delivery it was to be sent with.</summary>
public sealed class MessageTooLargeException : MsgNetException
{
    /// <summary>Says by how much, and what to do.</summary>
    public MessageTooLargeException(long size, long limit, Delivery delivery)
        : base($"A message of {size} bytes is above the limit of {limit} bytes for {delivery} delivery; "
            + (delivery == Delivery.Unreliable
                ? "send it with SendOptions.Reliable."
                : "send it in parts, or raise the message limit in the options."))
    {
        Size = size;
        Limit = limit;
    }

    /// <summary>Size of the message in bytes.</summary>
    public long Size { get; }

    /// <summary>The limit in bytes.</summary>
    public long Limit { get; }
}
