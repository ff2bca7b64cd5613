namespace MsgNet.Core;

/// <summary>One message that waits for a datagram.</summary>
internal struct QueuedMessage
{
    /// <summary>What it is.</summary>
    public MessageKind Kind;

    /// <summary>The name it goes under; null for a reply.</summary>
    public OutgoingName? Name;

    /// <summary>Rented buffer with its bytes; null for a request, whose bytes stand with the pending request.</summary>
    public byte[]? Buffer;

    /// <summary>Length in bytes.</summary>
    public int Length;

    /// <summary>Id of the request or reply.</summary>
    public ulong Id;

    /// <summary>Status of a reply.</summary>
    public ReplyStatus Status;

    /// <summary>May ride in the first flight.</summary>
    public bool AllowEarly;

    /// <summary>When it was queued.</summary>
    public Instant QueuedAt;
}
