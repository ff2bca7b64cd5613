namespace MsgNet.Core;

/// <summary>ASSOCIATION: the first frame of a MsgNet stream, both ways; equal peers and incarnations share one association.</summary>
internal readonly ref struct AssociationFrame
{
    private AssociationFrame(ulong incarnation) => Incarnation = incarnation;

    /// <summary>The sender's incarnation.</summary>
    public ulong Incarnation { get; }

    /// <summary>Reads a body; false when it breaks a rule.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out AssociationFrame frame)
    {
        var reader = new WireReader(body);
        // MP-013
        var valid = reader.TryReadUInt64BigEndian(out var incarnation) && reader.IsEmpty;
        frame = valid ? new AssociationFrame(incarnation) : default;
        return valid;
    }
}
