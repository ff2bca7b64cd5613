using System.Text;

namespace MsgNet.Tests;

/// <summary>A carrier that keeps the replies it is given.</summary>
internal sealed class RecordingReplies : IReplyTarget
{
    public int ReplySizeMax { get; init; } = 100;

    public List<(PeerId Peer, ulong Id, RequestStatus Status, string Text)> Sent { get; } = [];

    public void Reply(PeerId peer, ulong requestId, RequestStatus status, ReadOnlySpan<byte> data) =>
        Sent.Add((peer, requestId, status, Encoding.ASCII.GetString(data)));
}
