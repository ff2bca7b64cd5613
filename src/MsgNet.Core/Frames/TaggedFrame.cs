namespace MsgNet.Core;

/// <summary>TAGGED: an INIT or CONTINUATION that carries an id. Borrowed from the bytes it was read from.</summary>
internal readonly ref struct TaggedFrame
{
    private TaggedFrame(TaggedKind kind, ulong id, ReadOnlySpan<byte> inner, int innerOffset)
    {
        Kind = kind;
        Id = id;
        Inner = inner;
        InnerOffset = innerOffset;
    }

    /// <summary>What the id is for.</summary>
    public TaggedKind Kind { get; }

    /// <summary>The id, from 1, one numbering for both kinds per association and direction.</summary>
    public ulong Id { get; }

    /// <summary>The whole inner frame, type byte first; its type is allowed, its body not yet read.</summary>
    public ReadOnlySpan<byte> Inner { get; }

    /// <summary>Where <see cref="Inner"/> begins in the body.</summary>
    public int InnerOffset { get; }

    /// <summary>INIT or CONTINUATION.</summary>
    public FrameType InnerType => Inner.IsEmpty ? FrameType.None : (FrameType)Inner[0];

    /// <summary>The inner frame without its type byte; it begins at <see cref="InnerOffset"/> + 1 of the body.</summary>
    public ReadOnlySpan<byte> InnerBody => Inner.IsEmpty ? default : Inner[1..];

    /// <summary>Reads a body; false when it breaks a rule.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out TaggedFrame frame)
    {
        frame = default;
        var reader = new WireReader(body);
        // MP-005, MP-023
        if (!reader.TryReadByte(out var kind)
            || (TaggedKind)kind is not (TaggedKind.Once or TaggedKind.Request)
            || !reader.TryReadUvarint(out var id)
            || id == 0
            || reader.IsEmpty
            || !FrameRules.IsTaggable((FrameType)reader.Rest[0]))
        {
            return false;
        }

        frame = new TaggedFrame((TaggedKind)kind, id, reader.Rest, body.Length - reader.Remaining);
        return true;
    }
}
