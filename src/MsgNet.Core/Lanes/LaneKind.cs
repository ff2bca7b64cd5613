namespace MsgNet.Core;

/// <summary>What a lane is for.</summary>
public enum LaneKind
{
    /// <summary>Messages one way, in order.</summary>
    Ordered,

    /// <summary>Messages one way, each as soon as it is whole.</summary>
    Unordered,

    /// <summary>Bytes both ways, in order.</summary>
    Stream,
}
