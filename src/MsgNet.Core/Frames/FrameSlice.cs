namespace MsgNet.Core;

/// <summary>One frame of a list, borrowed from it: valid as long as the list's bytes.</summary>
internal readonly ref struct FrameSlice
{
    internal FrameSlice(byte type, ReadOnlySpan<byte> body, int bodyOffset)
    {
        Type = (FrameType)type;
        Body = body;
        BodyOffset = bodyOffset;
    }

    /// <summary>The type byte, possibly one that <see cref="FrameType"/> does not name.</summary>
    public FrameType Type { get; }

    /// <summary>The bytes after the type.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>Where <see cref="Body"/> begins, counted from the start of the list.</summary>
    public int BodyOffset { get; }
}
