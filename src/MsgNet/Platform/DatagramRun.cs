namespace MsgNet.Platform;

/// <summary>
/// Walks a run: datagrams of one address that stand one after the other and travel in one call. All are of one size, but the last, which
/// may be shorter; a run of no bytes is one empty datagram.
/// </summary>
/// <param name="length">Bytes of the run.</param>
/// <param name="segmentSize">Bytes of each datagram but the last; above 0, except in a run of no bytes.</param>
internal struct DatagramRun(int length, int segmentSize)
{
    private int taken;

    /// <summary>Datagrams in it.</summary>
    public int Count { get; } = length <= segmentSize ? 1 : (length + segmentSize - 1) / segmentSize;

    /// <summary>The last datagram was taken.</summary>
    public readonly bool IsEnded => taken == Count;

    /// <summary>Where the next datagram stands; false when there is none.</summary>
    public bool TryNext(out Range datagram)
    {
        if (IsEnded)
        {
            datagram = default;
            return false;
        }

        var start = taken++ * segmentSize;
        datagram = start..Math.Min(start + segmentSize, length);
        return true;
    }
}
