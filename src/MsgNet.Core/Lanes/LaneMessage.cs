namespace MsgNet.Core;

/// <summary>A message on a lane, as far as it waits to be taken. Borrowed until the next call into the machine.</summary>
public readonly ref struct LaneMessage
{
    /// <summary>Its bytes; on a stream lane a run of the stream.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>
    /// What <see cref="UdpNode.Reply(Instant, Lane, ulong, ReplyStatus, ReadOnlySpan{byte})"/> answers it by; 0 when it is no request.
    /// </summary>
    public ulong RequestId { get; init; }

    /// <summary>The id of the TAGGED it came in, of either kind; 0 when it came bare. It is delivered once, whatever brings it.</summary>
    internal ulong TagId { get; init; }

    /// <summary>What <see cref="UdpNode.Consume(Instant, Lane, ulong)"/> names it by.</summary>
    public ulong Receipt { get; init; }

    /// <summary>It came in the first flight.</summary>
    public bool Early { get; init; }
}
