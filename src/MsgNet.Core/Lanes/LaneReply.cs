namespace MsgNet.Core;

/// <summary>A REPLY that came on a lane. Borrowed until the next call into the machine.</summary>
internal readonly ref struct LaneReply
{
    /// <summary>The lane.</summary>
    public required Lane Lane { get; init; }

    /// <summary>The id of the request.</summary>
    public ulong Id { get; init; }

    /// <summary>How it ended.</summary>
    public ReplyStatus Status { get; init; }

    /// <summary>The answer.</summary>
    public ReadOnlySpan<byte> Data { get; init; }
}
