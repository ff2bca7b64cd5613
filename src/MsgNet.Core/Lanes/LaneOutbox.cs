using System.Text;

namespace MsgNet.Core;

/// <summary>
/// What one lane has still to send: frames that wait, cut into segments when a datagram has room for them. Not thread-safe.
/// </summary>
internal sealed class LaneOutbox : IDisposable
{
    private readonly ByteQueue bytes;
    private readonly BufferPool pool;
    private readonly MspMachine machine;
    private readonly bool isStream;
    private readonly bool isReplies;
    private readonly Queue<(ulong Sequence, ulong Messages)> ends = new();
    private byte[]? name;
    private bool announces;
    private long waiting;
    private int restOfFirst;
    private ulong cut;

    /// <param name="machine">Where segments go.</param>
    /// <param name="pool">Where waiting bytes live.</param>
    /// <param name="isStream">Bytes without boundaries, not frames.</param>
    /// <param name="opened">The protocol to name in the first frame; the default on the acceptor's side.</param>
    public LaneOutbox(MspMachine machine, BufferPool pool, bool isStream, ProtocolId opened)
    {
        this.machine = machine;
        this.pool = pool;
        this.isStream = isStream;
        isReplies = opened.IsEmpty && !isStream;
        bytes = new ByteQueue(pool);
        name = opened.IsEmpty ? null : Encoding.ASCII.GetBytes(opened.Name);
    }

    /// <summary>Messages accepted; of a stream, bytes.</summary>
    public ulong Sent { get; private set; }

    /// <summary>As many of these the peer has acknowledged.</summary>
    public ulong Delivered { get; private set; }

    /// <summary>Bytes that wait for a segment.</summary>
    public long BytesWaiting => bytes.Length;

    /// <summary>A segment could be cut.</summary>
    public bool HasBytes => bytes.Length > 0 || announces;

    /// <summary>
    /// Room for a message of that length that was refused: only when half is free (LANE-069). A sender that came back for each message
    /// that left would send one at a time.
    /// </summary>
    public bool HasRoomAgain(int length) => HasRoom(length)
        && bytes.Length + (waiting * Limits.LaneMessageOverhead) <= Limits.LaneSendBufferBytes / 2;

    // How a message begins that names no protocol and is no request.
    private static ReadOnlySpan<byte> Continuation => [(byte)FrameType.Continuation, 0, (byte)LaneFrame.ProtocolInt];

    /// <summary>Room for a message of that length: 256 KiB, or one message of any length (LANE-036).</summary>
    public bool HasRoom(int length) => bytes.Length == 0
        || bytes.Length + length + ((waiting + 1) * Limits.LaneMessageOverhead) <= Limits.LaneSendBufferBytes;

    /// <summary>Appends a message; of a stream, bytes.</summary>
    /// <param name="message">The message.</param>
    /// <param name="requestId">The id of a request; 0 for none.</param>
    public void Add(ReadOnlySpan<byte> message, ulong requestId)
    {
        if (isStream)
        {
            // An empty run says nothing, but it can open a stream.
            announces |= name is not null;
            bytes.Write(message);
            Sent += (ulong)message.Length;
            return;
        }

        if (name is null && requestId == 0)
            AddFrame(Continuation, message);
        else
            AddNamedOrTagged(message, requestId);
        Sent++;
    }

    /// <summary>Appends a REPLY.</summary>
    public void AddReply(ulong id, ReplyStatus status, ReadOnlySpan<byte> message)
    {
        Span<byte> head = stackalloc byte[2 + Uvarint.LengthMax];
        var writer = new WireWriter(head);
        BareFrameWriter.TryWriteReply(ref writer, id, status, default);
        AddFrame(writer.Written, message);
    }

    /// <summary>Makes the opening visible although nothing was said.</summary>
    public void Announce() => announces |= name is not null && isStream;

    /// <summary>Bytes of segment data that all that waits would take; more than <paramref name="most"/> counts as that.</summary>
    public int Wanted(int most) => (int)Math.Min(most, LaneSegment.SpanLength + bytes.Length + (name?.Length + 16 ?? 8));

    /// <summary>Cuts a segment of at most <paramref name="room"/> bytes of data and gives it to the machine.</summary>
    /// <param name="room">Enough for the first frame up to its message.</param>
    public void Cut(int room)
    {
        Invariant.Check(HasBytes && machine.CanAppend);
        var before = cut;
        var most = Wanted(room);
        var buffer = pool.Rent(most);
        var length = isStream ? CutStream(buffer.AsSpan(0, most)) : CutFrames(buffer.AsSpan(0, most));
        var sequence = machine.Append(buffer, length);
        if (cut > before)
            ends.Enqueue((sequence, cut));
    }

    /// <summary>The peer's acknowledgement moved; true when it delivered messages.</summary>
    public bool OnAcknowledged()
    {
        var before = Delivered;
        while (ends.TryPeek(out var end) && end.Sequence < machine.FirstUnacknowledged)
        {
            Delivered = end.Messages;
            ends.Dequeue();
        }

        return Delivered > before;
    }

    public void Dispose() => bytes.Dispose();

    // The heads are written once: what waits are the chunks of whole frames, as a segment holds them.
    private void AddFrame(ReadOnlySpan<byte> head, ReadOnlySpan<byte> message)
    {
        waiting++;
        var length = head.Length + message.Length;
        var prefix = Uvarint.Length((ulong)length);
        var isInOnePiece = prefix + length <= ByteQueue.RunMax;
        var start = bytes.Append(isInOnePiece ? prefix + length : prefix + head.Length);
        Uvarint.Write(start, (ulong)length);
        head.CopyTo(start[prefix..]);
        if (isInOnePiece)
            message.CopyTo(start[(prefix + head.Length)..]);
        else
            bytes.Write(message);
    }

    private void AddNamedOrTagged(ReadOnlySpan<byte> message, ulong requestId)
    {
        Span<byte> head = stackalloc byte[LaneFrame.OverheadMax];
        var writer = new WireWriter(head);
        switch (name, requestId)
        {
            case (null, _):
                BareFrameWriter.TryWriteTaggedContinuation(ref writer, TaggedKind.Request, requestId, LaneFrame.ProtocolInt, default);
                break;
            case (_, 0):
                BareFrameWriter.TryWriteInit(ref writer, LaneFrame.MessagesTransport, name, LaneFrame.ProtocolInt, default);
                break;
            default:
                BareFrameWriter.TryWriteTaggedInit(
                    ref writer, TaggedKind.Request, requestId, LaneFrame.MessagesTransport, name, LaneFrame.ProtocolInt, default);
                break;
        }

        name = null;
        AddFrame(writer.Written, message);
    }

    // LANE-020, LANE-021: chunks until the room or the frames end; the last one may go on in the next segment.
    private int CutFrames(Span<byte> segment)
    {
        segment[0] = restOfFirst > 0 ? LaneSegment.ContinuesLast : (byte)0;
        var position = LaneSegment.SpanLength;
        while (bytes.Length > 0 && segment.Length - position > 1)
        {
            if (restOfFirst == 0 && TryCutWhole(segment, ref position))
                continue;
            if (!TryCutPiece(segment, ref position))
                break;
        }

        if (restOfFirst > 0)
            segment[0] |= LaneSegment.ContinuesNext;
        return position;
    }

    // As many whole frames as fit, of those that stand in one piece.
    private bool TryCutWhole(Span<byte> segment, ref int position)
    {
        var run = bytes.First;
        var room = Math.Min(run.Length, segment.Length - position);
        var length = 0;
        var count = 0;
        for (var end = LaneSegment.EndOfChunk(run, 0); end <= room; end = LaneSegment.EndOfChunk(run, end))
        {
            length = end;
            count++;
            if (end == run.Length)
                break;
        }

        if (count == 0)
            return false;

        run[..length].CopyTo(segment[position..]);
        position += length;
        bytes.Skip(length);
        Leave(count);
        return true;
    }

    // The first bytes of a frame that does not fit, or the next ones; true when it has come to its end.
    private bool TryCutPiece(Span<byte> segment, ref int position)
    {
        if (restOfFirst == 0)
        {
            bytes.Skip(Uvarint.Read(bytes.First, out var length));
            restOfFirst = (int)length;
        }

        var writer = new WireWriter(segment[position..]);
        var room = writer.Remaining - (writer.Remaining - 1 < 0x80 ? 1 : 2);
        var count = Math.Min(room, restOfFirst);
        writer.WriteUvarint((ulong)count);
        bytes.Read(writer.Reserve(count));
        position += writer.Position;
        restOfFirst -= count;
        if (restOfFirst > 0)
            return false;

        Leave(1);
        return true;
    }

    // Frames are in segments to their end.
    private void Leave(int count)
    {
        waiting -= count;
        if (!isReplies)
            cut += (ulong)count;
    }

    // LANE-042: a stream's segment is one frame of its own, so that its bytes can be read as they come.
    private int CutStream(Span<byte> segment)
    {
        var head = name is null ? FrameSize.Continuation(0) : FrameSize.Init(name.Length, 0);
        var room = segment.Length - LaneSegment.SpanLength - (segment.Length > 0x80 ? 2 : 1) - head;
        var count = (int)Math.Min(room, bytes.Length);
        var writer = new WireWriter(segment);
        writer.WriteByte(0);
        writer.WriteUvarint((ulong)(head + count));
        if (name is null)
            BareFrameWriter.TryWriteContinuation(ref writer, LaneFrame.ProtocolInt, default);
        else
            BareFrameWriter.TryWriteInit(ref writer, LaneFrame.StreamTransport, name, LaneFrame.ProtocolInt, default);
        bytes.Read(writer.Reserve(count));
        name = null;
        announces = false;
        cut += (ulong)count;
        return writer.Position;
    }
}
