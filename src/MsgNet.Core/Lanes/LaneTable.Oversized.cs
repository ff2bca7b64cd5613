namespace MsgNet.Core;

/// <content>Segments that were cut for longer datagrams than the path carries by now.</content>
internal sealed partial class LaneTable
{
    private readonly Dictionary<ulong, InPieces> inPieces = [];
    private ulong nextTicket;
    private int longestFrame;
    private Instant nextDoubt = Instant.Never;

    /// <summary>Segments of which pieces are under way.</summary>
    public int SegmentsInPieces => inPieces.Count;

    /// <summary>
    /// Takes a segment whose frame no longer fits an empty datagram, to be sent as FRAGMENTs, one in each datagram (LANE-026); false when
    /// there is none, or what there is needs too many pieces. The segment is lost when a piece is; when all have arrived it still has to
    /// be acknowledged, since the peer may not have put them together (LANE-027).
    /// </summary>
    /// <param name="room">What an empty datagram of the path has for its frame list.</param>
    /// <param name="fragmentId">The id the FRAGMENTs will carry.</param>
    /// <param name="frame">Gets the MSP frame; <see cref="Limits.DatagramReceiveMax"/> bytes are always enough.</param>
    /// <param name="plan">How to cut it.</param>
    /// <param name="piece">What each datagram with a piece carries.</param>
    public bool TryTakeOversized(int room, ulong fragmentId, Span<byte> frame, out FragmentPlan plan, out PacketItem piece)
    {
        plan = default;
        piece = default;
        if (longestFrame <= room)
            return false;

        foreach (var lane in sendable)
        {
            if (!lane.Machine.TryPeekSend(out var sequence, out var length) || FrameSize.Listed(FrameSize.Msp(lane.Id, length)) <= room)
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

        return false;
    }

    // LANE-027: a segment that the peer had all pieces of and did not put together holds up all that follow it, so only the first one that
    // is not acknowledged needs to be watched. An acknowledgement waits for the peer's handlers: it may well be late.
    private void WatchFirst(Instant now, Lane lane)
    {
        if (!lane.IsOpen || !lane.Machine.IsFirstInDoubt)
        {
            lane.DoubtUntil = Instant.Never;
            return;
        }

        var first = lane.Machine.FirstUnacknowledged;
        if (first != lane.DoubtOf)
        {
            lane.DoubtOf = first;
            lane.DoubtWait = RoundTrip * 2 > Limits.PiecesDoubtMin ? RoundTrip * 2 : Limits.PiecesDoubtMin;
        }
        else if (!lane.DoubtUntil.IsNever)
        {
            return;
        }

        lane.DoubtUntil = now + lane.DoubtWait;
        nextDoubt = Instant.Min(nextDoubt, lane.DoubtUntil);
    }

    private void ResendDoubted(Instant now)
    {
        nextDoubt = Instant.Never;
        foreach (var lane in lanes.Values)
        {
            if (lane.DoubtUntil > now)
            {
                nextDoubt = Instant.Min(nextDoubt, lane.DoubtUntil);
                continue;
            }

            lane.DoubtUntil = Instant.Never;
            if (!lane.IsOpen || !lane.Machine.IsFirstInDoubt)
                continue;

            lane.DoubtWait = lane.DoubtWait * 2 < Limits.PiecesDoubtMax ? lane.DoubtWait * 2 : Limits.PiecesDoubtMax;
            lane.Machine.OnLost(lane.Machine.FirstUnacknowledged);
            Refresh(lane);
        }
    }

    private void OnPieceOutcome(Instant now, in PacketItem item, bool arrived, Lane lane)
    {
        if (!inPieces.Remove(item.Number, out var segment))
            return;

        if (!arrived)
            lane.Machine.OnLost(segment.Sequence);
        else if (segment.Missing == 1)
            lane.Machine.OnPiecesArrived(segment.Sequence); // LANE-027
        else
            inPieces.Add(item.Number, segment with { Missing = segment.Missing - 1 });
        WatchFirst(now, lane);
    }

    private readonly record struct InPieces(ulong Sequence, int Missing);
}
