namespace MsgNet;

/// <summary>What the messages of one call weigh.</summary>
internal static class MessageSizes
{
    /// <summary>The length of the longest; 0 when there is none.</summary>
    public static int Largest(ReadOnlySpan<ReadOnlyMemory<byte>> messages)
    {
        var largest = 0;
        foreach (ref readonly var message in messages)
            largest = Math.Max(largest, message.Length);
        return largest;
    }

    /// <summary>What is wrong when one of them is above the limit; else null and the bytes of all, as many as an int holds.</summary>
    public static MessageTooLargeException? Check(
        ReadOnlySpan<ReadOnlyMemory<byte>> messages, TransportGuarantees guarantees, out int total)
    {
        var limit = guarantees.MessageSizeMax;
        var bytes = 0L;
        total = 0;
        foreach (ref readonly var message in messages)
        {
            if (message.Length > limit)
                return new MessageTooLargeException(message.Length, limit, guarantees.Delivery);
            bytes += message.Length;
        }

        total = (int)Math.Min(bytes, int.MaxValue);
        return null;
    }
}
