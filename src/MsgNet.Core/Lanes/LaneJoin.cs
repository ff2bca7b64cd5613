namespace MsgNet.Core;

/// <summary>One frame that is put together from chunks; grows with what was received only (LANE-034). Not thread-safe.</summary>
internal sealed class LaneJoin(LaneMemory memory)
{
    // What begins in one segment and ends in the next is copied once.
    private const int LengthMin = 2_048;

    private byte[]? buffer;
    private int length;
    private bool hasSlot;

    /// <summary>The frame so far.</summary>
    public ReadOnlySpan<byte> Bytes => buffer.AsSpan(0, length);

    /// <summary>Nothing was added.</summary>
    public bool IsEmpty => length == 0;

    /// <summary>True when no message of this size is taken.</summary>
    public bool IsTooLong(int more) => (long)length + more > (long)memory.MessageSizeMax + LaneFrame.OverheadMax;

    /// <summary>Appends a chunk; false when that needs a slot and none is free.</summary>
    public bool TryAdd(ReadOnlySpan<byte> chunk)
    {
        var total = length + chunk.Length;
        if (total > Limits.LaneJoinBytesFree && !hasSlot)
        {
            hasSlot = memory.TryTakeSlot();
            if (!hasSlot)
                return false;
        }

        if (buffer is null || buffer.Length < total)
        {
            var larger = memory.Pool.Rent(Math.Max(Math.Max(total, 2 * length), LengthMin));
            Bytes.CopyTo(larger);
            if (buffer is not null)
                memory.Pool.Return(buffer);
            buffer = larger;
        }

        chunk.CopyTo(buffer.AsSpan(length));
        length = total;
        return true;
    }

    /// <summary>Forgets the frame.</summary>
    public void Clear()
    {
        if (buffer is not null)
            memory.Pool.Return(buffer);
        if (hasSlot)
            memory.ReleaseSlot();
        buffer = null;
        hasSlot = false;
        length = 0;
    }
}
