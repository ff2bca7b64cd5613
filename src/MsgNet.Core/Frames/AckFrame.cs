namespace MsgNet.Core;

/// <summary>ACK: the mapping of that transport id is known here, and its path preferred.</summary>
internal readonly ref struct AckFrame
{
    private AckFrame(ushort value) => TransportId = value;

    /// <summary>The transport id of the INIT that is acknowledged.</summary>
    public ushort TransportId { get; }

    /// <summary>Reads a body; false when it breaks a rule.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out AckFrame frame)
    {
        var reader = new WireReader(body);
        // MP-002
        var valid = reader.TryReadUInt16BigEndian(out var value) && reader.IsEmpty;
        frame = valid ? new AckFrame(value) : default;
        return valid;
    }
}
