namespace MsgNet;

/// <summary>What one host tells another.</summary>
internal enum MemoryEventKind
{
    /// <summary>The sender opens a channel.</summary>
    Open,

    /// <summary>The receiver of <see cref="Open"/> stands by.</summary>
    Opened,

    /// <summary>A message, or a request when <see cref="MemoryEvent.RequestId"/> is not 0.</summary>
    Message,

    /// <summary>A message has left the channel for its handler's queue: its room is free again.</summary>
    Taken,

    /// <summary>The handler is done with a message.</summary>
    Delivered,

    /// <summary>There is no handler for the session's protocol.</summary>
    Refused,

    /// <summary>The reply to a request.</summary>
    Reply,

    /// <summary>The channel is closed.</summary>
    Goodbye,

    /// <summary>The sender opens a stream, whose receiving half is <see cref="MemoryEvent.Lane"/>.</summary>
    StreamOpen,

    /// <summary>Bytes of a stream.</summary>
    StreamData,

    /// <summary>Bytes of a stream were read: their room is free again.</summary>
    StreamRead,

    /// <summary>No bytes of a stream follow.</summary>
    StreamEnd,

    /// <summary>Everything of a stream was read, its end included.</summary>
    StreamEndRead,

    /// <summary>The sender gave a stream up, or takes no streams of its protocol, as <see cref="MemoryEvent.Status"/> says.</summary>
    StreamStop,
}

/// <summary>One thing one host tells another, in the order told.</summary>
internal readonly struct MemoryEvent
{
    public required MemoryEventKind Kind { get; init; }

    /// <summary>The receiver's half of the channel.</summary>
    public required MemoryChannel Channel { get; init; }

    /// <summary>The session of the host that sent the message; only that host looks inside it.</summary>
    public MemorySession? Session { get; init; }

    /// <summary>The receiver's half of a stream.</summary>
    public MemoryLane? Lane { get; init; }

    /// <summary>Number of the message in its session.</summary>
    public ulong Number { get; init; }

    public ulong RequestId { get; init; }

    public RequestStatus Status { get; init; }

    /// <summary>The sender waits until the handler is done.</summary>
    public bool Tracked { get; init; }

    /// <summary>The sender's address, of messages outside protocols.</summary>
    public Multiaddress? From { get; init; }

    /// <summary>Why, in words.</summary>
    public string? Reason { get; init; }

    /// <summary>Rented; the receiver gives it back.</summary>
    public byte[]? Buffer { get; init; }

    public int Length { get; init; }

    public ReadOnlySpan<byte> Data => Buffer.AsSpan(0, Length);
}
