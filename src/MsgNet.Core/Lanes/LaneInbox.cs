namespace MsgNet.Core;

/// <summary>
/// What one lane has received: reads segments in order, joins chunks to frames, and holds one message at a time for the driver. Of an
/// unordered lane it also finds messages that are whole beyond a gap. Not thread-safe.
/// </summary>
internal sealed partial class LaneInbox : IDisposable
{
    private readonly Lane lane;
    private readonly MspMachine machine;
    private readonly LaneMemory memory;
    private readonly LaneJoin join;
    private LaneMark[] marks = new LaneMark[Limits.LaneWindowInitial];
    private int position;
    private bool continues;
    private bool joinsFirst;
    private bool joinsEarly;
    private Ready ready;

    /// <param name="lane">Whose it is.</param>
    /// <param name="machine">Where segments come from.</param>
    /// <param name="memory">What is shared with other lanes.</param>
    public LaneInbox(Lane lane, MspMachine machine, LaneMemory memory)
    {
        this.lane = lane;
        this.machine = machine;
        this.memory = memory;
        join = new LaneJoin(memory);
        aheadJoin = new LaneJoin(memory);
    }

    private enum Source : byte
    {
        None,
        Segment,
        SegmentAhead,
        Join,
        JoinAhead,
    }

    /// <summary>A message waits to be taken.</summary>
    public bool HasMessage => ready.Source != Source.None;

    /// <summary>A segment broke a rule: the lane has to end.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>The rule is that of the largest message.</summary>
    public bool IsTooLarge { get; private set; }

    /// <summary>Nothing is read on until a slot for a large message becomes free.</summary>
    public bool WaitsForSlot { get; private set; }

    /// <summary>Bytes of frames that are put together.</summary>
    public int BytesJoined => join.Bytes.Length + aheadJoin.Bytes.Length;

    /// <summary>A segment was accepted.</summary>
    public void OnAccepted(ulong sequence, bool early)
    {
        if (marks.Length < machine.ReceiveWindow)
            GrowMarks();
        ref var mark = ref MarkOf(sequence);
        mark = new LaneMark { Pending = 1, Early = early };
        if (lane.Kind == LaneKind.Unordered)
            Link(sequence);
    }

    /// <summary>Reads on until a message waits, nothing is left, or a slot is missing.</summary>
    public void Advance()
    {
        while (!HasMessage && !IsBroken)
        {
            if (isWalkingAhead)
                StepAhead();
            else if (!TryStep() && !TryFindAhead())
                return;
        }
    }

    /// <summary>The message that waits.</summary>
    public bool TryPeek(out LaneMessage message)
    {
        if (!HasMessage)
        {
            message = default;
            return false;
        }

        message = new LaneMessage
        {
            Data = ReadyFrame()[ready.Frame.Offset..],
            RequestId = ready.Frame.IsRequest ? ready.Frame.Id : 0,
            TagId = ready.Frame.Id,
            Receipt = ready.Sequence,
            Early = ready.Early,
        };
        return true;
    }

    /// <summary>What stands behind it in its segment, as far as that is more of the same; empty when nothing waits.</summary>
    public LaneRun PeekFollowing()
    {
        if (ready.Source is not (Source.Segment or Source.Join) || PlaceOf(isFirst: false) != LanePlace.Messages)
            return default;

        ref readonly var mark = ref MarkOf(ready.Sequence);
        if (mark.WholeDone || mark.Early != ready.Early || memory.MessageSizeMax < Limits.LaneSegmentMax)
            return default;

        machine.TryGetReceived(ready.Sequence, out var data);
        return new LaneRun(data, ready.Source == Source.Segment ? ready.Next : position, ready.Sequence);
    }

    /// <summary>Takes it, and what was taken of those that follow it, and reads on.</summary>
    public void Take(in LaneRun following)
    {
        Invariant.Check(HasMessage);
        if (following.Taken > 0 && following.Receipt != ready.Sequence)
            throw new InvalidOperationException("Those messages follow another one: take what was peeked last.");

        MarkOf(ready.Sequence).Pending += (ushort)(1 + following.Taken);
        Leave();
        if (following.Taken > 0)
            position = following.Position;
        Advance();
    }

    /// <summary>The receiver is done with messages that have this receipt.</summary>
    public void Consume(ulong sequence, int count)
    {
        if (sequence < machine.Consumed || sequence - machine.Consumed >= (ulong)marks.Length || MarkOf(sequence).Pending < count)
            throw new InvalidOperationException($"No message with receipt {sequence} waits to be consumed: consume each message once.");

        Release(sequence, count);
    }

    public void Dispose()
    {
        join.Clear();
        aheadJoin.Clear();
        ready = default;
    }

    // One chunk of the next segment in order; false when it is not here or may not be read yet.
    private bool TryStep()
    {
        WaitsForSlot = false;
        if (!machine.TryPeekReceived(out var sequence, out var data))
            return false;
        if (data.IsEmpty || position == data.Length)
            return EndSegment(sequence, data);

        if (position == 0)
        {
            // LANE-021
            IsBroken = ((data[0] & LaneSegment.ContinuesLast) != 0) != continues;
            position = LaneSegment.SpanLength;
            if (IsBroken)
                return true;
        }

        var start = position;
        var segment = new LaneSegment(data, position);
        var chunk = segment.Next(out var kind);
        ref readonly var mark = ref MarkOf(sequence);
        if (mark.IsDone(kind))
        {
            position = segment.Position;
            return true;
        }

        if (kind != LaneChunk.Whole)
            return TryJoin(sequence, start, chunk, kind, segment.Position);

        Open(chunk, sequence == 0 && start == LaneSegment.SpanLength, new Ready
        {
            Source = Source.Segment,
            Sequence = sequence,
            Start = segment.Position - chunk.Length,
            Next = segment.Position,
            Early = mark.Early,
        });
        return true;
    }

    private bool EndSegment(ulong sequence, ReadOnlySpan<byte> data)
    {
        // LANE-022: an empty segment is the end, which cannot be in the middle of a frame.
        IsBroken = data.IsEmpty && continues;
        continues = !data.IsEmpty && (data[0] & LaneSegment.ContinuesNext) != 0;
        position = 0;
        machine.Take(sequence);
        Release(sequence, 1);
        // A last segment whose frame goes on would leave the frame unfinished for ever.
        IsBroken |= continues && machine.IsAllTaken;
        return true;
    }

    private bool TryJoin(ulong sequence, int start, ReadOnlySpan<byte> chunk, LaneChunk kind, int next)
    {
        if (join.IsTooLong(chunk.Length))
        {
            IsBroken = IsTooLarge = true;
            return true;
        }

        // LANE-034
        WaitsForSlot = !join.TryAdd(chunk);
        if (WaitsForSlot)
            return false;

        var isStart = (kind & LaneChunk.Continues) == 0;
        joinsFirst = isStart ? sequence == 0 && start == LaneSegment.SpanLength : joinsFirst;
        joinsEarly = MarkOf(sequence).Early || (!isStart && joinsEarly);
        position = next;
        if ((kind & LaneChunk.IsContinued) == 0)
            Open(join.Bytes, joinsFirst, new Ready { Source = Source.Join, Sequence = sequence, Early = joinsEarly });
        return true;
    }

    // A whole frame: what the driver takes stays where it is, a REPLY goes to the node at once.
    private void Open(ReadOnlySpan<byte> frame, bool isFirst, Ready found)
    {
        var valid = LaneFrame.TryRead(frame, PlaceOf(isFirst), out found.Frame, out _);
        var length = frame.Length - found.Frame.Offset;
        if (!valid || length > memory.MessageSizeMax)
        {
            IsTooLarge = valid;
            IsBroken = true;
            return;
        }

        ready = found;
        if (found.Frame.IsReply)
            HandOver(found.Frame, frame[found.Frame.Offset..].ToArray());
        else if (length > 0 || lane.Kind != LaneKind.Stream)
            return;

        Leave();
    }

    private void HandOver(LaneFrame frame, byte[] data)
    {
        MarkOf(ready.Sequence).Pending++;
        memory.Replies.Enqueue(new LaneMemory.FoundReply(lane, ready.Sequence, frame.Id, frame.Status, data));
    }

    private LanePlace PlaceOf(bool isFirst)
    {
        var isStream = lane.Kind == LaneKind.Stream;
        if (lane.IsOpener)
            return isStream ? LanePlace.Stream : LanePlace.Replies;
        if (isFirst)
            return isStream ? LanePlace.FirstOfStream : LanePlace.First;
        return isStream ? LanePlace.Stream : LanePlace.Messages;
    }

    private ReadOnlySpan<byte> ReadyFrame()
    {
        switch (ready.Source)
        {
            case Source.Join:
                return join.Bytes;
            case Source.JoinAhead:
                return aheadJoin.Bytes;
            default:
                machine.TryGetReceived(ready.Sequence, out var data);
                return data[ready.Start..ready.Next];
        }
    }

    private void Leave()
    {
        switch (ready.Source)
        {
            case Source.Segment:
                position = ready.Next;
                break;
            case Source.SegmentAhead:
                aheadPosition = ready.Next;
                break;
            case Source.Join:
                join.Clear();
                break;
            default:
                aheadJoin.Clear();
                break;
        }

        ready = default;
    }

    // LANE-031
    private void Release(ulong sequence, int count)
    {
        ref var mark = ref MarkOf(sequence);
        mark.Pending -= (ushort)count;
        if (mark.Pending == 0)
            machine.Consume(sequence);
    }

    private ref LaneMark MarkOf(ulong sequence) => ref marks[(int)(sequence & (ulong)(marks.Length - 1))];

    private void GrowMarks()
    {
        var larger = new LaneMark[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)machine.ReceiveWindow)];
        for (var sequence = machine.Consumed; sequence < machine.Consumed + (ulong)marks.Length; sequence++)
            larger[(int)(sequence & (ulong)(larger.Length - 1))] = MarkOf(sequence);
        marks = larger;
    }

    private struct Ready
    {
        public Source Source;
        public ulong Sequence;
        public int Start;
        public int Next;
        public bool Early;
        public LaneFrame Frame;
    }
}
