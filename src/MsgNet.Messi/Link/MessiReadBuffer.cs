using System.Numerics;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>
/// What one connection reads into. It grows when bytes fill it, and is exchanged for a smaller one when it was too large for a while: by
/// time and not by reads, since a connection that gets much and little in turn would exchange it again and again. Not safe on several
/// threads at once.
/// </summary>
internal struct MessiReadBuffer(TimeProvider time) : IDisposable
{
    private byte[] bytes = MessiBuffers.Shared.Rent(Limits.MessiBufferMin);
    private int end;
    private int most;
    private long since;

    /// <summary>Length of all of it.</summary>
    public readonly int Length => bytes.Length;

    /// <summary>Where to read to; never empty.</summary>
    public readonly Memory<byte> Free => bytes.AsMemory(end);

    /// <summary>What was read and not taken, from an offset on.</summary>
    public readonly ReadOnlySpan<byte> From(int offset) => bytes.AsSpan(offset, end - offset);

    /// <summary>So many bytes were read.</summary>
    public void Add(int count)
    {
        end += count;
        most = Math.Max(most, end);
    }

    /// <summary>The first of its bytes were taken: makes room, and what is read next may go elsewhere.</summary>
    // MESSI-017: what a header claims never makes it larger, only what came.
    public void Take(int count)
    {
        var isFull = end - count == bytes.Length || (end == bytes.Length && bytes.Length < Limits.MessiReadBufferMax);
        var wanted = isFull ? 2 * bytes.Length : bytes.Length;
        if (!isFull && bytes.Length > Limits.MessiBufferMin && time.GetElapsedTime(since) >= Limits.MessiBufferPeriod)
        {
            wanted = Math.Min(wanted, Math.Max(Limits.MessiBufferMin, (int)BitOperations.RoundUpToPowerOf2(2 * (uint)most)));
            (most, since) = (end - count, time.GetTimestamp());
        }

        var rest = From(count);
        end = rest.Length;
        if (wanted == bytes.Length)
        {
            if (count > 0)
                rest.CopyTo(bytes);
            return;
        }

        if (isFull)
            since = time.GetTimestamp();
        var other = MessiBuffers.Shared.Rent(wanted);
        rest.CopyTo(other);
        MessiBuffers.Shared.Return(bytes);
        bytes = other;
    }

    public readonly void Dispose() => MessiBuffers.Shared.Return(bytes);
}
