namespace MsgNet.Core;

/// <content>Segments that were cut for longer datagrams than the path carries by now.</content>
internal sealed partial class LaneTable
{
    private readonly Dictionary<ulong, InPieces> inPieces = [];
    private ulong nextTicket;

    /// <summary>Segments of which pieces are under way.</summary>
    public int SegmentsInPieces => inPieces.Count;

    /// <summary>
    /// Takes a segment whose frame no longer fits an empty datagram, to be sent as FRAGMENTs, one in each datagram (LANE-026); false when
    /// there is none, or what there is needs too many pieces. The segment has arrived when all pieces have, and is lost when one is.
    /// </summary>
    /// <param name="room">What an empty datagram of the path has for its frame list.</param>
    /// <param name="fragmentId">The id the FRAGMENTs will carry.</param>
    /// <param name="frame">Gets the MSP frame; <see cref="Limits.DatagramReceiveMax"/> bytes are always enough.</param>
    /// <param name="plan">How to cut it.</param>
    /// <param name="piece">What each datagram with a piece carries.</param>
    public bool TryTakeOversized(int room, ulong fragmentId, Span<byte> frame, out FragmentPlan plan, out PacketItem piece)
    {
        foreach (var lane in sendable)
        {
            if (!lane.Machine.TryPeekSend(out var sequence, out var length) || FrameWriter.MspSize(lane.Id, length) <= room)
                continue;
            if (!FragmentPlan.TryMake(fragmentId, FrameSize.Msp(lane.Id, length), room, out plan))
                continue;

            var writer = new WireWriter(frame);
            writer.WriteByte((byte)FrameType.Msp);
            writer.WriteUvarint(lane.Id);
            counters.SegmentsSent++;
            if (lane.Machine.WasSent(sequence))
                counters.SegmentsResent++;
            lane.Machine.WriteData(sequence, writer.Reserve(length));
            piece = new PacketItem(PacketItemKind.Piece, lane.Id, nextTicket);
            inPieces.Add(nextTicket++, new InPieces(sequence, plan.Count));
            Refresh(lane);
            return true;
        }

        plan = default;
        piece = default;
        return false;
    }

    private void OnPieceOutcome(in PacketItem item, bool arrived, Lane lane)
    {
        if (!inPieces.Remove(item.Number, out var segment))
            return;

        if (!arrived)
            lane.Machine.OnLost(segment.Sequence);
        else if (segment.Missing == 1)
            lane.Machine.OnArrived(segment.Sequence);
        else
            inPieces.Add(item.Number, segment with { Missing = segment.Missing - 1 });
    }

    private readonly record struct InPieces(ulong Sequence, int Missing);
}
