namespace MsgNet.Core;

/// <summary>LANE_WINDOW: how many segments beyond its ack a lane's receiver accepts.</summary>
internal readonly ref struct LaneWindowFrame
{
    private LaneWindowFrame(ulong lane, ushort window)
    {
        Lane = lane;
        Window = window;
    }

    /// <summary>The lane: <c>number &lt;&lt; 2 | unordered &lt;&lt; 1 | side</c>.</summary>
    public ulong Lane { get; }

    /// <summary>Segments; the lane judges the value.</summary>
    public ushort Window { get; }

    /// <summary>Reads a body; false when it breaks a rule.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out LaneWindowFrame frame)
    {
        var reader = new WireReader(body);
        // MP-009
        var valid = reader.TryReadUvarint(out var lane) & reader.TryReadUInt16BigEndian(out var window) & reader.IsEmpty;
        frame = valid ? new LaneWindowFrame(lane, window) : default;
        return valid;
    }
}
