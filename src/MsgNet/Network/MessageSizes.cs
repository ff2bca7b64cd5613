namespace MsgNet;

/// <summary>What the messages of one call weigh.</summary>
internal static class MessageSizes
{
    /// <summary>The length of the longest, and the bytes of all, as many as an int holds.</summary>
    public static (int Largest, int Total) Of(ReadOnlySpan<ReadOnlyMemory<byte>> messages)
    {
        var largest = 0;
        var total = 0L;
        foreach (ref readonly var message in messages)
        {
            largest = Math.Max(largest, message.Length);
            total += message.Length;
        }

        return (largest, (int)Math.Min(total, int.MaxValue));
    }

    /// <summary>What is wrong with a message of that length, or null.</summary>
    public static MessageTooLargeException? Check(int length, TransportGuarantees guarantees) => // API-047
        length > guarantees.MessageSizeMax
            ? new MessageTooLargeException(length, guarantees.MessageSizeMax, guarantees.Delivery)
            : null;
}
