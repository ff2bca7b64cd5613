namespace MsgNet.Core;

/// <summary>Which part of its frame a chunk is.</summary>
[Flags]
internal enum LaneChunk : byte
{
    /// <summary>All of it.</summary>
    Whole = 0,

    /// <summary>The frame began in a segment before.</summary>
    Continues = 1,

    /// <summary>The frame goes on in the next segment.</summary>
    IsContinued = 2,
}
