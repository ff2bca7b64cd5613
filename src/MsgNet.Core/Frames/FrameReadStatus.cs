namespace MsgNet.Core;

/// <summary>What <see cref="FrameListReader.TryNext"/> found.</summary>
internal enum FrameReadStatus
{
    /// <summary>A frame.</summary>
    Frame,

    /// <summary>The end of the list: the last byte, or a length of 0 before padding.</summary>
    End,

    /// <summary>A length that is malformed or points past the end: the rest is dropped, and this counts as one bad frame.</summary>
    Truncated,
}
