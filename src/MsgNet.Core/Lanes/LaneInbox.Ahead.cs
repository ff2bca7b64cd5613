namespace MsgNet.Core;

/// <content>Messages of an unordered lane that are whole although segments before them are missing (LANE-024).</content>
internal sealed partial class LaneInbox
{
    private readonly LaneJoin aheadJoin;
    private readonly Queue<ulong> arrivals = new();
    private readonly Queue<(ulong First, ulong Last)> runs = new();
    private bool isWalkingAhead;
    private ulong aheadSequence;
    private int aheadPosition;

    /// <summary>Segments and runs of them that may have to be looked at beyond a gap.</summary>
    public int AheadCount => arrivals.Count + runs.Count;

    // A segment beyond the gap to walk through, or a frame that lies in several of them.
    private bool TryFindAhead()
    {
        while (arrivals.TryDequeue(out var sequence))
        {
            if (!IsAhead(sequence, out var data) || data.IsEmpty)
                continue;

            isWalkingAhead = true;
            aheadSequence = sequence;
            aheadPosition = LaneSegment.SpanLength;
            return true;
        }

        while (runs.TryDequeue(out var run))
        {
            if (IsAhead(run.First, out _) && TryJoinAhead(run.First, run.Last))
                return true;
        }

        return false;
    }

    private bool IsAhead(ulong sequence, out ReadOnlySpan<byte> data)
    {
        data = default;
        return sequence > machine.NextToTake && machine.TryGetReceived(sequence, out data);
    }

    // One chunk of the segment beyond the gap.
    private void StepAhead()
    {
        machine.TryGetReceived(aheadSequence, out var data);
        if (aheadPosition == data.Length)
        {
            MarkOf(aheadSequence).WholeDone = true;
            isWalkingAhead = false;
            return;
        }

        var segment = new LaneSegment(data, aheadPosition);
        var chunk = segment.Next(out var kind);
        if (kind != LaneChunk.Whole)
        {
            aheadPosition = segment.Position;
            return;
        }

        Open(chunk, isFirst: false, new Ready
        {
            Source = Source.SegmentAhead,
            Sequence = aheadSequence,
            Start = segment.Position - chunk.Length,
            Next = segment.Position,
            Early = MarkOf(aheadSequence).Early,
        });
    }

    // False when it needs a slot and none is free: then it is read in order, once what is missing has come.
    private bool TryJoinAhead(ulong first, ulong last)
    {
        var early = false;
        for (var sequence = first; sequence <= last; sequence++)
        {
            var chunk = ChunkOf(sequence, first);
            IsBroken = IsTooLarge = aheadJoin.IsTooLong(chunk.Length);
            if (IsBroken || !aheadJoin.TryAdd(chunk))
            {
                aheadJoin.Clear();
                return IsBroken;
            }

            early |= MarkOf(sequence).Early;
        }

        for (var sequence = first; sequence <= last; sequence++)
        {
            MarkOf(sequence).TailDone |= sequence < last;
            MarkOf(sequence).HeadDone |= sequence > first;
        }

        Open(aheadJoin.Bytes, isFirst: false, new Ready { Source = Source.JoinAhead, Sequence = last, Early = early });
        return true;
    }

    // The last chunk of the first segment of a run, the first chunk of any other.
    private ReadOnlySpan<byte> ChunkOf(ulong sequence, ulong first)
    {
        machine.TryGetReceived(sequence, out var data);
        var segment = new LaneSegment(data, LaneSegment.SpanLength);
        var chunk = segment.Next(out _);
        while (sequence == first && !segment.IsAtEnd)
            chunk = segment.Next(out _);
        return chunk;
    }

    // Joins the segment to the runs of segments beside it that hold chunks of the same frame. Each end of a run knows where the other is.
    private void Link(ulong sequence)
    {
        ForgetPassed();
        machine.TryGetReceived(sequence, out var data);
        if (sequence <= machine.NextToTake || data.IsEmpty)
            return;

        arrivals.Enqueue(sequence);
        var first = FirstOfRun(sequence, data);
        var last = LastOfRun(sequence, data);
        if (LaneSegment.IsMiddle(data))
        {
            Join(first, last);
            return;
        }

        if (first < sequence)
            Join(first, sequence);
        if (last > sequence)
            Join(sequence, last);
    }

    // What was read in order since it came. A reader that never catches up never looks beyond a gap, where the rest is dropped.
    private void ForgetPassed()
    {
        var next = machine.NextToTake;
        while (arrivals.TryPeek(out var sequence) && sequence <= next)
            arrivals.Dequeue();
        while (runs.TryPeek(out var run) && run.First <= next)
            runs.Dequeue();
    }

    private ulong FirstOfRun(ulong sequence, ReadOnlySpan<byte> data)
    {
        if ((data[0] & LaneSegment.ContinuesLast) == 0
            || !machine.TryGetReceived(sequence - 1, out var before)
            || before.IsEmpty
            || (before[0] & LaneSegment.ContinuesNext) == 0)
        {
            return sequence;
        }

        return sequence - 1 - (LaneSegment.IsMiddle(before) ? MarkOf(sequence - 1).Back : 0UL);
    }

    private ulong LastOfRun(ulong sequence, ReadOnlySpan<byte> data)
    {
        if ((data[0] & LaneSegment.ContinuesNext) == 0
            || !machine.TryGetReceived(sequence + 1, out var after)
            || after.IsEmpty
            || (after[0] & LaneSegment.ContinuesLast) == 0)
        {
            return sequence;
        }

        return sequence + 1 + (LaneSegment.IsMiddle(after) ? MarkOf(sequence + 1).Ahead : 0UL);
    }

    private void Join(ulong first, ulong last)
    {
        MarkOf(first).Ahead = (ushort)(last - first);
        MarkOf(last).Back = (ushort)(last - first);
        machine.TryGetReceived(first, out var start);
        machine.TryGetReceived(last, out var end);
        if (first < last && !LaneSegment.IsMiddle(start) && !LaneSegment.IsMiddle(end))
            runs.Enqueue((first, last));
    }
}
