using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Gathers datagrams that leave in one call of the system: each is written behind the one before, none is copied. All go to one address
/// and are of one size; a shorter one ends the run.
/// </summary>
internal sealed class OutgoingRun
{
    private readonly byte[] buffer = GC.AllocateUninitializedArray<byte>(Limits.RunBytesMax + Limits.DatagramSizeMax, pinned: true);
    private int start;
    private int end;
    private int count;
    private bool hasShorter;

    /// <summary>Where the next datagram is to be written: room for one of any size.</summary>
    public Span<byte> Room => buffer.AsSpan(end);

    /// <summary>The datagrams, one after the other.</summary>
    public ReadOnlySpan<byte> Datagrams => buffer.AsSpan(start, end - start);

    /// <summary>Bytes of each, but the last; of an empty run, those of the one before.</summary>
    public int SegmentSize { get; private set; }

    /// <summary>Where they go.</summary>
    public NetAddress To { get; private set; }

    public bool IsEmpty => count == 0;

    /// <summary>No datagram can follow.</summary>
    public bool IsFull =>
        hasShorter
        || count == Limits.RunDatagramsMax
        || Datagrams.Length + SegmentSize > Limits.RunBytesMax
        || Room.Length < Limits.DatagramSizeMax;

    /// <summary>
    /// Takes the datagram that was written at <see cref="Room"/>. False when it is not of this run, which then has to leave before
    /// <see cref="Restart"/>.
    /// </summary>
    public bool TryAdd(in NetAddress to, int length) // API-201
    {
        if (IsEmpty)
        {
            Restart(to, length);
            return true;
        }

        if (IsFull || length > SegmentSize || to != To)
            return false;

        hasShorter = length < SegmentSize;
        end += length;
        count++;
        return true;
    }

    /// <summary>Begins a run with the datagram that was written at <see cref="Room"/>.</summary>
    public void Restart(in NetAddress to, int length)
    {
        To = to;
        SegmentSize = length;
        hasShorter = false;
        start = end;
        end += length;
        count = 1;
    }

    /// <summary>The run has left.</summary>
    public void Clear()
    {
        start = end = count = 0;
        hasShorter = false;
    }
}
