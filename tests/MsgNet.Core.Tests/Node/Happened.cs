namespace MsgNet.Core.Tests.Node;

/// <summary>An event of a node with a copy of its bytes.</summary>
internal sealed record Happened(
    Instant At,
    NodeEventKind Kind,
    PeerId Peer,
    string Protocol,
    ulong RequestId,
    byte Status,
    PeerLoss Loss,
    bool Early,
    object? State,
    byte[] Data,
    Lane? Lane = null,
    LaneEnd LaneEnd = default)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Data);

    /// <summary>What happened, and the messages behind one as if each had its event.</summary>
    public static void AddTo(List<Happened> log, Instant now, in NodeEvent happened, ReadOnlySpan<byte> datagram)
    {
        var first = From(now, happened, datagram);
        log.Add(first);
        if (happened.FollowingCount == 0)
            return;

        var following = happened.Following(datagram);
        for (; following.TryPeek(out var data); following.Take())
            log.Add(first with { Data = data.ToArray() });
    }

    private static Happened From(Instant now, in NodeEvent happened, ReadOnlySpan<byte> datagram) => new(
        now,
        happened.Kind,
        happened.Peer,
        happened.Protocol.IsEmpty ? "" : happened.Protocol.Name,
        happened.RequestId,
        happened.Status,
        happened.Loss,
        happened.Early,
        happened.State,
        happened.Length == 0 ? [] : happened.Data(datagram).ToArray(),
        happened.Lane,
        happened.LaneEnd);
}
