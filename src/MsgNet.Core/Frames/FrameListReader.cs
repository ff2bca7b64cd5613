namespace MsgNet.Core;

/// <summary>
/// Walks <c>*( uvarint length ‖ frame ) [ 00 ‖ padding ]</c>, the content of every sealed datagram. Borrows the list, allocates
/// nothing, never throws. Stays at <see cref="FrameReadStatus.End"/> once it or <see cref="FrameReadStatus.Truncated"/> was returned.
/// </summary>
/// <param name="list">The whole list; borrowed.</param>
internal ref struct FrameListReader(ReadOnlySpan<byte> list)
{
    private readonly ReadOnlySpan<byte> list = list;
    private int position;

    /// <summary>Moves to the next frame.</summary>
    /// <param name="frame">The frame; empty unless <see cref="FrameReadStatus.Frame"/> is returned.</param>
    public FrameReadStatus TryNext(out FrameSlice frame)
    {
        frame = default;
        if (position == list.Length)
            return FrameReadStatus.End;

        var prefix = Uvarint.Read(list[position..], out var length);
        var start = position + prefix;
        // MP-026
        if (prefix == 0 || length > (ulong)(list.Length - start))
        {
            position = list.Length;
            return FrameReadStatus.Truncated;
        }

        // MP-022
        if (length == 0)
        {
            position = list.Length;
            return FrameReadStatus.End;
        }

        // MP-021
        position = start + (int)length;
        frame = new FrameSlice(list[start], list[(start + 1)..position], start + 1);
        return FrameReadStatus.Frame;
    }

    /// <summary>Passes over the CONTINUATION frames that come next and are of the same protocol as one before; returns how many.</summary>
    /// <param name="body">The body of the one before, which parses; so does each that begins with the same number.</param>
    public int SkipContinuations(ReadOnlySpan<byte> body)
    {
        var count = 0;
        var number = body[..ContinuationFrame.NumberLength];
        for (var ahead = this; ahead.TryNext(out var next) == FrameReadStatus.Frame; count++)
        {
            if (next.Type != FrameType.Continuation || !next.Body.StartsWith(number))
                break;

            position = ahead.position;
        }

        return count;
    }
}
