using MsgNet.Core;

namespace MsgNet.Platform;

/// <summary>A run of datagrams of one address (see <see cref="DatagramRun"/>) as it came; a view of memory that its port owns.</summary>
internal readonly unsafe struct ReceivedRun
{
    private readonly byte* start;
    private readonly int length;

    /// <param name="from">Who sent them, as far as can be told.</param>
    /// <param name="start">Where they stand; does not move.</param>
    /// <param name="length">Bytes of all of them.</param>
    /// <param name="segmentSize">Bytes of each but the last, which may be shorter.</param>
    public ReceivedRun(in NetAddress from, byte* start, int length, int segmentSize)
    {
        From = from;
        SegmentSize = segmentSize;
        this.start = start;
        this.length = length;
    }

    /// <summary>Who sent them, as far as can be told.</summary>
    public NetAddress From { get; }

    /// <summary>Bytes of each datagram but the last, which may be shorter.</summary>
    public int SegmentSize { get; }

    /// <summary>The datagrams, one after the other; may be overwritten.</summary>
    public Span<byte> Datagrams => new(start, length);
}
