using System.Buffers.Binary;

namespace MsgNet.Core;

/// <summary>
/// What came with a cookie from peers whose clock is ahead: their earlier, cookie-less images carry the same timestamp and would become
/// timely one day. One floor for each of many peers, in a table of fixed size that never forgets: peers that share a floor pay a RETRY.
/// </summary>
/// <remarks>The hash is keyed, so that nobody outside can choose with whom to share. The table is made at first need.</remarks>
internal sealed class TimestampFloors(IRandom random)
{
    private ulong[]? floors;
    private ulong hashKey;

    /// <summary>Frames of an attempt of <paramref name="key"/> (32 bytes) were delivered that is dated in the future.</summary>
    public void Raise(ReadOnlySpan<byte> key, ulong timestamp)
    {
        if (floors is null)
        {
            floors = new ulong[Limits.TimestampFloorsMax];
            hashKey = random.NextUInt64() | 1;
        }

        ref var floor = ref floors[IndexOf(key, floors.Length)];
        floor = Math.Max(floor, timestamp);
    }

    /// <summary>True when no such attempt of that peer is as young.</summary>
    public bool IsAbove(ReadOnlySpan<byte> key, ulong timestamp) => floors is null || timestamp > floors[IndexOf(key, floors.Length)];

    private int IndexOf(ReadOnlySpan<byte> key, int length) =>
        (int)((BinaryPrimitives.ReadUInt64LittleEndian(key) * hashKey) >> 40) % length;
}
