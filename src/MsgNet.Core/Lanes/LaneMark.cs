namespace MsgNet.Core;

/// <summary>What a lane remembers of a segment until it is consumed.</summary>
internal struct LaneMark
{
    /// <summary>Reasons not to consume it: messages that end in it and are not done with, and one until it was read to its end.</summary>
    public ushort Pending;

    /// <summary>Segments before it that hold earlier chunks of its first frame, as far as they are here without a gap.</summary>
    public ushort Back;

    /// <summary>Segments after it that hold later chunks of its last frame, as far as they are here without a gap.</summary>
    public ushort Ahead;

    /// <summary>It came in the first flight.</summary>
    public bool Early;

    /// <summary>Its whole frames were handed over.</summary>
    public bool WholeDone;

    /// <summary>The frame that its first chunk continues was handed over.</summary>
    public bool HeadDone;

    /// <summary>The frame that its last chunk begins was handed over.</summary>
    public bool TailDone;

    /// <summary>A chunk of that kind was handed over.</summary>
    public readonly bool IsDone(LaneChunk kind) =>
        kind == LaneChunk.Whole ? WholeDone : (kind & LaneChunk.Continues) != 0 ? HeadDone : TailDone;
}
