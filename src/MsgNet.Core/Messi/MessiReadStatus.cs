namespace MsgNet.Core;

/// <summary>What <see cref="MessiFrameReader.Read"/> found.</summary>
public enum MessiReadStatus
{
    /// <summary>A frame.</summary>
    Frame,

    /// <summary>The bytes end before the frame does; see <see cref="MessiFrameReader.Needed"/>.</summary>
    NeedMore,

    /// <summary>The frame is larger than what this end takes. The connection has to be closed.</summary>
    TooBig,

    /// <summary>At a server: a frame of a type that no client sends. The connection has to be closed.</summary>
    Unexpected,
}
