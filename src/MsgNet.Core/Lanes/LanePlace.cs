namespace MsgNet.Core;

/// <summary>Where on a lane a frame stands, which decides what it may be.</summary>
internal enum LanePlace : byte
{
    /// <summary>The first frame of the opener's direction.</summary>
    First,

    /// <summary>The same of a stream lane.</summary>
    FirstOfStream,

    /// <summary>A later frame of the opener's direction.</summary>
    Messages,

    /// <summary>The acceptor's direction of a message lane.</summary>
    Replies,

    /// <summary>A later frame of the opener's direction of a stream lane, or any of the acceptor's.</summary>
    Stream,
}
