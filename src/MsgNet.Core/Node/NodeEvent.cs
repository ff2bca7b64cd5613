namespace MsgNet.Core;

/// <summary>One thing that happened in a machine; fields that a kind does not use are empty.</summary>
public readonly record struct NodeEvent
{
    /// <summary>What happened.</summary>
    public required NodeEventKind Kind { get; init; }

    /// <summary>The peer it happened with.</summary>
    public required PeerId Peer { get; init; }

    /// <summary>The protocol it concerns.</summary>
    public ProtocolId Protocol { get; init; }

    /// <summary>
    /// Of a message: what <see cref="UdpNode.Reply(Instant, PeerId, ulong, ReplyStatus, ReadOnlySpan{byte})"/> answers it by, 0 when it is
    /// no request. Otherwise the id that <c>TryRequest</c> gave.
    /// </summary>
    public ulong RequestId { get; init; }

    /// <summary>What the requester attached to its request.</summary>
    public object? State { get; init; }

    /// <summary>Status of a reply; 0 is success.</summary>
    public byte Status { get; init; }

    /// <summary>Why something was lost.</summary>
    public PeerLoss Loss { get; init; }

    /// <summary>The lane concerned; null otherwise.</summary>
    public Lane? Lane { get; init; }

    /// <summary>How the lane ended.</summary>
    public LaneEnd LaneEnd { get; init; }

    /// <summary>The message came in the first flight: no forward secrecy yet, sender not yet proven live.</summary>
    public bool Early { get; init; }

    /// <summary>The address concerned.</summary>
    public NetAddress Address { get; init; }

    /// <summary>Where the message stands when it was put together from pieces; null when it stands in the datagram.</summary>
    public byte[]? Buffer { get; init; }

    /// <summary>Where the message starts in <see cref="Buffer"/>, or in the datagram.</summary>
    public int Offset { get; init; }

    /// <summary>Length of the message in bytes.</summary>
    public int Length { get; init; }

    /// <summary>Of a message that is no request: how many of its protocol stand right behind it and have no event of their own.</summary>
    public int FollowingCount { get; init; }

    /// <summary>How many messages it tells of: one and those that follow it, or none when it is another kind of event.</summary>
    public int MessageCount => Kind == NodeEventKind.Message ? 1 + FollowingCount : 0;

    /// <summary>The message's bytes; borrowed until the next call into the machine.</summary>
    /// <param name="datagram">The datagram that was given to the machine.</param>
    public ReadOnlySpan<byte> Data(ReadOnlySpan<byte> datagram)
        => Buffer is null ? datagram.Slice(Offset, Length) : Buffer.AsSpan(Offset, Length);

    /// <summary>The <see cref="FollowingCount"/> messages behind this one; all else of the event is true of them, too.</summary>
    /// <param name="datagram">The datagram that was given to the machine.</param>
    public MessageRun Following(ReadOnlySpan<byte> datagram)
        => new(Buffer is null ? datagram : Buffer, Offset + Length, FollowingCount);
}
