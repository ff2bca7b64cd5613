using MsgNet.Core;

namespace MsgNet;

/// <content>Streams.</content>
internal sealed partial class MemorySocket
{
    /// <inheritdoc/>
    public LaneStream OpenStream(ProtocolId protocol, PeerInfo peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ThrowIfClosed();
        var channel = Connect(peer, out var attempts) ?? throw new PeerUnreachableException(peer.Id, attempts);
        if (channel.Lanes.Count(lane => lane.IsOpener) >= Limits.LanesPerSideMax)
            throw new MsgNetException(
                $"{Limits.LanesPerSideMax} streams to {peer.Id} are open already, the most there may be; dispose some.");

        return MemoryLane.Open(channel, protocol).Stream;
    }

    /// <summary>Those who wait for everything to leave may have waited for a stream that is gone. Under the gate.</summary>
    public void OnLaneGone()
    {
        if (!drained.IsEmpty && IsDrained())
            drained.ReleaseAll();
    }

    private void OnStreamEvent(in MemoryEvent happened)
    {
        var lane = happened.Lane!;
        if (happened.Kind != MemoryEventKind.StreamOpen)
        {
            lane.OnEvent(happened);
            return;
        }

        lane.Accept();
        if (!context.Sink.OnStream(lane.Stream))
            lane.Refuse();
    }
}
