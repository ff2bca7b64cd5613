namespace MsgNet.Core;

/// <summary>A reply kept for repetition, borrowed from its <see cref="ReplyStore"/>: valid until the store's next call.</summary>
internal readonly ref struct StoredReply
{
    internal StoredReply(ReplyStatus status, ReadOnlySpan<byte> message)
    {
        Status = status;
        Message = message;
    }

    /// <summary>How the request ended.</summary>
    public ReplyStatus Status { get; }

    /// <summary>The answer.</summary>
    public ReadOnlySpan<byte> Message { get; }
}
