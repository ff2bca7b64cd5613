using System.Buffers;
using System.Numerics;

namespace MsgNet.Core;

/// <summary>
/// Joins the pieces of one peer's FRAGMENTs. Pieces are appended as they come and put in order once all are here, so memory grows with
/// the bytes received and never with what a header claims. At most 128 frames and 256 KiB are unfinished, the oldest goes; each waits 2 s
/// at most; a piece that disagrees with the others on count or length drops its frame, a repeated one changes nothing. Buffers are
/// pooled, and what is given up is counted. Not safe for concurrent use.
/// </summary>
internal sealed class FragmentReassembler(NodeCounters counters)
{
    private const int PartialsMin = 8;

    private Partial[] partials = [];
    private int count;

    /// <summary>Frames that wait for pieces, 0 to 128.</summary>
    public int UnfinishedCount => count;

    /// <summary>Bytes held by them, 0 to 256 KiB.</summary>
    public int UnfinishedBytes { get; private set; }

    /// <summary>When <see cref="Expire"/> has something to do.</summary>
    public Instant NextTimer => count == 0 ? Instant.Never : partials[0].Started + Limits.ReassemblyLifetime;

    /// <summary>Takes a piece. True when it was the last one missing.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="piece">The piece; copied.</param>
    /// <param name="frame">
    /// The whole frame, type byte first, its type unchecked. Its array is the caller's, who returns it to the shared
    /// <see cref="ArrayPool{T}"/>.
    /// </param>
    public bool OnFragment(Instant now, in FragmentFrame piece, out ArraySegment<byte> frame)
    {
        frame = default;
        Expire(now);
        var at = IndexOf(piece.Id);
        if (at < 0)
        {
            // MP-055
            if (count == Limits.ReassembliesMax)
                Drop(0);
            if (count == partials.Length)
                Array.Resize(ref partials, Math.Max(PartialsMin, 2 * count));
            at = count++;
            partials[at].Begin(now, piece.Id, piece.Count);
        }

        if (!partials[at].Agrees(piece))
        {
            Drop(at);
            return false;
        }

        if (partials[at].Has(piece.Index))
            return false;

        // MP-055
        while (UnfinishedBytes + piece.Bytes.Length > Limits.ReassemblyBytesMax)
        {
            Drop(0);
            if (at-- == 0)
                return false;
        }

        partials[at].Append(piece);
        UnfinishedBytes += piece.Bytes.Length;
        if (!partials[at].IsComplete) // MP-053
            return false;

        var joined = partials[at].TakeFrame(out var length);
        Remove(at, length);
        frame = new ArraySegment<byte>(joined, 0, length);
        return true;
    }

    /// <summary>Gives up the frames that waited 2 s.</summary>
    public void Expire(Instant now)
    {
        while (count > 0 && now >= NextTimer)
            Drop(0);
    }

    /// <summary>Gives up everything unfinished and its memory.</summary>
    public void Clear()
    {
        while (count > 0)
            Drop(0);
    }

    private int IndexOf(ulong id)
    {
        for (var i = 0; i < count; i++)
        {
            if (partials[i].Id == id)
                return i;
        }

        return -1;
    }

    private void Drop(int at)
    {
        counters.CountDropped(DropReason.Incomplete);
        var length = partials[at].Length;
        partials[at].Discard();
        Remove(at, length);
    }

    // Oldest first, always.
    private void Remove(int at, int length)
    {
        UnfinishedBytes -= length;
        count--;
        Array.Copy(partials, at + 1, partials, at, count - at);
        partials[count] = default;
    }

    private struct Partial
    {
        private int pieces;
        private int pieceLength;
        private int lastLength;
        private ulong received;
        private byte[]? buffer;
        private byte[]? arrivals;

        public ulong Id { get; private set; }

        public Instant Started { get; private set; }

        public int Length { get; private set; }

        public readonly bool IsComplete => BitOperations.PopCount(received) == pieces;

        public void Begin(Instant now, ulong id, int pieceCount)
        {
            Id = id;
            Started = now;
            pieces = pieceCount;
            arrivals = ArrayPool<byte>.Shared.Rent(Limits.FragmentsMax);
        }

        public readonly bool Has(int index) => (received & (1UL << index)) != 0;

        // MP-052, MP-054; a length not yet known is 0. The sum bounds what a correct sender can mean.
        public readonly bool Agrees(in FragmentFrame piece)
        {
            var isLast = piece.Index == pieces - 1;
            var known = isLast ? lastLength : pieceLength;
            var each = isLast ? pieceLength : piece.Bytes.Length;
            var last = isLast ? piece.Bytes.Length : lastLength;
            return piece.Count == pieces
                && (known == 0 || known == piece.Bytes.Length)
                && (each == 0 || last <= each)
                && ((pieces - 1) * (long)each) + last <= FrameSize.Max;
        }

        public void Append(in FragmentFrame piece)
        {
            Reserve(Length + piece.Bytes.Length);
            piece.Bytes.CopyTo(buffer.AsSpan(Length));
            Length += piece.Bytes.Length;
            arrivals![BitOperations.PopCount(received)] = (byte)piece.Index;
            received |= 1UL << piece.Index;
            if (piece.Index == pieces - 1)
                lastLength = piece.Bytes.Length;
            else
                pieceLength = piece.Bytes.Length;
        }

        // Hands the buffer over: as it is when the pieces came in order, else a copy in order.
        public byte[] TakeFrame(out int length)
        {
            length = Length;
            var ordered = true;
            for (var i = 0; i < pieces; i++)
                ordered &= arrivals![i] == i;
            var frame = buffer!;
            if (ordered)
                buffer = null;
            else
                frame = CopyInOrder();
            Discard();
            return frame;
        }

        public void Discard()
        {
            if (buffer is not null)
                ArrayPool<byte>.Shared.Return(buffer);
            if (arrivals is not null)
                ArrayPool<byte>.Shared.Return(arrivals);
            buffer = null;
            arrivals = null;
        }

        private readonly byte[] CopyInOrder()
        {
            var frame = ArrayPool<byte>.Shared.Rent(Length);
            var from = 0;
            for (var i = 0; i < pieces; i++)
            {
                var index = arrivals![i];
                var length = index == pieces - 1 ? lastLength : pieceLength;
                buffer.AsSpan(from, length).CopyTo(frame.AsSpan(index * pieceLength));
                from += length;
            }

            return frame;
        }

        private void Reserve(int size)
        {
            if (buffer is not null && buffer.Length >= size)
                return;

            var larger = ArrayPool<byte>.Shared.Rent(buffer is null ? size : Math.Max(size, buffer.Length * 2));
            if (buffer is not null)
            {
                buffer.AsSpan(0, Length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
            }

            buffer = larger;
        }
    }
}
