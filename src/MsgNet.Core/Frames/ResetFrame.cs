namespace MsgNet.Core;

/// <summary>RESET: messages of that protocol number are not taken here.</summary>
internal readonly ref struct ResetFrame
{
    private ResetFrame(ushort value) => ProtocolInt = value;

    /// <summary>The refused number, 1 to 65,535, in the numbering of this frame's receiver.</summary>
    public ushort ProtocolInt { get; }

    /// <summary>Reads a body; false when it breaks a rule.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out ResetFrame frame)
    {
        var reader = new WireReader(body);
        // MP-004
        var valid = reader.TryReadUInt16BigEndian(out var value) && reader.IsEmpty && value != 0;
        frame = valid ? new ResetFrame(value) : default;
        return valid;
    }
}
