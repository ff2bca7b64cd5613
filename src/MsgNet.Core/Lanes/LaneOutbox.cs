using System.Text;

namespace MsgNet.Core;

/// <summary>
/// What one lane has still to send: frames that wait, cut into segments when a datagram has room for them. Not thread-safe.
/// </summary>
internal sealed class LaneOutbox : IDisposable
{
    private readonly ByteQueue bytes;
    private readonly MspMachine machine;
    private readonly bool isStream;
    private readonly Queue<Waiting> waiting = new();
    private readonly Queue<(ulong Sequence, ulong Messages)> ends = new();
    private byte[]? name;
    private bool announces;
    private long overhead;
    private int restOfFirst;
    private ulong cut;

    /// <param name="machine">Where segments go.</param>
    /// <param name="pool">Where waiting bytes live.</param>
    /// <param name="isStream">Bytes without boundaries, not frames.</param>
    /// <param name="opened">The protocol to name in the first frame; the default on the acceptor's side.</param>
    public LaneOutbox(MspMachine machine, BufferPool pool, bool isStream, ProtocolId opened)
    {
        this.machine = machine;
        this.isStream = isStream;
        bytes = new ByteQueue(pool);
        name = opened.IsEmpty ? null : Encoding.ASCII.GetBytes(opened.Name);
    }

    /// <summary>Messages accepted.</summary>
    public ulong Sent { get; private set; }

    /// <summary>Messages that the peer has acknowledged.</summary>
    public ulong Delivered { get; private set; }

    /// <summary>Bytes that wait for a segment.</summary>
    public long BytesWaiting => bytes.Length;

    /// <summary>A segment could be cut.</summary>
    public bool HasBytes => bytes.Length > 0 || announces;

    /// <summary>Room for a message of that length: 256 KiB, or one message of any length (LANE-036).</summary>
    public bool HasRoom(int length) =>
        waiting.Count == 0 || bytes.Length + overhead + length + Limits.LaneMessageOverhead <= Limits.LaneSendBufferBytes;

    /// <summary>Appends a message; of a stream, bytes.</summary>
    /// <param name="message">The message.</param>
    /// <param name="requestId">The id of a request; 0 for none.</param>
    public void Add(ReadOnlySpan<byte> message, ulong requestId)
    {
        // An empty run says nothing, but it can open a stream.
        if (isStream && message.IsEmpty && name is null)
            return;

        var before = bytes.Length;
        if (!isStream)
            WriteMessageHead(requestId);
        else if (name is not null)
            announces = true;
        bytes.Write(message);
        Sent++;
        Note((int)(bytes.Length - before), isMessage: true);
    }

    /// <summary>Appends a REPLY.</summary>
    public void AddReply(ulong id, ReplyStatus status, ReadOnlySpan<byte> message)
    {
        Span<byte> head = stackalloc byte[2 + Uvarint.LengthMax];
        var writer = new WireWriter(head);
        BareFrameWriter.TryWriteReply(ref writer, id, status, default);
        bytes.Write(writer.Written);
        bytes.Write(message);
        Note(writer.Position + message.Length, isMessage: false);
    }

    /// <summary>Makes the opening visible although nothing was said.</summary>
    public void Announce() => announces |= name is not null && isStream;

    /// <summary>Bytes of segment data that all that waits would take; more than <paramref name="most"/> counts as that.</summary>
    public int Wanted(int most) =>
        (int)Math.Min(most, LaneSegment.SpanLength + bytes.Length + (waiting.Count * 2L) + (name?.Length + 16 ?? 8));

    /// <summary>Cuts a segment of at most <paramref name="room"/> bytes of data and gives it to the machine.</summary>
    /// <param name="room">Enough for the first frame up to its message.</param>
    /// <param name="scratch">At least as long.</param>
    public ulong Cut(int room, Span<byte> scratch)
    {
        Invariant.Check(HasBytes && machine.CanAppend);
        var before = cut;
        var length = isStream ? CutStream(scratch[..room]) : CutFrames(scratch[..room]);
        var sequence = machine.Append(scratch[..length]);
        if (cut > before)
            ends.Enqueue((sequence, cut));
        return sequence;
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

    private void WriteMessageHead(ulong requestId)
    {
        Span<byte> head = stackalloc byte[LaneFrame.OverheadMax];
        var writer = new WireWriter(head);
        switch (name, requestId)
        {
            case (null, 0):
                BareFrameWriter.TryWriteContinuation(ref writer, LaneFrame.ProtocolInt, default);
                break;
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
        bytes.Write(writer.Written);
    }

    private void Note(int length, bool isMessage)
    {
        overhead += Limits.LaneMessageOverhead;
        if (waiting.Count == 0)
            restOfFirst = length;
        waiting.Enqueue(new Waiting(length, isMessage));
    }

    // LANE-020, LANE-021: chunks until the room or the frames end; the last one may go on in the next segment.
    private int CutFrames(Span<byte> segment)
    {
        var isContinuation = waiting.Peek().Length != restOfFirst;
        var writer = new WireWriter(segment);
        writer.WriteByte(0);
        var continues = false;
        while (waiting.Count > 0 && writer.Remaining > 1)
        {
            var room = writer.Remaining - (writer.Remaining - 1 < 0x80 ? 1 : 2);
            var count = Math.Min(room, restOfFirst);
            writer.WriteUvarint((ulong)count);
            bytes.Read(writer.Reserve(count));
            restOfFirst -= count;
            continues = restOfFirst > 0;
            if (continues)
                break;
            Leave();
        }

        segment[0] = (byte)((isContinuation ? LaneSegment.ContinuesLast : 0) | (continues ? LaneSegment.ContinuesNext : 0));
        return writer.Position;
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
        var rest = count;
        while (waiting.Count > 0 && rest >= restOfFirst)
        {
            rest -= restOfFirst;
            Leave();
        }

        restOfFirst -= rest;
        return writer.Position;
    }

    // The first message is in segments to its end.
    private void Leave()
    {
        if (waiting.Dequeue().IsMessage)
            cut++;
        overhead -= Limits.LaneMessageOverhead;
        restOfFirst = waiting.TryPeek(out var next) ? next.Length : 0;
    }

    private readonly record struct Waiting(int Length, bool IsMessage);
}
