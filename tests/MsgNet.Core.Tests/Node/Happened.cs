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

    public static Happened From(Instant now, in NodeEvent happened, ReadOnlySpan<byte> datagram) => new(
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
