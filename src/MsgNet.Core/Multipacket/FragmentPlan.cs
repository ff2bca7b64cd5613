namespace MsgNet.Core;

/// <summary>How a frame that fits no datagram is cut: 2 to 64 pieces, all equally long but the last, which may be shorter.</summary>
/// <param name="FrameLength">Bytes of the whole frame.</param>
/// <param name="Count">Pieces.</param>
/// <param name="PieceLength">Bytes of every piece but the last.</param>
internal readonly record struct FragmentPlan(int FrameLength, int Count, int PieceLength)
{
    /// <summary>Plans the cut; false when the frame is larger than the peer reassembles, or needs more than 64 pieces.</summary>
    /// <param name="id">The id the pieces will carry; its length counts.</param>
    /// <param name="frameLength">Bytes of the frame.</param>
    /// <param name="room">Bytes for the frame list of one otherwise empty datagram.</param>
    /// <param name="plan">The plan.</param>
    /// <exception cref="ArgumentException">The frame fits <paramref name="room"/> whole.</exception>
    public static bool TryMake(ulong id, int frameLength, int room, out FragmentPlan plan)
    {
        plan = default;
        if (frameLength <= FrameSize.LargestListed(room))
            throw new ArgumentException($"A frame of {frameLength} bytes fits {room} bytes whole: send it as it is.", nameof(frameLength));

        var pieceMax = FrameSize.LargestListed(room) - FrameSize.Fragment(id, 0);
        if (pieceMax < 1 || frameLength > FrameSize.Max)
            return false;

        // MP-052. Pieces of almost one size: the last is not a crumb with a packet of its own.
        var count = DivideUp(frameLength, pieceMax);
        if (count > Limits.FragmentsMax)
            return false;

        plan = new FragmentPlan(frameLength, count, DivideUp(frameLength, count));
        return true;
    }

    /// <summary>Where piece <paramref name="index"/> lies in the frame.</summary>
    public Range this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
            return (index * PieceLength)..Math.Min(FrameLength, (index + 1) * PieceLength);
        }
    }

    private static int DivideUp(int dividend, int divisor) => (dividend + divisor - 1) / divisor;
}
